"""How the stores are: for operators, for `/health/ready` and for the metrics."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from config import limits
from config.connections.base import Connection
from config.connections.postgresql import PostgresConnection
from config.connections.redis import RedisConnection
from config.errors import StoreUnavailable
from config.stores import Store, stores

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoreState:
    """A store as it was found; `latency_ms` is one question and its answer, None if it is down.

    `schema` is "ok", or what is missing or differs; "" if it could not be asked.
    """

    store: str
    engine: str
    version: str
    address: str
    latency_ms: float | None
    schema: str
    error: str = ""

    @property
    def up(self) -> bool:
        """Whether the engine answers."""
        return self.latency_ms is not None


def store_states() -> Iterator[StoreState]:
    """PostgreSQL, Redis, then every store in the order of the settings, each asked now."""
    down: dict[int, str] = {}  # an engine that has not answered is not waited for again
    yield _ask("database", PostgresConnection.to("default"), _migrations, down)
    yield _ask("sessions", RedisConnection.to("default"), lambda: "ok", down)
    for name in stores:
        try:
            store: Store[Any] = stores[name]
            connection = store.connection
        except ImproperlyConfigured as error:
            yield StoreState(name, _engine_of(name), "", "", None, "", str(error))
            continue
        yield _ask(name, connection, partial(_schema, store), down)


def required_connections() -> list[Connection[Any]]:
    """What no request can do without."""
    return [PostgresConnection.to("default"), RedisConnection.to("default")]


def optional_connections() -> tuple[list[Connection[Any]], set[str]]:
    """The engines beside them, each once; and those that are configured wrongly."""
    found: dict[int, Connection[Any]] = {}
    wrong: set[str] = set()
    for name in stores:
        try:
            connection = stores[name].connection
        except ImproperlyConfigured:
            wrong.add(_engine_of(name))
            continue
        if connection.engine != "postgresql":
            found[id(connection)] = connection
    return list(found.values()), wrong


def answering(asked: list[Connection[Any]]) -> dict[str, bool]:
    """Which of these answer within HEALTH_TIMEOUT seconds, all asked at the same time."""
    answers = {connection.engine: _ask_aside(connection) for connection in asked}
    deadline = time.monotonic() + limits.HEALTH_TIMEOUT
    return {engine: _in_time(answer, deadline) for engine, answer in answers.items()}


_asking: dict[int, Future[str]] = {}


def _ask_aside(connection: Connection[Any]) -> Future[str]:
    """Ask in a thread of its own. One that hangs is not asked again until it has ended."""
    running = _asking.get(id(connection))
    if running is not None and not running.done():
        return running
    answer: Future[str] = Future()
    _asking[id(connection)] = answer

    def ask() -> None:
        try:
            answer.set_result(connection.version())
        except Exception as error:
            answer.set_exception(error)
        finally:
            connections.close_all()  # this thread's

    threading.Thread(target=ask, name=f"ask-{connection.engine}", daemon=True).start()
    return answer


def _in_time(answer: Future[str], deadline: float) -> bool:
    try:
        answer.result(timeout=max(0.0, deadline - time.monotonic()))
    except NotInTime:
        return False
    except Exception as error:
        logger.warning("a store does not answer: %s", error)
        return False
    return True


def _ask(
    store: str, connection: Connection[Any], schema: Callable[[], str], down: dict[int, str]
) -> StoreState:
    engine, address = connection.engine, connection.address
    try:
        if id(connection) in down:
            raise StoreUnavailable(down[id(connection)])
        connection.version()  # opens the client: what follows measures the way alone
        started = time.perf_counter()
        version = connection.version()
        latency = (time.perf_counter() - started) * 1000
        return StoreState(store, engine, version, address, round(latency, 1), schema())
    except Exception as error:
        why = str(error).partition("\n")[0] or type(error).__name__
        down[id(connection)] = why
        return StoreState(store, engine, "", address, None, "", why)


def _engine_of(name: str) -> str:
    """The engine of a store that can't be opened."""
    engine: str = import_string(settings.STORES[name]["BACKEND"]).engine
    return engine


def _schema(store: Store[Any]) -> str:
    wrong = [str(state) for state in store.inspect() if not state.ok]
    return "; ".join(wrong) or "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connections["default"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(plan)} migrations are missing" if plan else "ok"
