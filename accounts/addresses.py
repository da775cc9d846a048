"""Confirmed addresses: what django-allauth lets an account sign in with.

`users.email` is the address; the library's table says whether its owner has confirmed it.
"""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User


def address_written(text: str) -> str:
    """An address as the database has it: without spaces around it, and in lower case.

    One with letters beyond ASCII stays as it is, and so is nobody's: the Kelvin sign, for one,
    is a "k" in lower case, and would make a stranger's address somebody's.
    """
    text = text.strip()
    return text.lower() if text.isascii() else text


def address_rule(text: str) -> str | None:
    """Why an address that looks like one is none here, None if it is one: the rule for all doors.

    Of letters beyond ASCII the database and Python may not agree what is lower case; and a mail
    to `@[127.0.0.1]` goes past everything that names of hosts decide.
    """
    if not text.isascii():
        return "An address may have letters of ASCII only."
    if text.endswith("]"):
        return "An address has the name of a host after its @."
    return None


def addresses_confirm(users: Iterable[User]) -> None:
    """Take the addresses of these new accounts as confirmed, in one query.

    For accounts that someone made who knows the people: an admin, a roster, a command.
    """
    EmailAddress.objects.bulk_create(
        (EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users),
        batch_size=1000,
    )


def address_is_confirmed(user: User) -> bool:
    """Whether somebody has shown that they read the mail of `user.email`."""
    return EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()


def address_claims_drop(email: str, *, owner: User | None = None) -> None:
    """Others who want to change to this address and have not confirmed it want so no more.

    Whoever typed an address has no right to it: one who signs up with it, is invited at it or
    confirms it, has.
    """
    claims = EmailAddress.objects.filter(email=email, verified=False).exclude(user__email=email)
    if owner is not None:
        claims = claims.exclude(user=owner)
    claims.delete()


@transaction.atomic
def address_prove(user: User) -> None:
    """The owner of `user.email` has shown that they read its mail: it is confirmed."""
    address_claims_drop(user.email, owner=user)
    EmailAddress.objects.filter(user=user, primary=True).exclude(email=user.email).update(
        primary=False
    )
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


@transaction.atomic
def address_replace(user: User) -> None:
    """After someone who may has changed `user.email`: it is the account's only address, confirmed.

    A change of address that is under way ends: its link confirms nothing any more.
    """
    EmailAddress.objects.filter(user=user).delete()
    # Whoever claimed this address without confirming it has lost it.
    EmailAddress.objects.filter(email=user.email, verified=False).delete()
    addresses_confirm([user])
