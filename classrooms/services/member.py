"""Who is in a class, and as what."""

from django.db import transaction

from accounts.models import User
from accounts.policies import require
from accounts.rules import address_written
from accounts.services import accounts_claim, accounts_unconfirmed
from classrooms.models import Classroom, JoinRequest, Member, MemberRole
from classrooms.policies import role_refusal
from classrooms.services.codes import join_code_regenerate
from classrooms.services.common import log, require_active, require_open
from classrooms.services.telling import tell_added
from config.errors import Conflict, InvalidInput, NotAllowed, NotFound


@transaction.atomic
def member_add(
    *, actor: User, classroom: Classroom, user: User, role: str = MemberRole.STUDENT
) -> Member:
    """Put a person into a class, or change their role in it.

    InvalidInput for a co-teacher who is no teacher of the school; NotAllowed for a role above
    the one that the actor has themselves in the class. Who is new is told; an account whose
    address nobody has confirmed is given to its owner (`accounts.services.claiming`).
    """
    require(actor, "classrooms.add_member", classroom)
    require_open(classroom)
    require_active(user)
    if classroom.teacher_id == user.pk:
        raise Conflict("This person teaches the class.")
    known = Member.objects.filter(classroom=classroom, user=user).first()
    _check_role(actor, user, role, known.role if known else None)
    member, _ = Member.objects.update_or_create(
        classroom=classroom, user=user, defaults={"role": role}
    )
    JoinRequest.objects.filter(classroom=classroom, user=user).delete()
    log(actor, "member_add", classroom, user_id=str(user.pk), role=role)
    if known is None:
        if unconfirmed := accounts_unconfirmed([user]):
            accounts_claim(actor=actor, users=unconfirmed)
        if user.pk != actor.pk:
            tell_added(actor=actor, classroom=classroom, user_ids=[user.pk], new=bool(unconfirmed))
    return member


@transaction.atomic
def member_add_by_email(
    *, actor: User, classroom: Classroom, email: str, role: str = MemberRole.STUDENT
) -> Member:
    """Put the person with this address into a class.

    Who may not do that does not learn whether someone has the address.
    """
    require(actor, "classrooms.add_member", classroom)
    user = User.objects.filter(email=address_written(email), is_active=True).first()
    if user is None:
        raise InvalidInput(errors={"email": ["Nobody has this address."]}, code="unknown_user")
    return member_add(actor=actor, classroom=classroom, user=user, role=role)


@transaction.atomic
def member_update(*, actor: User, member: Member, role: str) -> Member:
    """Give a member another role. Nobody gives themselves a higher one."""
    stored: Member | None = (
        Member.objects.select_for_update(of=("self",))
        .select_related("classroom", "user")
        .filter(pk=member.pk)
        .first()
    )
    if stored is None:
        raise NotFound()
    require(actor, "classrooms.change_member", stored)
    require_open(stored.classroom)
    _check_role(actor, stored.user, role, stored.role)
    stored.role = role
    stored.save(update_fields=["role"])
    log(actor, "member_update", stored.classroom, user_id=str(stored.user_id), role=role)
    return stored


@transaction.atomic
def member_remove(*, actor: User, member: Member, change_code: bool = False) -> None:
    """End a membership. A member may leave by themselves.

    Who was removed can come back by the code; `change_code` gives the class a new one.
    """
    if member.user_id != actor.pk:
        require(actor, "classrooms.delete_member", member)
    log(actor, "member_remove", member.classroom, user_id=str(member.user_id))
    if change_code:  # first: a co-teacher who removes themselves may not do it afterwards
        join_code_regenerate(actor=actor, classroom=member.classroom)
    member.delete()


def _check_role(actor: User, user: User, role: str, was: str | None) -> None:
    refusal = role_refusal(actor, user, role, was)
    if refusal is not None:
        if actor.pk == user.pk:
            raise NotAllowed(refusal)
        raise InvalidInput(errors={"role": [refusal]})
