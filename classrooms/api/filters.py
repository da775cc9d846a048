"""What the lists of classes, members, requests and imports can be narrowed to.

Filters by id compare; they do not look the id up, so no answer tells whether an object that
the caller may not see exists.
"""

from django_filters import rest_framework as filters

from classrooms.models import (
    Classroom,
    JoinRequest,
    Member,
    MemberRole,
    RosterImport,
    RosterImportState,
)


class ClassroomFilter(filters.FilterSet):
    """By subject, teacher, whether it is active, and `q` in the name."""

    subject = filters.CharFilter()
    is_active = filters.BooleanFilter()
    teacher = filters.UUIDFilter(field_name="teacher_id")
    q = filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Classroom
        fields = ()


class MemberFilter(filters.FilterSet):
    """By class, person, role, and `q` in the person's name."""

    classroom = filters.UUIDFilter(field_name="classroom_id")
    user = filters.UUIDFilter(field_name="user_id")
    role = filters.ChoiceFilter(choices=MemberRole.choices)
    q = filters.CharFilter(field_name="user__name", lookup_expr="icontains")

    class Meta:
        model = Member
        fields = ()


class JoinRequestFilter(filters.FilterSet):
    """By class and person."""

    classroom = filters.UUIDFilter(field_name="classroom_id")
    user = filters.UUIDFilter(field_name="user_id")

    class Meta:
        model = JoinRequest
        fields = ()


class RosterImportFilter(filters.FilterSet):
    """By class and state."""

    classroom = filters.UUIDFilter(field_name="classroom_id")
    state = filters.ChoiceFilter(choices=RosterImportState.choices)

    class Meta:
        model = RosterImport
        fields = ()
