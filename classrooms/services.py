"""What can be done to classrooms and their members."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from classrooms.models import JOIN_CODE_LENGTH, Classroom, Member, MemberRole
from config.errors import Conflict, InvalidInput, NotFound

# Without 0 and O, 1, I and L: a code is read from a board and typed by hand.
JOIN_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_ATTEMPTS = 10
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
    _save_with_code(classroom)
    _log(actor, "classroom_create", classroom, name=name)
    return classroom


@transaction.atomic
def classroom_update(*, actor: User, classroom: Classroom, **changes: Any) -> Classroom:
    """Change a class's name, description, subject, or whether it is active (not archived).

    Only an admin gives a class to another `teacher`.
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
    classroom.save(update_fields=[*_FIELDS, "teacher"])
    _log(actor, "classroom_update", classroom, fields=sorted(changes))
    return classroom


@transaction.atomic
def classroom_delete(*, actor: User, classroom: Classroom) -> None:
    """Delete a class that holds nothing any more; one in use is archived instead."""
    require(actor, "classrooms.delete_classroom", classroom)
    _log(actor, "classroom_delete", classroom)
    classroom.delete()


@transaction.atomic
def join_code_regenerate(*, actor: User, classroom: Classroom) -> Classroom:
    """Give a class a new code; the old one lets nobody in any more."""
    require(actor, "classrooms.change_classroom", classroom)
    _save_with_code(classroom)
    _log(actor, "join_code_regenerate", classroom)
    return classroom


@transaction.atomic
def classroom_join(*, user: User, join_code: str) -> Member:
    """Enter a class as a student. Joining again changes nothing."""
    code = join_code.strip().upper()
    classroom = Classroom.objects.filter(join_code=code, is_active=True).first()
    if classroom is None:
        raise NotFound("No class has this code.", code="unknown_join_code")
    if classroom.teacher_id == user.pk:
        raise Conflict("You teach this class.")
    member, created = Member.objects.get_or_create(classroom=classroom, user=user)
    if created:
        _log(user, "classroom_join", classroom)
    return member


@transaction.atomic
def member_add(
    *, actor: User, classroom: Classroom, user: User, role: str = MemberRole.STUDENT
) -> Member:
    """Put a person into a class, or change their role in it."""
    require(actor, "classrooms.add_member", classroom)
    if classroom.teacher_id == user.pk:
        raise Conflict("This person teaches the class.")
    if role not in MemberRole.values:
        raise InvalidInput(errors={"role": [f"Not a role: {role}."]})
    member, _ = Member.objects.update_or_create(
        classroom=classroom, user=user, defaults={"role": role}
    )
    _log(actor, "member_add", classroom, user_id=str(user.pk), role=role)
    return member


@transaction.atomic
def member_add_by_email(
    *, actor: User, classroom: Classroom, email: str, role: str = MemberRole.STUDENT
) -> Member:
    """Put the person with this address into a class.

    Who may not do that does not learn whether someone has the address.
    """
    require(actor, "classrooms.add_member", classroom)
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise InvalidInput(errors={"email": ["Nobody has this address."]}, code="unknown_user")
    return member_add(actor=actor, classroom=classroom, user=user, role=role)


@transaction.atomic
def member_remove(*, actor: User, member: Member) -> None:
    """End a membership. A member may leave by themselves."""
    if member.user_id != actor.pk:
        require(actor, "classrooms.delete_member", member)
    _log(actor, "member_remove", member.classroom, user_id=str(member.user_id))
    member.delete()


def _teaching(person: User) -> User:
    if not (person.is_staff and person.is_active):
        raise InvalidInput(errors={"teacher": ["This person is not a teacher."]})
    return person


def _save_with_code(classroom: Classroom) -> None:
    for _ in range(_CODE_ATTEMPTS):
        classroom.join_code = "".join(
            secrets.choice(JOIN_CODE_ALPHABET) for _ in range(JOIN_CODE_LENGTH)
        )
        try:
            with transaction.atomic():
                classroom.save()
        except IntegrityError:  # the code is taken: 31^8 codes make that rare
            continue
        return
    raise Conflict("No free join code was found: try again.")


def _clean(classroom: Classroom) -> None:
    try:
        classroom.full_clean(exclude=["join_code"], validate_unique=False)
    except ValidationError as error:
        raise InvalidInput(errors=error.message_dict) from None


def _log(actor: User, action: str, classroom: Classroom, **metadata: Any) -> None:
    activity_record(
        actor=actor,
        action=action,
        resource_type="classroom",
        resource_id=classroom.pk,
        metadata=metadata,
    )
