"""The platform's services on each engine of the vectors, and on one that is down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import override_settings

from config import store_settings
from config.stores import stores
from tests.contracts import ENGINES, opened

COLLECTIONS = ("documents", "web_content")


@contextmanager
def stores_of(config: dict[str, Any]) -> Iterator[None]:
    """These entries of STORES in place of the run's own."""
    with override_settings(STORES={**store_settings.EMBEDDED, **config}):
        stores.reset()
        try:
            yield
        finally:
            stores.reset()


@contextmanager
def vectors_down() -> Iterator[None]:
    """Vectors in a Qdrant that nobody can reach."""
    with stores_of(store_settings.qdrant_stores("http://127.0.0.1:1")):
        yield


@pytest.fixture(params=["pgvector", "qdrant"])
def vector_engine(request: pytest.FixtureRequest, db: None) -> Iterator[str]:
    """The name of the engine that holds both collections, which are empty."""
    config = {}
    for name in COLLECTIONS:
        (engine,) = (each for each in ENGINES[name] if each.name == request.param)
        opened(engine)
        config[name] = engine.config()
    with stores_of(config):
        yield request.param
