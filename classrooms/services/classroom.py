"""Making classes, changing them, archiving and deleting them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom, RosterImport
from classrooms.services.codes import save_with_code
from classrooms.services.common import log
from classrooms.services.roster import file_delete_after_commit
from config.errors import InvalidInput

_FIELDS = ("name", "description", "subject", "is_active")


@transaction.atomic
def classroom_create(
    *, actor: User, name: str, description: str = "", subject: str = "", teacher: User | None = None
) -> Classroom:
    """Make a class with a join code; its teacher is the actor unless an admin names another."""
    require(actor, "classrooms.add_classroom")
    teacher = teacher or actor
    if teacher != actor:
        require(actor, "classrooms.change_teacher")
    classroom = Classroom(
        name=name,
        description=description or None,
        subject=subject or None,
        teacher=_teaching(teacher),
    )
    _clean(classroom)
    save_with_code(classroom)
    log(actor, "classroom_create", classroom, name=name)
    return classroom


@transaction.atomic
def classroom_update(*, actor: User, classroom: Classroom, **changes: Any) -> Classroom:
    """Change a class's name, description, subject, or whether it `is_active`.

    One that is not is archived: it can be read, nobody joins or searches it, and nothing new
    comes into it. Only an admin gives a class to another `teacher`.
    """
    stored = Classroom.objects.select_for_update().get(pk=classroom.pk)
    require(actor, "classrooms.change_classroom", stored)
    if "teacher" in changes and changes["teacher"].pk != stored.teacher_id:
        require(actor, "classrooms.change_teacher", stored)
        classroom.teacher = _teaching(changes["teacher"])
    for field in _FIELDS:
        if field in changes:
            setattr(classroom, field, changes[field])
    _clean(classroom)
    # Only what was asked for: another may have changed the rest since the caller read the row.
    changed = [name for name in (*_FIELDS, "teacher") if name in changes]
    if changed:
        classroom.save(update_fields=changed)
    log(actor, "classroom_update", classroom, fields=sorted(changes))
    return classroom


@transaction.atomic
def classroom_delete(*, actor: User, classroom: Classroom) -> None:
    """Delete a class that holds nothing any more; one in use is archived instead."""
    require(actor, "classrooms.delete_classroom", classroom)
    log(actor, "classroom_delete", classroom)
    for roster_import in RosterImport.objects.filter(classroom=classroom):
        file_delete_after_commit(roster_import)
    classroom.delete()


def _teaching(person: User) -> User:
    if not (person.is_staff and person.is_active):
        raise InvalidInput(errors={"teacher": ["This person is not a teacher."]})
    return person


def _clean(classroom: Classroom) -> None:
    try:
        classroom.full_clean(exclude=["join_code"], validate_unique=False)
    except ValidationError as error:
        raise InvalidInput(errors=error.message_dict) from None
