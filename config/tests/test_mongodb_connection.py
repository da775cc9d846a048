"""The connection to MongoDB: what the URL says, what errors mean, what the pool does."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import dns.resolver
import pytest
from bson import ObjectId
from django.core.exceptions import ImproperlyConfigured
from pymongo.errors import AutoReconnect, OperationFailure, WTimeoutError

from analytics.tests.threads import in_threads
from config import limits
from config.connections.base import Connection
from config.connections.mongodb import MongoConnection, check_mongodb
from config.errors import DomainError, InvalidInput, StoreUnavailable, TooLarge
from tests.contracts import absent, server_url

PASSWORD = "Pass-word-1"


@pytest.fixture
def url() -> Iterator[str]:
    """The server under test; what a test opens there is closed."""
    if not server_url("mongodb"):
        absent("mongodb")
    before = set(Connection._shared)
    yield server_url("mongodb")
    for key in set(Connection._shared) - before:
        Connection._shared.pop(key).close()


def with_options(url: str, options: str) -> MongoConnection:
    return MongoConnection.to(urlunsplit(urlsplit(url)._replace(query=options)))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mongodb://",
        "mongodb://[::1/lectern",
        "http://127.0.0.1:27017/lectern",
        f"mongodb://u:{PASSWORD}@host:99999/lectern",
        f"mongodb://u:{PASSWORD}@host/a b",
        f"mongodb://u:{PASSWORD}%@host/lectern",
        f"mongodb://u:{PASSWORD}@host/lectern?maxPoolSize=many",
        f"mongodb://u:{PASSWORD}@host/lectern?w",
    ],
)
def test_a_wrong_url_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="MONGODB_URL") as raised:
        MongoConnection(url)
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("host/?tls=true&tlsCAFile=/no/where", "tlsCAFile can't be read"),
        ("host/?tls=true&tlsCertificateKeyFile=/no/where", "tlsCertificateKeyFile can't be read"),
        (f"host/?tls=true&tlsCAFile={__file__}", "none for TLS"),
        ("host/?tls=maybe", "tls is wrong"),
        ("host/?authMechanism=NOPE", "authMechanism is wrong"),
        ("host/?readPreference=nope", "readPreference is wrong"),
        ("host/?maxPoolSize=2&minPoolSize=3", "minPoolSize"),
        (f"host/?{PASSWORD}=1", "one that MongoDB doesn't know"),
        (f"host/?authMechanismProperties={PASSWORD}:1", "authMechanismProperties is wrong"),
        ("host/?loadBalanced=true&replicaSet=a", "replicaSet"),
        ("a,b/?directConnection=true", "directConnection"),
    ],
)
def test_wrong_options_are_told_without_their_values(rest: str, words: str) -> None:
    url = f"mongodb://u:{PASSWORD}@{rest}"
    with pytest.raises(ImproperlyConfigured, match="MONGODB_URL") as raised:
        MongoConnection(url)
    assert words in str(raised.value)
    assert PASSWORD not in str(raised.value) and "/no" not in str(raised.value)
    with pytest.raises(ValueError, match=re.escape(words)):
        check_mongodb(url)


def test_the_port_of_an_srv_is_told_and_no_server_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def asked(*args: object, **options: object) -> None:
        raise AssertionError(args)

    monkeypatch.setattr(socket, "socket", asked)
    monkeypatch.setattr(dns.resolver, "resolve", asked)
    check_mongodb("mongodb://host/")
    check_mongodb("mongodb+srv://u:p@cluster.test/")
    with pytest.raises(ValueError, match="port"):
        check_mongodb(f"mongodb+srv://u:{PASSWORD}@cluster.test:1/")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (f"mongodb://u:{PASSWORD}@host:1/name?w=1", "mongodb://host:1/name"),
        ("mongodb://a:1,b:2/name", "mongodb://a:1,b:2/name"),
        (f"mongodb+srv://u:{PASSWORD}@cluster.test/", "mongodb+srv://cluster.test/lectern"),
    ],
)
def test_an_address_has_no_credentials(url: str, address: str) -> None:
    connection = MongoConnection(url)
    assert connection.address == address
    assert not connection.opened


def test_the_pool_is_the_specs(url: str) -> None:
    options = with_options(url, "").client.options
    assert options.pool_options.max_pool_size == 50
    assert options.pool_options.min_pool_size == 10
    assert options.pool_options.max_idle_time_seconds == 30
    assert options.pool_options.wait_queue_timeout == limits.MONGODB_POOL_TIMEOUT
    assert options.pool_options.socket_timeout == limits.MONGODB_TIMEOUT
    assert options.pool_options.connect_timeout == limits.MONGODB_CONNECT_TIMEOUT
    assert options.server_selection_timeout == limits.MONGODB_CONNECT_TIMEOUT
    assert options.pool_options.appname == "lectern"


def test_options_of_the_url_win(url: str) -> None:
    client = with_options(url, "maxPoolSize=3&minpoolsize=0&waitQueueTimeoutMS=100&w=1").client
    assert client.options.pool_options.max_pool_size == 3
    assert client.options.pool_options.min_pool_size == 0
    assert client.options.pool_options.wait_queue_timeout == 0.1
    assert client.options.pool_options.max_idle_time_seconds == 30
    assert client.write_concern.document == {"w": 1}


@pytest.mark.parametrize(("given", "least"), [("5", 5), ("30", 10), ("0", 10)])
def test_a_smaller_pool_keeps_fewer_open(url: str, given: str, least: int) -> None:
    client = with_options(url, f"maxPoolSize={given}").client
    assert client.options.pool_options.min_pool_size == least


def test_a_file_that_is_gone_since_is_told(tmp_path: Path) -> None:
    connection = MongoConnection("mongodb://127.0.0.1:1/")
    connection.url += f"?tls=true&tlsCAFile={tmp_path}/gone"
    with pytest.raises(ImproperlyConfigured, match="tlsCAFile"):
        assert connection.client


def test_the_version_is_the_servers(url: str) -> None:
    version = MongoConnection.to(url).version()
    assert version[0].isdigit()


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (2**63, InvalidInput),
        ("half \ud800", InvalidInput),
        ({"a\0b": 1}, InvalidInput),
        ({1, 2}, InvalidInput),
        ("x" * (17 * limits.MIB), TooLarge),
    ],
    ids=["integer", "surrogate", "key", "set", "size"],
)
def test_what_can_not_be_kept_is_refused(url: str, value: object, error: type[DomainError]) -> None:
    connection = MongoConnection.to(url)
    with pytest.raises(error) as raised, connection.available():
        connection.database.anything.insert_one({"_id": ObjectId(), "value": value})
    assert type(raised.value) is error


def test_what_errors_mean() -> None:
    connection = MongoConnection("mongodb://host/name")
    meanings = {
        "password": OperationFailure(f"Authentication failed for u:{PASSWORD}", 18),
        "is unavailable": AutoReconnect("connection closed"),
        "error 64": WTimeoutError("waiting for replication timed out", 64),
    }
    for words, error in meanings.items():
        with pytest.raises(StoreUnavailable, match=words) as raised, connection.available():
            raise error
        assert PASSWORD not in str(raised.value)


def test_the_servers_own_words_are_told_without_values() -> None:
    said = 'E11000 duplicate key error collection: a.b index: c dup key: { c: "secret" }'
    connection = MongoConnection("mongodb://host/name")
    for text in (said, f"{said}\nmore"):
        error = OperationFailure(text, 1, {"errmsg": text})
        with pytest.raises(StoreUnavailable) as raised, connection.available():
            raise error
        assert str(raised.value).endswith(
            "error 1: E11000 duplicate key error collection: a.b index: c"
        )


def test_the_pool_counts_what_waits(url: str) -> None:
    connection = with_options(url, "maxPoolSize=2&minPoolSize=0")
    assert connection.pools() == []

    assert connection.client
    start = threading.Barrier(8)

    def ask(_: int) -> None:
        start.wait()
        connection.client.list_database_names()

    in_threads(ask, range(8))
    [pool] = connection.pools()
    assert (pool.size, pool.in_use, pool.limit, pool.waiting) == (2, 0, 2, 0)
    assert pool.waits is not None and 2 < pool.waits <= 9
    assert pool.wait_seconds is not None and pool.wait_seconds > 0

    connection.close()
    assert connection.pools() == []


def test_closing_ends_the_clients_threads(url: str) -> None:
    before = set(threading.enumerate())
    connection = with_options(url, "minPoolSize=2")
    assert connection.version()
    started = set(threading.enumerate()) - before
    assert started

    connection.close()
    deadline = time.monotonic() + 10
    while any(thread.is_alive() for thread in started) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(thread.is_alive() for thread in started)
    assert connection.version()  # it opens another
