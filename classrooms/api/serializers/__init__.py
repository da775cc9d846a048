"""Classes, members and rosters as the API shows them."""

from classrooms.api.serializers.classrooms import ClassroomSerializer
from classrooms.api.serializers.joining import (
    JoinCodeSerializer,
    JoinRequestSerializer,
    JoinRulesSerializer,
    ClassJoinSerializer,
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
    "ClassroomSerializer",
    "JoinCodeSerializer",
    "JoinRequestSerializer",
    "JoinRulesSerializer",
    "ClassJoinSerializer",
    "MemberAddSerializer",
    "MemberSerializer",
    "MemberUpdateSerializer",
    "RosterImportSerializer",
    "RosterImportSummarySerializer",
    "RosterQuerySerializer",
    "RosterUploadSerializer",
]
