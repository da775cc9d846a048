"""Accounts that somebody made with an address that is not shown to be theirs.

Anybody can sign up with a pupil's address and a password of their own. Nobody gets in that way
before the address is confirmed; but once its owner confirms it, or the school does by its roster,
that password would work. So whoever is put into a class by their address gets the account clean.
"""

from collections.abc import Sequence

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.activity import activity_record
from accounts.addresses import addresses_confirm
from accounts.models import User
from config import limits


def accounts_unconfirmed(users: Sequence[User]) -> list[User]:
    """Those of them whose address nobody has confirmed; a query for a batch of accounts."""
    confirmed: set[object] = set()
    for part in _batches(users):
        addresses = EmailAddress.objects.filter(user__in=part, verified=True)
        confirmed |= set(addresses.filter(email=F("user__email")).values_list("user_id", flat=True))
    return [user for user in users if user.pk not in confirmed]


@transaction.atomic
def accounts_claim(*, actor: User | None, users: Sequence[User]) -> None:
    """Give accounts to the owners of their addresses: a few queries for a batch of them.

    Password and second factors end, and with the password every session and every link that was
    mailed; the address is confirmed by a new row, so that a link that would confirm the old one
    does nothing. "Forgot password" is how the owner gets in. `actor` None is the platform.
    """
    for part in _batches(users):
        accounts_empty(users=part)
        # Another account that would change to one of these addresses can't any more.
        emails = [user.email for user in part]
        EmailAddress.objects.filter(email__in=emails, verified=False).delete()
        addresses_confirm(part)
        activity_record(
            actor=actor,
            action="account_claim",
            resource_type="user",
            resource_id=part[0].pk,
            metadata={"user_ids": [str(user.pk) for user in part]},
        )


def accounts_empty(*, users: Sequence[User]) -> None:
    """Take away all that lets anybody into these accounts: passwords, factors and addresses."""
    for user in users:
        user.set_unusable_password()
        user.updated_at = timezone.now()
    User.objects.bulk_update(users, ["password", "updated_at"])
    EmailAddress.objects.filter(user__in=users).delete()
    Authenticator.objects.filter(user__in=users).delete()


def _batches(users: Sequence[User]) -> list[Sequence[User]]:
    size = limits.ROSTER_BATCH
    return [users[start : start + size] for start in range(0, len(users), size)]
