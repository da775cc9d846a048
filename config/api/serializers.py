"""The base of every serializer: a field that it does not know is an error, not silence."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from config import limits


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


class PageQuerySerializer(Serializer):
    """Which page of a list that is no query."""

    cursor = serializers.CharField(required=False, max_length=1000)
    page_size = serializers.IntegerField(
        default=limits.PAGE_SIZE, min_value=1, max_value=limits.PAGE_SIZE_MAX
    )


def page_serializer(item: type[serializers.BaseSerializer[Any]]) -> type[Serializer]:
    """The envelope of a page of `item`s, as cursor pagination makes it of queries."""
    name = item.__name__.removesuffix("Serializer")
    page = type(
        f"{name}PageSerializer",
        (Serializer,),
        {
            "__doc__": "A page; `next` is the address of the one that follows.",
            "__module__": item.__module__,
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": item(many=True),
        },
    )
    return extend_schema_serializer(many=False)(page)
