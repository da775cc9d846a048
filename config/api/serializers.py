"""The base of every serializer: a field that it does not know is an error, not silence."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class StrictMixin:
    """Refuses unknown and read-only fields in the input."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            fields = self.fields  # type: ignore[attr-defined]
            unknown = {
                str(name): [
                    serializers.ErrorDetail(
                        "This field is read-only." if name in fields else "Unknown field.",
                        code="read_only" if name in fields else "unknown_field",
                    )
                ]
                for name in data
                if name not in fields or fields[name].read_only
            }
            unknown.pop("csrfmiddlewaretoken", None)
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)  # type: ignore[misc]


class Serializer(StrictMixin, serializers.Serializer[Any]):
    """A serializer of plain values."""


class ModelSerializer(StrictMixin, serializers.ModelSerializer[Any]):
    """A serializer of a model's rows."""
