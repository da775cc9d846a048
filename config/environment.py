"""Values of the environment that can be wrong: each error is one line that names the variable.

A variable that is empty counts as one that is not set.
"""

import logging
import os
import re
import zoneinfo
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?", re.IGNORECASE)


def flag(name: str, *, default: bool) -> bool:
    """On or off."""
    text = _text(name).lower()
    if not text:
        return default
    if text not in _TRUE | _FALSE:
        raise _wrong(name, "it is true or false (1, yes, on or 0, no, off)")
    return text in _TRUE


def number(name: str, *, default: int) -> int:
    """A whole number that is not negative."""
    text = _text(name)
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise _wrong(name, "it is a whole number from 0")
    return int(text)


def web_address(name: str) -> str:
    """An address that begins with http:// or https:// and a host; "" if it is not set."""
    text = _text(name)
    try:
        parts = urlsplit(text)
        sound = not text or (
            parts.scheme in ("http", "https")
            and _HOST.fullmatch(parts.netloc) is not None
            and parts.port != 0
            and not (parts.query or parts.fragment)
        )
    except ValueError:  # half a bracket, or a port over 65535
        sound = False
    if not sound:
        raise _wrong(name, "it is https://HOST or http://HOST, with a port and a path if need be")
    return text


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks, apart by commas or spaces; none if it is not set."""
    try:
        return tuple(ip_network(part) for part in _text(name).replace(",", " ").split())
    except ValueError:
        raise _wrong(name, "it is networks as 10.20.0.0/16, apart by commas") from None


def time_zone(name: str, *, default: str) -> str:
    """The name of a time zone."""
    text = _text(name) or default
    try:
        zoneinfo.ZoneInfo(text)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise _wrong(name, "it is the name of a time zone, as Europe/Berlin") from None
    return text


def log_level(name: str, *, default: str) -> str:
    """The name of a level of Python's logging."""
    text = _text(name).upper() or default
    if text not in logging.getLevelNamesMapping():
        raise _wrong(name, "it is one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return text


def mail_server(name: str) -> dict[str, Any]:
    """Django's settings of a mail server's URL; none if it is not set. It may hold a password,
    so that no error repeats it."""
    text = _text(name)
    if not text:
        return {}
    try:
        found: dict[str, Any] = environ.Env.email_url_config(text)
        sound = bool(found["EMAIL_HOST"]) or "smtp" not in found["EMAIL_BACKEND"]
    except (ImproperlyConfigured, KeyError, ValueError):
        sound = False
    if not sound:
        raise ImproperlyConfigured(
            f"{name} is wrong: it is smtp://USER:PASSWORD@HOST:PORT, smtp+tls://… or smtp+ssl://…"
        )
    return found


def _text(name: str) -> str:
    return os.environ.get(name, "").strip()


def _wrong(name: str, rule: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is wrong: {os.environ.get(name, '')!r}: {rule}")
