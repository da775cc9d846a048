"""What can be read of classrooms."""

from uuid import UUID

from accounts.models import User
from classrooms.models import Classroom
from config.errors import NotFound


def classroom_ids_of(user: User) -> list[UUID]:
    """The classes whose material the user may search: where they are active and belong.

    This, never the client, decides where a search looks. An admin searches the classes they
    belong to like anyone else.
    """
    belonging = Classroom.objects.filter(is_active=True)
    mine = belonging.filter(teacher=user) | belonging.filter(members__user=user)
    return list(mine.distinct().order_by("pk").values_list("pk", flat=True))


def classroom_by_code_or_id(reference: str) -> Classroom:
    """The class with this join code or id, for operators' commands; NotFound otherwise."""
    found = Classroom.objects.filter(join_code=reference.strip().upper()).first()
    if found is None:
        try:
            found = Classroom.objects.filter(pk=UUID(reference)).first()
        except ValueError:
            found = None
    if found is None:
        raise NotFound(f"no class has the join code or id {reference!r}")
    return found
