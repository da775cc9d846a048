"""A row of the permission matrix."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.scene import Scene

Body = Callable[[Scene], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """The statuses for PEOPLE; the object that `{id}` is; query and body of the request."""

    statuses: str
    target: str = ""
    body: Body | None = None
    query: str = ""
    format: str = "json"
