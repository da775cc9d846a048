"""Which filters the address of an admin's list may name.

Django lets any field of the model through (`?password__startswith=p`), also one that no page
shows: whether a row remains tells its value letter by letter.
"""

from collections.abc import Iterator
from inspect import isclass
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Field, Model

# What Django's filters and its drill-down by date put into an address.
_OF_FILTERS = ("exact", "in", "isnull")
_OF_DATES = ("gte", "lt")
_OF_HIERARCHY = ("year", "month", "day")


def filter_lookups(
    model: type[Model], list_filter: Any, date_hierarchy: str | None
) -> frozenset[str]:
    """The lookups that the filters of an admin and its date hierarchy make; no other field's."""
    found = set(_of_hierarchy(date_hierarchy)) if date_hierarchy else set()
    for item in list_filter:
        if isclass(item) and issubclass(item, SimpleListFilter):
            if item.parameter_name:
                found.add(item.parameter_name)
        else:
            found.update(_of_field(model, item[0] if isinstance(item, list | tuple) else item))
    return frozenset(found)


def _of_field(model: type[Model], path: str) -> Iterator[str]:
    field = get_fields_from_path(model, path)[-1]
    yield path
    yield from (f"{path}__{lookup}" for lookup in _OF_FILTERS)
    if isinstance(field, Field) and field.get_internal_type() in ("DateField", "DateTimeField"):
        yield from (f"{path}__{lookup}" for lookup in _OF_DATES)
    if field.is_relation:  # the filter names the other model's key
        key = field.target_field.name if hasattr(field, "target_field") else "pk"
        yield from (f"{path}__{name}__{lookup}" for name in {key, "pk"} for lookup in _OF_FILTERS)


def _of_hierarchy(path: str) -> Iterator[str]:
    yield from (f"{path}__{lookup}" for lookup in (*_OF_HIERARCHY, *_OF_DATES))
