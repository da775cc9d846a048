"""Invitations: an admin asks someone to become a teacher or an admin.

The token is in the mail only; the table has its SHA-256.
"""

import hashlib
import secrets
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.activity import activity_record
from accounts.addresses import address_claims_drop, address_is_confirmed
from accounts.mail import mail_queue, site_link
from accounts.models import Invitation, Role, User
from accounts.policies import require
from accounts.rules import address_written
from accounts.services.claiming import accounts_empty
from config import limits
from config.errors import Conflict, InvalidInput, NotFound

_RANKS = (Role.STUDENT, Role.TEACHER, Role.ADMIN)
_INVALID = "This invitation is not valid: it may be used, withdrawn or too old."
_FOREIGN = "This invitation is for another address."


@transaction.atomic
def invitation_create(
    *, actor: User, email: str, role: str = Role.TEACHER, name: str = ""
) -> Invitation:
    """Invite an address, by mail; an open invitation of the same address is replaced."""
    require(actor, "accounts.add_invitation")
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        email=address_written(email),
        role=role,
        name=name.strip(),
        invited_by=actor,
        token_sha256=_hash(token),
        expires_at=timezone.now() + limits.INVITATION_TTL,
    )
    known = User.objects.filter(email=invitation.email).first()
    if known is not None and not known.is_active:
        raise Conflict("This person's account is closed: open it again instead.")
    if known is not None and known.role in _RANKS and role in _RANKS[: _rank(known.role) + 1]:
        raise InvalidInput(errors={"email": [f"This person is {known.role} already."]})
    Invitation.objects.filter(email=invitation.email, accepted_at__isnull=True).delete()
    try:
        invitation.full_clean(validate_unique=False, validate_constraints=False)
        with transaction.atomic():
            invitation.save(force_insert=True)
    except ValidationError as error:
        raise InvalidInput(errors=error.message_dict) from None
    except IntegrityError:
        raise Conflict("This address is being invited by somebody else.") from None
    address_claims_drop(invitation.email)
    _send(invitation, token)
    _record(actor, "invitation_create", invitation)
    return invitation


@transaction.atomic
def invitation_resend(*, actor: User, invitation: Invitation) -> Invitation:
    """Mail a new link and start the time again; the old link ends."""
    require(actor, "accounts.change_invitation", invitation)
    invitation = _lock(invitation.pk)
    token = secrets.token_urlsafe(32)
    invitation.token_sha256 = _hash(token)
    invitation.expires_at = timezone.now() + limits.INVITATION_TTL
    invitation.save(update_fields=["token_sha256", "expires_at"])
    _send(invitation, token)
    _record(actor, "invitation_resend", invitation)
    return invitation


@transaction.atomic
def invitation_revoke(*, actor: User, invitation: Invitation) -> None:
    """Take an invitation back; one that was accepted stays, and is a Conflict."""
    require(actor, "accounts.delete_invitation", invitation)
    locked = _lock(invitation.pk)
    _record(actor, "invitation_revoke", locked)
    locked.delete()


@transaction.atomic
def invitation_accept(*, user: User, token: str) -> User:
    """Give `user` the role of the invitation to their address; a higher role is kept.

    InvalidInput (field `token`) for a token that is wrong, used, too old, or somebody else's. The
    row is locked: of two who come at once one is told that it is used.
    """
    invitation = (
        Invitation.objects.open().select_for_update().filter(token_sha256=_hash(token)).first()
    )
    if invitation is None:
        raise InvalidInput(errors={"token": [_INVALID]})
    if invitation.email != user.email:
        raise InvalidInput(errors={"token": [_FOREIGN]})
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    locked = User.objects.select_for_update().get(pk=user.pk)
    if _rank(invitation.role) > _rank(locked.role):
        user.role = invitation.role
        user.save(update_fields=["role", "updated_at"])
    if invitation.name and not user.name:
        user.name = invitation.name
        user.save(update_fields=["name", "updated_at"])
    _record(user, "invitation_accept", invitation)
    return user


def account_take_over(*, user: User, unconfirmed: User) -> None:
    """Make `user`, who is signing up with an invitation, the account that nobody has confirmed.

    Its password and sessions are whoever's made it: they end. The id and what hangs on it stay.
    """
    locked = User.objects.select_for_update().get(pk=unconfirmed.pk)
    if address_is_confirmed(locked):
        raise Conflict("This address has an account.")
    accounts_empty(users=[locked])
    user.__dict__.update(locked.__dict__)


def invitation_is_open(*, token: str) -> bool:
    """Whether the token belongs to an invitation that can be accepted."""
    return bool(token) and Invitation.objects.open().filter(token_sha256=_hash(token)).exists()


def invitation_check(*, token: str, email: str) -> None:
    """Raise InvalidInput unless the token invites this address."""
    invitation = Invitation.objects.open().filter(token_sha256=_hash(token)).first()
    if invitation is None:
        raise InvalidInput(_INVALID)
    if invitation.email != address_written(email):
        raise InvalidInput(_FOREIGN)


def invitation_preview(*, token: str) -> dict[str, str]:
    """Address and name of an open invitation, for the form of whoever holds its token."""
    found = Invitation.objects.open().filter(token_sha256=_hash(token)).first()
    return {"email": found.email, "name": found.name} if found else {}


def _lock(pk: UUID) -> Invitation:
    """The open or expired invitation, locked."""
    found: Invitation | None = Invitation.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound("This invitation was withdrawn.")
    if found.accepted_at is not None:
        raise Conflict("This invitation was accepted already.")
    return found


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _rank(role: str) -> int:
    return _RANKS.index(Role(role))


def _send(invitation: Invitation, token: str) -> None:
    if settings.SPA_ORIGINS:
        path = f"/account/invitation/{token}"
    else:
        path = reverse("account_invitation", args=[token])
    text = render_to_string(
        "accounts/email/invitation_message.txt",
        {
            "invitation": invitation,
            "link": site_link(path),
            "days": limits.INVITATION_TTL.days,
        },
    )
    mail_queue(EmailMessage("You are invited to Lectern", text, to=[invitation.email]))


def _record(actor: User, action: str, invitation: Invitation) -> None:
    activity_record(
        actor=actor,
        action=action,
        resource_type="invitation",
        resource_id=invitation.pk,
        metadata={"role": invitation.role},
    )
