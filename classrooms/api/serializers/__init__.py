"""Classes, members and rosters as the API shows them."""

from classrooms.api.serializers.classrooms import ClassroomSerializer
from classrooms.api.serializers.joining import (
    ClassJoinSerializer,
    JoinCodeSerializer,
    JoinRequestSerializer,
    JoinRulesSerializer,
)
from classrooms.api.serializers.members import (
    MemberAddSerializer,
    MemberSerializer,
    MemberUpdateSerializer,
)
from classrooms.api.serializers.rosters import (
    RosterImportSerializer,
    RosterImportSummarySerializer,
    RosterQuerySerializer,
    RosterUploadSerializer,
)

__all__ = [
    "ClassJoinSerializer",
    "ClassroomSerializer",
    "JoinCodeSerializer",
    "JoinRequestSerializer",
    "JoinRulesSerializer",
    "MemberAddSerializer",
    "MemberSerializer",
    "MemberUpdateSerializer",
    "RosterImportSerializer",
    "RosterImportSummarySerializer",
    "RosterQuerySerializer",
    "RosterUploadSerializer",
]
