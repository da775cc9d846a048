"""The code of a class, and what it does."""

import secrets
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.policies import require
from classrooms.models import JOIN_CODE_LENGTH, Classroom, JoinRules
from classrooms.services.common import classroom_lock, log
from config.errors import Conflict, InvalidInput

# Without 0 and O, 1, I and L: a code is read from a board and typed by hand.
JOIN_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_ATTEMPTS = 10
_RULES = ("enabled", "expires_at", "requires_approval")


@transaction.atomic
def join_code_regenerate(
    *, actor: User, classroom: Classroom, expires_at: datetime | None = None
) -> Classroom:
    """Give a class a new code; the old one lets nobody in any more.

    `expires_at` (aware, to come) ends the new one. Without it the new code works without end:
    the end of the old one was not meant for it.
    """
    require(actor, "classrooms.change_classroom", classroom)
    _check_expiry(expires_at)
    classroom_lock(classroom)
    save_with_code(classroom)
    if expires_at is not None:
        JoinRules.objects.update_or_create(classroom=classroom, defaults={"expires_at": expires_at})
    else:
        JoinRules.objects.filter(classroom=classroom).update(expires_at=None)
    log(actor, "join_code_regenerate", classroom)
    return classroom


@transaction.atomic
def join_rules_update(*, actor: User, classroom: Classroom, **changes: Any) -> JoinRules:
    """Change whether the code is `enabled`, when it `expires_at`, or if it `requires_approval`.

    Who waits already goes on waiting when no approval is required any more.
    """
    require(actor, "classrooms.change_joinrules", classroom)
    classroom_lock(classroom)
    JoinRules.objects.get_or_create(classroom=classroom)
    rules: JoinRules = JoinRules.objects.select_for_update().get(classroom=classroom)
    changed = [name for name in _RULES if name in changes]
    if "expires_at" in changes and changes["expires_at"] != rules.expires_at:
        _check_expiry(changes["expires_at"])
    for name in changed:
        setattr(rules, name, changes[name])
    if changed:
        rules.save(update_fields=changed)
        log(actor, "join_rules_update", classroom, fields=sorted(changed))
    return rules


def save_with_code(classroom: Classroom) -> None:
    """Save a class under a code that no other has: the code alone of one that is there."""
    fields = None if classroom._state.adding else ["join_code"]
    for _ in range(_CODE_ATTEMPTS):
        classroom.join_code = "".join(
            secrets.choice(JOIN_CODE_ALPHABET) for _ in range(JOIN_CODE_LENGTH)
        )
        try:
            with transaction.atomic():
                classroom.save(update_fields=fields)
        except IntegrityError:  # the code is taken: 31^8 codes make that rare
            continue
        return
    raise Conflict("No free join code was found: try again.")


def _check_expiry(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInput(errors={"expires_at": ["This is past."]})
