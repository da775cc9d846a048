"""What ends sessions at once: another role, an account that is closed, another password.

Django asks for the user at each request, and the session's own hash covers password and role
(`User._get_session_auth_hash`): so this is effective even while Redis is down. Here the sessions
are removed from Redis as well, after commit, whoever saves the user.
"""

import logging
from collections.abc import Callable, Collection
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from redis.exceptions import RedisError

from accounts import live_sessions
from accounts.models import User

logger = logging.getLogger(__name__)


@receiver(post_save, sender=User)
def follow_user(
    sender: Any,
    instance: User,
    created: bool,
    update_fields: Collection[str] | None = None,
    **kwargs: Any,
) -> None:
    """End a user's sessions, or write the new address into them."""
    written = [
        name for name in User.SESSION_FIELDS if update_fields is None or name in update_fields
    ]
    before = instance.__dict__.get("as_stored", {})
    # Deferred fields are not written; what is not known from before may have changed.
    changed = {
        name
        for name in written
        if name in instance.__dict__ and before.get(name, before) != instance.__dict__[name]
    }
    instance.remember_stored(written)
    if created:
        return
    user_id = instance.pk
    if "role" in changed or ("is_active" in changed and not instance.is_active):
        _after_commit(lambda: live_sessions.end_sessions_of(user_id))
    elif "password" in changed:
        # One's own new password keeps the session it was set in, whose key is a new one then.
        _after_commit(
            lambda: live_sessions.end_sessions_of(
                user_id, keep=live_sessions.current_session_of(user_id)
            )
        )
    if "email" in changed:
        email = instance.email
        _after_commit(lambda: live_sessions.describe_sessions_of(user_id, email=email))


@receiver(post_delete, sender=User)
def end_with_user(sender: Any, instance: User, **kwargs: Any) -> None:
    """A user who is deleted has no sessions."""
    user_id = instance.pk
    _after_commit(lambda: live_sessions.end_sessions_of(user_id))


def _after_commit(change: Callable[[], object]) -> None:
    def run() -> None:
        try:
            change()
        except RedisError as error:
            logger.warning("sessions could not be changed in Redis: %s", error)

    transaction.on_commit(run)
