"""MongoDB, by its own driver; the options of the URL go before the platform's."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import Any
from urllib.parse import unquote, urlsplit

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.errors import InvalidDocument, InvalidStringData
from bson.int64 import Int64
from django.core.exceptions import ImproperlyConfigured
from pymongo import MongoClient, uri_parser_shared
from pymongo.database import Database
from pymongo.errors import (
    BulkWriteError,
    DocumentTooLarge,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from config import limits
from config.connections.base import Connection, PoolState
from config.connections.mongodb_pools import PoolWatch
from config.connections.urls import mongodb_database
from config.errors import DomainError, InvalidInput, StoreUnavailable, TooLarge

Document = dict[str, Any]

# MongoDB's numbers, and those that FerretDB passes on from its PostgreSQL.
_TOO_LARGE = {10334, 17419, 17420, 302776349}
# Inserting several has no number of its own for this, only words: MongoDB's, FerretDB's.
_TOO_LARGE_WORDS = ("object to insert too large", "is larger than MaxDocumentSize")
_TOO_LARGE_DETAIL = "A document of MongoDB holds 16 MiB at most"
_NOT_VALID = {121, 525074461}
_REFUSED = {13, 18, 8000}

_SAID_LENGTH = 200  # characters of a server's message

_OPTIONS: Mapping[str, Any] = {
    "appname": "lectern",
    "minPoolSize": limits.MONGODB_POOL_MIN,
    "maxPoolSize": limits.MONGODB_POOL_MAX,
    "maxIdleTimeMS": limits.MONGODB_POOL_IDLE * 1000,
    "waitQueueTimeoutMS": limits.MONGODB_POOL_TIMEOUT * 1000,
    "serverSelectionTimeoutMS": limits.MONGODB_CONNECT_TIMEOUT * 1000,
    "connectTimeoutMS": limits.MONGODB_CONNECT_TIMEOUT * 1000,
    "socketTimeoutMS": limits.MONGODB_TIMEOUT * 1000,
}


class _PlainInteger(TypeDecoder):
    """An integer over 32 bits comes back as Python's own."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


CODEC: CodecOptions[Document] = CodecOptions(
    tz_aware=True,
    tzinfo=UTC,
    uuid_representation=UuidRepresentation.STANDARD,
    type_registry=TypeRegistry([_PlainInteger()]),
)


class MongoConnection(Connection[MongoClient[Document]]):
    """A server or a replica set, and the database that the URL names."""

    engine = "mongodb"
    title = "MongoDB"

    def __init__(self, url: str) -> None:
        try:
            self.name = mongodb_database(url)
            check_mongodb(url)
        except ValueError as error:
            raise ImproperlyConfigured(f"MONGODB_URL: {error}") from None
        parts = urlsplit(url)
        self._scheme = parts.scheme
        self._hosts = parts.netloc.rpartition("@")[2]
        self._watch = PoolWatch()
        self._database: Database[Document] | None = None
        super().__init__(url)

    @property
    def address(self) -> str:
        return f"{self._scheme}://{self._hosts}/{self.name}"

    @property
    def database(self) -> Database[Document]:
        """The database of the URL. Raises StoreUnavailable if its server can't be reached."""
        client = self.client
        if self._database is None or self._database.client is not client:
            self._database = client.get_database(self.name, codec_options=CODEC)
        return self._database

    def _open(self) -> MongoClient[Document]:
        self._watch = PoolWatch()
        try:
            client = _client(self.url, self._watch)
        except ValueError as error:  # a file of its options is gone since
            raise ImproperlyConfigured(f"MONGODB_URL: {error}") from None
        try:
            client.admin.command("ping")
        except BaseException:
            client.close()
            raise
        return client

    def _shut(self, client: MongoClient[Document]) -> None:
        client.close()

    @contextmanager
    def available(self) -> Iterator[None]:
        """Also: TooLarge for a document over MongoDB's size, InvalidInput for what is no BSON."""
        try:
            yield
        except DocumentTooLarge as error:
            raise TooLarge(_TOO_LARGE_DETAIL) from error
        except (InvalidDocument, InvalidStringData, OverflowError, UnicodeEncodeError) as error:
            raise InvalidInput(
                "MongoDB can't keep this: a number over 64 bits, half a character, or no JSON"
            ) from error
        except ServerSelectionTimeoutError as error:
            self.give_up()
            raise _translated(error) from error
        except PyMongoError as error:
            raise _translated(error) from error

    def version(self) -> str:
        with self.available():
            found = self.client.server_info()
        version = str(found["version"])
        if "ferretdb" in found:
            version += f" (FerretDB {found['ferretdb']['version']})"
        return version

    def pools(self) -> list[PoolState]:
        if not self.opened:
            return []
        limit = self.client.options.pool_options.max_pool_size
        return self._watch.states(None if limit == math.inf else int(limit))


def check_mongodb(url: str) -> None:
    """mongodb://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?OPTIONS; reads the files it names.

    Asks no server. What is said of a wrong one repeats nothing of it but the names of options.
    """
    mongodb_database(url)
    _client(url).close()


def _client(url: str, *listeners: PoolWatch) -> MongoClient[Document]:
    """A client that has asked no server yet, no DNS server either. Raises ValueError."""
    parts = urlsplit(url)
    try:
        given = uri_parser_shared.split_options(parts.query) if parts.query else {}
        options = {name: value for name, value in _OPTIONS.items() if name not in given}
        limit = given.get("maxPoolSize")  # 0 is none
        if limit and "minPoolSize" in options:
            options["minPoolSize"] = min(options["minPoolSize"], limit)
        return MongoClient(url, connect=False, event_listeners=listeners, **options)
    except (ValueError, TypeError, OSError, PyMongoError) as error:
        raise ValueError(_reason(error, parts.query, parts.netloc.rpartition("@")[0])) from None


def _reason(error: Exception, query: str, credentials: str) -> str:
    """Why there can be no client, without a value of the URL."""
    for pair in re.split("[&;]", query):
        name, _, _ = pair.partition("=")
        try:
            uri_parser_shared.split_options(pair)
        except OSError:
            return f"the file of its option {_known(name)} can't be read"
        except (ValueError, TypeError, PyMongoError):
            if pair:
                return f"its option {_known(name)} is wrong"
    if isinstance(error, OSError):
        return "a file of its options is none for TLS"
    # What is left is about hosts, credentials, and options that don't go together.
    text = str(error)
    password = credentials.partition(":")[2]
    if password and (password in text or unquote(password) in text):
        return "its credentials or options are wrong"
    return text


def _known(name: str) -> str:
    """The name of an option, if it is one: anything else may be a piece of a password."""
    known = {option.lower() for option in uri_parser_shared.URI_OPTIONS}
    return name if name.lower() in known else "(one that MongoDB doesn't know)"


def _translated(error: PyMongoError) -> DomainError:
    codes = error_codes(error)
    if codes & _TOO_LARGE or any(words in str(error) for words in _TOO_LARGE_WORDS):
        return TooLarge(_TOO_LARGE_DETAIL)
    if codes & _NOT_VALID:
        return InvalidInput("MongoDB refuses the document: its collection has other rules")
    if codes & _REFUSED:
        return StoreUnavailable("MongoDB refuses the user or the password of MONGODB_URL")
    if isinstance(error, WaitQueueTimeoutError):
        return StoreUnavailable("No connection to MongoDB became free in time")
    if codes:
        numbers = ", ".join(str(code) for code in sorted(codes))
        return StoreUnavailable(f"MongoDB answers with error {numbers}{_said(error)}")
    return StoreUnavailable("MongoDB is unavailable")


def _said(error: PyMongoError) -> str:
    """The server's own words in short: their first line, up to where the values begin."""
    details = error.details if isinstance(error, OperationFailure) else None
    words = str((details or {}).get("errmsg") or "").partition("\n")[0]
    words = re.split(r" dup key|[{]", words)[0].strip(" :")[:_SAID_LENGTH]
    return f": {words}" if words else ""


def error_codes(error: PyMongoError) -> set[int]:
    """The numbers of what the server has to say; empty if it said nothing."""
    if isinstance(error, BulkWriteError):
        details: Mapping[str, Any] = error.details or {}
        wrong = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
        return {entry["code"] for entry in wrong}
    if isinstance(error, OperationFailure) and error.code is not None:
        return {error.code}
    return set()
