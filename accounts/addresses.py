"""Confirmed addresses: what django-allauth lets an account sign in with.

`users.email` is the address; the library's table says whether its owner has confirmed it.
"""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User


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
