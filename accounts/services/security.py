"""What others do to somebody's way of signing in, and how the person is told."""

from allauth.mfa.models import Authenticator
from django.core.mail import EmailMessage
from django.db import transaction

from accounts.activity import activity_record
from accounts.mail import mail_queue
from accounts.models import Role, User
from accounts.policies import require
from accounts.rules import address_written
from config.errors import Conflict, InvalidInput, NotFound

_LAST = "This is the last active administrator: make somebody else one first."
_SIGNATURE = "If you did not expect this, ask your school's administrators.\n\nLectern\n"


def user_by_address(*, email: str) -> User:
    """The account of an address, NotFound if it has none."""
    user: User | None = User.objects.filter(email=address_written(email)).first()
    if user is None:
        raise NotFound(f"No account has the address {email}.")
    return user


def admin_keep_one(*, user: User) -> None:
    """Raise Conflict if `user` is the only admin who can sign in, and so has to stay one.

    Called within the transaction that takes the role or the account away: the rows stay locked,
    so that two admins don't step down at once.
    """
    admins = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)
    if {admin.pk for admin in admins} == {user.pk}:
        raise Conflict(_LAST)


@transaction.atomic
def user_role_set(*, actor: User | None, email: str, role: str) -> User:
    """Give the account of an address a role; `actor` None is an operator (commands)."""
    if role not in Role.values:
        raise InvalidInput(f"There is no role {role!r}: it is one of {', '.join(Role.values)}.")
    user = user_by_address(email=email)
    if actor is not None:
        require(actor, "accounts.change_user", user)
    if role != Role.ADMIN:
        admin_keep_one(user=user)
    user.role = role
    user.save(update_fields=["role", "updated_at"])
    activity_record(
        actor=actor,
        action="user_role_set",
        resource_type="user",
        resource_id=user.pk,
        metadata={"role": role},
    )
    return user


@transaction.atomic
def second_factors_remove(*, actor: User | None, user: User) -> int:
    """Remove the second factors of somebody who has lost them, and tell them; returns how many.

    `actor` None is an operator (commands). Without any it is a Conflict.
    """
    if actor is not None:
        require(actor, "accounts.change_user", user)
    removed: int = Authenticator.objects.filter(user=user).delete()[0]
    if not removed:
        raise Conflict(f"{user} has no second factor.")
    activity_record(
        actor=actor,
        action="second_factors_remove",
        resource_type="user",
        resource_id=user.pk,
        metadata={"count": removed},
    )
    _tell(
        user.email,
        "Your second factors were removed",
        "An administrator has removed the second factors of your account, so that you can sign "
        "in with your password alone. Set up new ones in your account.",
    )
    return removed


def address_change_tell(*, user: User, before: str) -> None:
    """Tell the address that was an account's until an administrator changed it."""
    _tell(
        before,
        "The address of your account was changed",
        f"An administrator has changed the address of your account from {before} to {user.email}.",
    )


@transaction.atomic
def password_set_note(*, actor: User, user: User) -> None:
    """After an admin has set somebody's password: into the log, and tell the person."""
    activity_record(actor=actor, action="password_set", resource_type="user", resource_id=user.pk)
    _tell(
        user.email,
        "Your password was set",
        "An administrator has set a new password for your account.",
    )


def _tell(email: str, subject: str, text: str) -> None:
    """What concerns somebody's account is told whatever they prefer."""
    mail_queue(EmailMessage(subject, f"Hello,\n\n{text}\n\n{_SIGNATURE}", to=[email]), robust=True)
