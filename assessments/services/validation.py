"""What the services of this app share: model validation as InvalidInput, and the log."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from accounts.activity import activity_record
from accounts.models import User
from assessments.answers import text_is_storable
from assessments.models import Assessment
from config.errors import InvalidInput


def clean(instance: Model, fields: Collection[str]) -> None:
    """Validate these fields of a model's instance."""
    for name in fields:
        value = getattr(instance, name)
        if isinstance(value, str) and not text_is_storable(value):
            raise InvalidInput(errors={name: ["The text has characters that can't be stored."]})
    every = {field.name for field in instance._meta.get_fields()}
    try:
        instance.full_clean(
            exclude=every - set(fields), validate_unique=False, validate_constraints=False
        )
    except ValidationError as error:
        raise InvalidInput(errors=error.message_dict) from None


def log(actor: User | None, action: str, assessment: Assessment, **metadata: Any) -> None:
    """Record that something was done to an assessment (metadata without answers)."""
    activity_record(
        actor=actor,
        action=action,
        resource_type="assessment",
        resource_id=assessment.pk,
        metadata=metadata,
    )
