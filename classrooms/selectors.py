"""What can be read of classrooms."""

from uuid import UUID

from django.db import connection

from accounts.models import User
from classrooms.models import Classroom
from config.errors import NotFound

_BELONGING = """
    SELECT id FROM classrooms
    WHERE is_active AND (
        teacher_id = %s OR id IN (SELECT classroom_id FROM classroom_members WHERE user_id = %s)
    )
    ORDER BY id
"""


def classroom_ids_of(user: User) -> list[UUID]:
    """The classes whose material the user may search: where they are active and belong.

    This, never the client, decides where a search looks. An admin searches the classes they
    belong to like anyone else.
    """
    # Before every search: as SQL it takes a third of the time that the ORM needs.
    with connection.cursor() as cursor:
        cursor.execute(_BELONGING, [user.pk, user.pk])
        return [row[0] for row in cursor.fetchall()]


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
