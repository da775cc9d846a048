"""A web site of a real server that the platform may read, and that nobody waits for."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from config import limits
from retrieval.tests.web_server import WebServer, web_server
from retrieval.web import polite


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """The site; workers and commands fetch from it, too."""
    cache.clear()
    monkeypatch.setattr(limits, "WEB_HOST_INTERVAL", 0)
    with web_server() as server:
        monkeypatch.setattr(polite, "default_fetcher", server.fetcher)
        yield server
