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


@transaction.atomic
def address_replace(user: User) -> None:
    """After someone who may has changed `user.email`: it is the account's only address, confirmed.

    A change of address that is under way ends: its link confirms nothing any more.
    """
    EmailAddress.objects.filter(user=user).delete()
    # Whoever claimed this address without confirming it has lost it.
    EmailAddress.objects.filter(email=user.email, verified=False).delete()
    addresses_confirm([user])
