"""What the logs leave out: secrets that are in addresses, and tracebacks of what is no bug."""

import logging
import re
from typing import Any

from gunicorn.glogging import Logger

# An invitation's token, the keys of a reset and of a confirmation, the signature of a file's link.
_SECRETS = re.compile(
    r"(/(?:accounts?|auth)/(?:invitation|confirm-email|verify-email|password/reset/key)/|/files/)"
    r"[^/?\s]+"
)
_ATOMS = ("r", "U", "q", "f")  # the request line, its path, its query, where it came from


def mask(text: str) -> str:
    """The text with `***` for what in an address is a secret."""
    return _SECRETS.sub(r"\1***", text)


class AccessLogger(Logger):  # type: ignore[misc] # untyped library
    """gunicorn's log of requests, without the secrets of addresses."""

    def atoms(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(*args, **kwargs)
        # Each header is an atom, too: the one of where somebody came from is an address.
        for name in (*_ATOMS, "{referer}i", "{raw_uri}e", "{path_info}e"):
            if isinstance(found.get(name), str):
                found[name] = mask(found[name])
        return found


class PlainFilter(logging.Filter):
    """No traceback for what was refused, and no secret in the address that is named."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django's own say which answer they are about: refused pages, wrong hosts.
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        if isinstance(record.args, tuple):
            record.args = tuple(mask(a) if isinstance(a, str) else a for a in record.args)
        return True
