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


def require_active(user: User) -> None:
    """Conflict (code "disabled") for an account that is disabled: nobody puts it into a class."""
    if not user.is_active:
        raise Conflict("The account of this person is disabled.", code="disabled")


def classroom_lock(classroom: Classroom) -> None:
    """Let nobody join, or change how one joins, before this transaction ends."""
    Classroom.objects.select_for_update(of=("self",), no_key=True).filter(pk=classroom.pk).first()


def log(actor: User | None, action: str, classroom: Classroom, **metadata: Any) -> None:
    """Write the activity log about a class."""
    activity_record(
        actor=actor,
        action=action,
        resource_type="classroom",
        resource_id=classroom.pk,
        metadata=metadata,
    )
