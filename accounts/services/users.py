"""What can be done to users."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.activity import activity_record
from accounts.addresses import address_replace, addresses_confirm
from accounts.models import Role, User, UserPreferences
from accounts.policies import require
from accounts.rules import address_written
from config.errors import InvalidInput

_USER_FIELDS = ("name", "avatar_url")
_PREFERENCES = (
    "theme",
    "language",
    "notification_email",
    "notification_push",
    "difficulty_preference",
)


@transaction.atomic
def user_create(
    *, actor: User | None, email: str, password: str, role: str = Role.STUDENT, name: str = ""
) -> User:
    """Make a user with their preferences; `actor` None is the platform itself (commands)."""
    if actor is not None:
        require(actor, "accounts.add_user")
    user = User(email=address_written(email), name=name or None, role=role)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(errors={"password": list(error.messages)}) from None
    user.set_password(password)
    try:
        user.full_clean(exclude=["password"])
        with transaction.atomic():
            user.save(force_insert=True)
    except ValidationError as error:
        raise InvalidInput(errors=error.message_dict) from None
    except IntegrityError:
        raise InvalidInput(errors={"email": ["This address is already in use."]}) from None
    addresses_confirm([user])
    activity_record(
        actor=actor,
        action="user_create",
        resource_type="user",
        resource_id=user.pk,
        metadata={"role": role},
    )
    return user


@transaction.atomic
def user_update(*, actor: User, user: User, **changes: Any) -> User:
    """Change one's own name or picture."""
    if actor.pk != user.pk:
        require(actor, "accounts.change_user", user)
    for field in _USER_FIELDS:
        if field in changes:
            setattr(user, field, changes[field])
    _clean(user, list(_USER_FIELDS))
    user.save(update_fields=[*_USER_FIELDS, "updated_at"])
    activity_record(actor=actor, action="user_update", resource_type="user", resource_id=user.pk)
    return user


@transaction.atomic
def user_address_change(*, actor: User, user: User) -> None:
    """After an admin has changed `user.email`: the account signs in with it, and only with it."""
    require(actor, "accounts.change_user", user)
    address_replace(user)


@transaction.atomic
def preferences_update(*, actor: User, user: User, **changes: Any) -> UserPreferences:
    """Change how the platform looks to a user and notifies them."""
    preferences, _ = UserPreferences.objects.get_or_create(user=user)
    require(actor, "accounts.change_userpreferences", preferences)
    for field in _PREFERENCES:
        if field in changes:
            setattr(preferences, field, changes[field])
    _clean(preferences, list(_PREFERENCES))
    preferences.save()
    activity_record(
        actor=actor,
        action="preferences_update",
        resource_type="user",
        resource_id=user.pk,
        metadata={"fields": sorted(changes)},
    )
    return preferences


def _clean(instance: User | UserPreferences, fields: list[str]) -> None:
    every = {field.name for field in instance._meta.get_fields()}
    try:
        instance.full_clean(exclude=every - set(fields), validate_unique=False)
    except ValidationError as error:
        raise InvalidInput(errors=error.message_dict) from None
