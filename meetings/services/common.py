"""What the services of this app share."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model

from accounts.activity import activity_record
from accounts.models import User
from config.errors import InvalidInput, NotFound
from meetings.models import Meeting


def lock_meeting(meeting: Meeting) -> Meeting:
    """The meeting as it is now, kept from others until the transaction ends.

    NotFound if it has been deleted since the caller read it.
    """
    found: Meeting | None = Meeting.objects.select_for_update().filter(pk=meeting.pk).first()
    if found is None:
        raise NotFound()
    return found


def apply_changes(obj: Model, changes: dict[str, Any], allowed: Collection[str]) -> None:
    """Set the given fields and validate them; InvalidInput names what is wrong or unknown."""
    unknown = set(changes) - set(allowed)
    if unknown:
        raise InvalidInput(errors={name: ["This can't be changed."] for name in sorted(unknown)})
    for name, value in changes.items():
        setattr(obj, name, None if value == "" else value)
    clean(obj, changes)


def clean(obj: Model, fields: Collection[str]) -> None:
    """Validate these fields of a model's row."""
    others = {field.name for field in obj._meta.fields} - set(fields)
    try:
        obj.clean_fields(exclude=others)
    except ValidationError as error:
        raise InvalidInput(errors=error.message_dict) from None


def delete_file_after_commit(name: str | None) -> None:
    """Remove a file of private storage once the row that names it is gone for good."""
    if name is not None:
        transaction.on_commit(lambda: default_storage.delete(name))


def log(actor: User, action: str, obj: Model, **metadata: Any) -> None:
    """Write the activity log about a meeting or a recording."""
    activity_record(
        actor=actor,
        action=action,
        resource_type=str(obj._meta.model_name),
        resource_id=obj.pk,
        metadata=metadata,
    )
