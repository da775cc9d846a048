"""MongoDB, by its own driver; the options of the URL go before the platform's."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

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
            parts = urlsplit(url)
            credentials, _, self._hosts = parts.netloc.rpartition("@")
            if credentials:
                uri_parser_shared.parse_userinfo(credentials)
            given = uri_parser_shared.split_options(parts.query) if parts.query else {}
        except (ValueError, PyMongoError) as error:
            raise ImproperlyConfigured(f"MONGODB_URL: {error}") from None
        self._scheme = parts.scheme
        self._options = {name: value for name, value in _OPTIONS.items() if name not in given}
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
        client: MongoClient[Document] = MongoClient(
            self.url, event_listeners=[self._watch], **self._options
        )
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
        return StoreUnavailable(f"MongoDB answers with error {numbers}")
    return StoreUnavailable("MongoDB is unavailable")


def error_codes(error: PyMongoError) -> set[int]:
    """The numbers of what the server has to say; empty if it said nothing."""
    if isinstance(error, BulkWriteError):
        details: Mapping[str, Any] = error.details or {}
        wrong = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
        return {entry["code"] for entry in wrong}
    if isinstance(error, OperationFailure) and error.code is not None:
        return {error.code}
    return set()
