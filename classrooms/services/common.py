"""What the services of classes share."""

from typing import Any

from accounts.activity import activity_record
from accounts.models import User
from classrooms.models import Classroom
from config.errors import Conflict


def require_open(classroom: Classroom) -> None:
    """Conflict (code "archived") for a class that is archived: nothing new comes into it.

    Asks the database: the caller's row may have been read before it was archived.
    """
    if not Classroom.objects.filter(pk=classroom.pk, is_active=True).exists():
        raise Conflict("The class is archived.", code="archived")


def log(actor: User | None, action: str, classroom: Classroom, **metadata: Any) -> None:
    """Write the activity log about a class."""
    activity_record(
        actor=actor,
        action=action,
        resource_type="classroom",
        resource_id=classroom.pk,
        metadata=metadata,
    )
