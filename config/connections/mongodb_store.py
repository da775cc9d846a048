"""What the MongoDB engines share: stores whose records are documents of collections."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, ClassVar
from uuid import UUID

from bson import DBRef, ObjectId
from pymongo import collection
from pymongo.errors import BulkWriteError, DuplicateKeyError

from config.connections.mongodb import Document, MongoConnection, error_codes
from config.connections.mongodb_schema import Collection, schema_of
from config.stores import Record, SchemaObject, Store

DUPLICATE_KEY = 11000


class MongoStore(Store[Record]):
    """An engine whose records are documents of the first of `collections`."""

    engine = "mongodb"
    collections: ClassVar[Sequence[Collection]]

    def __init__(self, *, url: str) -> None:
        super().__init__(url=url)

    @property
    def connection(self) -> MongoConnection:
        return MongoConnection.to(self.options["url"])

    @property
    def documents(self) -> collection.Collection[Document]:
        """The driver's collection of the records."""
        return self.connection.database[self.collections[0].name]

    def schema(self) -> Sequence[SchemaObject]:
        return [item for one in self.collections for item in schema_of(self.connection, one)]

    def estimate(self) -> int | None:
        with self.connection.available():
            return self.documents.estimated_document_count()


def id_of(key: UUID) -> ObjectId:
    """The `_id` of the document with this key, whoever inserts it first.

    So two that insert it at once meet at `_id`, and one is told. Where only another unique index
    is in their way, FerretDB's PostgreSQL lets both wait for each other until it finds out.
    """
    return ObjectId(blake2b(key.bytes, digest_size=12).digest())


def as_given(value: Any) -> Any:
    """What a person's JSON was before the driver took an object with `$ref` for a reference."""
    if isinstance(value, DBRef):
        value = value.as_doc()
    if isinstance(value, dict):
        return {name: as_given(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_given(item) for item in value]
    return value


def only_duplicates(error: DuplicateKeyError | BulkWriteError) -> bool:
    """Whether nothing went wrong but that documents were there already."""
    return error_codes(error) == {DUPLICATE_KEY}


def upserted(write: Callable[[], object]) -> None:
    """Do an upsert, once more if another writer has inserted the same key meanwhile."""
    try:
        write()
    except (DuplicateKeyError, BulkWriteError) as error:
        if not only_duplicates(error):
            raise
        write()
