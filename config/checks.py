"""System checks: what is wrong with the addresses in the environment, each with a hint."""

import re
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import Stemmer
from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from config.connections import urls
from config.store_settings import CONSISTENCIES

TAG = "stores"
# By their names: a driver is loaded only where its engine is used.
_URLS = (
    ("E001", "DATABASE_URL", "config.connections.urls.check_postgresql"),
    ("E002", "REDIS_URL", "config.connections.urls.check_redis"),
    ("E003", "MONGODB_URL", "config.connections.mongodb.check_mongodb"),
    ("E004", "QDRANT_URL", "config.connections.urls.check_qdrant"),
    ("E005", "CASSANDRA_URL", "config.connections.urls.check_cassandra"),
)


@register(TAG)
def check_addresses(app_configs: Iterable[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E001 to E005: a URL that no driver could use; those that are not set are fine."""
    found: list[CheckMessage] = []
    for number, name, path in _URLS:
        url = getattr(settings, name)
        if not url:
            continue
        parse: Callable[[str], object] = import_string(path)
        try:
            parse(url)
        except ValueError as error:
            example = (parse.__doc__ or "").split(";")[0].strip().rstrip(".")
            found.append(
                Error(
                    f"{name} is wrong: {error}.",
                    hint=f"Set it to {example}, or unset it for the embedded engine.",
                    id=f"lectern.{number}",
                )
            )
    return found


@register(TAG)
def check_cassandra(app_configs: Iterable[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E006 to E008: how Cassandra is to keep its rows."""
    if not settings.CASSANDRA_URL:
        return []
    found: list[CheckMessage] = []
    try:
        urls.cassandra_replication(settings.CASSANDRA_REPLICATION)
    except ValueError as error:
        found.append(
            Error(
                f"CASSANDRA_REPLICATION is wrong: {error}.",
                hint="Set it to a number of copies, or to DATACENTER:NUMBER,DATACENTER:NUMBER.",
                id="lectern.E006",
            )
        )
    if settings.CASSANDRA_CONSISTENCY not in CONSISTENCIES:
        found.append(
            Error(
                f"CASSANDRA_CONSISTENCY is wrong: {settings.CASSANDRA_CONSISTENCY!r}.",
                hint=f"Set it to one of {', '.join(CONSISTENCIES)}.",
                id="lectern.E007",
            )
        )
    shards = settings.EVENT_SHARDS
    if not shards.isdecimal() or not 1 <= int(shards) <= 100:
        found.append(
            Error(
                f"EVENT_SHARDS is wrong: {shards!r}.",
                hint="Set it to the number of partitions of an hour, 1 to 100.",
                id="lectern.E008",
            )
        )
    return found


@register(TAG)
def check_backends(app_configs: Iterable[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E009: an engine whose code or driver is not there."""
    found: list[CheckMessage] = []
    for name, config in settings.STORES.items():
        module, _, backend = config["BACKEND"].rpartition(".")
        try:
            getattr(import_module(module), backend)
        except (ImportError, AttributeError) as error:
            found.append(
                Error(
                    f"STORES[{name!r}] can't be opened: {error}.",
                    hint="Install the engine's driver: 'pip install -r requirements.txt'.",
                    id="lectern.E009",
                )
            )
    return found


_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d+)?", re.IGNORECASE)
_SAMESITE = ("Lax", "Strict", "None")


@register(TAG)
def check_web_application(
    app_configs: Iterable[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """E010 to E012: where a web application on an origin of its own could never sign in."""
    found: list[CheckMessage] = [
        Error(
            f"SPA_ORIGINS is wrong: {origin!r} is no origin.",
            hint="Set it to origins with commas between: scheme://host or scheme://host:port.",
            id="lectern.E010",
        )
        for origin in settings.SPA_ORIGINS
        if not _is_origin(origin)
    ]
    if settings.SESSION_COOKIE_SAMESITE not in _SAMESITE:
        found.append(
            Error(
                f"COOKIE_SAMESITE is wrong: {settings.SESSION_COOKIE_SAMESITE!r}.",
                hint=f"Set it to one of {', '.join(_SAMESITE)}.",
                id="lectern.E011",
            )
        )
    elif settings.SESSION_COOKIE_SAMESITE == "None" and not settings.SESSION_COOKIE_SECURE:
        found.append(
            Error(
                "COOKIE_SAMESITE=None needs HTTPS: browsers drop such cookies over plain HTTP.",
                hint="Set HTTPS=1 and serve the platform over TLS, or set COOKIE_SAMESITE=Lax.",
                id="lectern.E012",
            )
        )
    return found


@register(TAG)
def check_chat(app_configs: Iterable[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E013 and E014: a language model for chat that is only half set."""
    found: list[CheckMessage] = []
    if settings.CHAT_URL and not settings.CHAT_MODEL:
        found.append(
            Error(
                "CHAT_URL is set and CHAT_MODEL is not.",
                hint="Set CHAT_MODEL to a model that the endpoint has, or unset CHAT_URL.",
                id="lectern.E013",
            )
        )
    if not settings.CHAT_URL and (settings.CHAT_MODEL or settings.CHAT_API_KEY):
        name = "CHAT_MODEL" if settings.CHAT_MODEL else "CHAT_API_KEY"
        found.append(
            Error(
                f"{name} is set and CHAT_URL is not.",
                hint="Set CHAT_URL to the endpoint, as https://host/v1, or unset the others.",
                id="lectern.E014",
            )
        )
    return found


@register(TAG)
def check_search(app_configs: Iterable[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E015: a language of search that has no stemmer."""
    if settings.SEARCH_LANGUAGE in Stemmer.algorithms():
        return []
    return [
        Error(
            f"SEARCH_LANGUAGE is wrong: {settings.SEARCH_LANGUAGE!r}.",
            hint=f"Set it to one of {', '.join(Stemmer.algorithms())}.",
            id="lectern.E015",
        )
    ]


def _is_origin(text: str) -> bool:
    if not _ORIGIN.fullmatch(text):
        return False
    try:
        return urlsplit(text).port != 0
    except ValueError:  # a port over 65535
        return False
