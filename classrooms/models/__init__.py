"""The tables of classrooms: the spec's two, how a class is joined, and imports of rosters."""

from classrooms.models.classroom import (
    JOIN_CODE_LENGTH,
    Classroom,
    ClassroomQuerySet,
    Member,
    MemberQuerySet,
    MemberRole,
)
from classrooms.models.joining import JoinRequest, JoinRequestQuerySet, JoinRules
from classrooms.models.roster_import import (
    RosterImport,
    RosterImportQuerySet,
    RosterImportState,
)

__all__ = [
    "JOIN_CODE_LENGTH",
    "Classroom",
    "ClassroomQuerySet",
    "JoinRequest",
    "JoinRequestQuerySet",
    "JoinRules",
    "Member",
    "MemberQuerySet",
    "MemberRole",
    "RosterImport",
    "RosterImportQuerySet",
    "RosterImportState",
]
