"""Text of the material in a page of the admin, while it may be read."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest

from config.errors import DomainError

Item = TypeVar("Item")


def unless_refused(request: HttpRequest, read: Callable[[], list[Item]]) -> list[Item]:
    """What `read` gives; nothing, and a message, while an attempt forbids it: the page is shown."""
    try:
        return read()
    except DomainError as error:
        messages.error(request, str(error))
        return []
