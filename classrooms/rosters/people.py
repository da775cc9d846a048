"""Who of a roster is known already, and accounts for those who are not: all in bulk."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError

from accounts.addresses import addresses_confirm
from accounts.models import Role, User, UserPreferences
from classrooms.models import Classroom, Member
from config import limits

_EMAIL, _NAME = User._meta.get_field("email"), User._meta.get_field("name")


class People:
    """The accounts behind the addresses of a roster, and their places in the class."""

    def __init__(self, classroom: Classroom, emails: Iterable[str]) -> None:
        self.classroom = classroom
        wanted = list(set(emails))
        self.users: dict[str, User] = {}
        # Addresses that an account has confirmed beside its own, or instead of it: `claimed`.
        owners: set[tuple[str, UUID]] = set()
        for part in _batches(wanted):
            self.users |= {user.email: user for user in User.objects.filter(email__in=part)}
            confirmed = EmailAddress.objects.filter(email__in=part, verified=True)
            owners |= set(confirmed.values_list("email", "user_id"))
        self.claimed = {email for email, _ in owners} - self.users.keys()
        # Anybody may have made these: whoever is put into the class by the address gets them.
        self.unconfirmed: set[UUID] = {
            user.pk for user in self.users.values() if (user.email, user.pk) not in owners
        }
        members = Member.objects.filter(classroom=classroom)
        self.members: dict[UUID, Member] = {member.user_id: member for member in members}


def accounts_create(users: list[User]) -> None:
    """Store new students with their preferences and confirmed addresses, in four queries.

    They have no password: "forgot password" gives them one, as whoever reads the mail of the
    address that the school wrote into its roster.
    """
    # A bulk insert sends no signals, so the preferences that follow an account are made here.
    User.objects.bulk_create(users)
    UserPreferences.objects.bulk_create([UserPreferences(user=user) for user in users])
    addresses_confirm(users)


def account_new(email: str, name: str) -> User:
    """A student, not stored yet."""
    user = User(email=email, name=name or None, role=Role.STUDENT)
    user.set_unusable_password()
    return user


def address_problem(email: str, people: People) -> str | None:
    """Why no account can be made for an address that none has; None if one can."""
    if not email:
        return "The address is missing."
    if len(email) > settings.ACCOUNT_EMAIL_MAX_LENGTH:
        return f"An address has at most {settings.ACCOUNT_EMAIL_MAX_LENGTH} characters."
    if email in people.claimed:
        return "An account has this address beside its own: write that one."
    try:
        _EMAIL.run_validators(email)
    except ValidationError:
        return f"Not an address: {email[:100]}"
    return None


def name_problem(name: str) -> str | None:
    """Why no account can have this name; None if one can."""
    shown = " ".join(name.split())
    if len(shown) > (_NAME.max_length or 0):
        return f"The name has more than {_NAME.max_length} characters."
    try:
        _NAME.run_validators(shown)
    except ValidationError as error:
        return " ".join(error.messages)
    return None


def _batches(values: list[Any]) -> Iterable[list[Any]]:
    # Lookups may be longer than what is written at once: they hold short texts.
    size = limits.ROSTER_BATCH * 10
    return (values[start : start + size] for start in range(0, len(values), size))
