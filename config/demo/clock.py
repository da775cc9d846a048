"""The one place where the demo school plays with time.

Services stamp what they do with the platform's clock. A school that has been at work for
four weeks needs the past: while `clock_at` is open, the clock stands at another moment, so
that rows, reports and the activity log agree. Nothing else runs in a command's process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Let `django.utils.timezone.now` say `moment` within the block."""
    actual = timezone.now
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = actual


def backdate(row: Model, **moments: datetime) -> None:
    """Write times that a model's default has stamped before the clock could be turned back."""
    values: dict[str, Any] = dict(moments)
    type(row)._default_manager.filter(pk=row.pk).update(**values)
    for name, moment in moments.items():
        setattr(row, name, moment)
