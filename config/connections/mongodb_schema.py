"""Collections, their rules and their indexes, as a store's schema."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from pymongo.errors import CollectionInvalid, OperationFailure

from config.connections.mongodb import Document, MongoConnection
from config.stores import SchemaObject

NAMESPACE_EXISTS = 48
NOT_SUPPORTED = (59, 115, 238)
# What a server says of an index beside its keys, where it is set.
_INDEX_OPTIONS = (
    "unique",
    "expireAfterSeconds",
    "sparse",
    "hidden",
    "partialFilterExpression",
    "collation",
)


@dataclass(frozen=True, slots=True)
class Index:
    """An index over fields, 1 for ascending and -1 for descending."""

    keys: tuple[tuple[str, int], ...]
    unique: bool = False
    expire_after: timedelta | None = None

    @property
    def name(self) -> str:
        """MongoDB's own name for it."""
        return "_".join(f"{field}_{direction}" for field, direction in self.keys)

    @property
    def options(self) -> dict[str, Any]:
        """What it is beside its keys, in MongoDB's words."""
        options: dict[str, Any] = {"unique": True} if self.unique else {}
        if self.expire_after is not None:
            options["expireAfterSeconds"] = int(self.expire_after.total_seconds())
        return options


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection: the types of its fields in BSON's words, all required, and its indexes."""

    name: str
    properties: Document
    indexes: tuple[Index, ...]
    optional: frozenset[str] = field(default_factory=frozenset)

    @property
    def validator(self) -> Document:
        """The rule that every document keeps."""
        return {"$jsonSchema": record(self.properties, self.optional)}


def record(properties: Document, optional: frozenset[str] = frozenset()) -> Document:
    """The rule for an object with these fields."""
    return {
        "bsonType": "object",
        "required": sorted(properties.keys() - optional),
        "properties": properties,
    }


def records(properties: Document) -> Document:
    """The rule for a list of objects with these fields."""
    return {"bsonType": "array", "items": record(properties)}


def a(*types: str) -> Document:
    """The rule for a value of one of these types."""
    return {"bsonType": list(types)}


def schema_of(connection: MongoConnection, collection: Collection) -> Sequence[SchemaObject]:
    """The collection, its rules, and its indexes."""
    name = collection.name
    return [
        SchemaObject(
            name=f"collection {name}",
            expected="collection",
            find=partial(_kind, connection, name),
            create=partial(_create, connection, name),
        ),
        SchemaObject(
            name=f"validator of {name}",
            expected=_rules(collection.validator, "error"),
            find=partial(_found_rules, connection, name),
            create=partial(_set_rules, connection, collection),
            # Not every server that speaks MongoDB's protocol keeps them.
            optional=True,
        ),
        *(
            SchemaObject(
                name=f"index {name}.{index.name}",
                expected=_index(list(index.keys), index.options),
                find=partial(_found_index, connection, name, index),
                create=partial(_create_index, connection, name, index),
            )
            for index in collection.indexes
        ),
    ]


def _listed(connection: MongoConnection, name: str) -> Document:
    """What the server says of a collection, nothing if there is none."""
    with connection.available():
        found = list(connection.database.list_collections(filter={"name": name}))
    return dict(found[0]) if found else {}


def _kind(connection: MongoConnection, name: str) -> str | None:
    return _listed(connection, name).get("type")


def _create(connection: MongoConnection, name: str) -> None:
    with connection.available(), suppress(CollectionInvalid):  # another process was first
        try:
            connection.database.create_collection(name)
        except OperationFailure as error:
            if error.code != NAMESPACE_EXISTS:
                raise


def _rules(validator: Document, action: str) -> str:
    return f"{json.dumps(validator, sort_keys=True, default=str)} {action}"


def _found_rules(connection: MongoConnection, name: str) -> str | None:
    options = _listed(connection, name).get("options", {})
    if not options.get("validator"):
        return None
    return _rules(options["validator"], options.get("validationAction", "error"))


def _set_rules(connection: MongoConnection, collection: Collection) -> None:
    # Not with the collection: FerretDB forgets them there, and keeps them here.
    with connection.available():
        try:
            connection.database.command(
                "collMod",
                collection.name,
                validator=collection.validator,
                validationLevel="strict",
                validationAction="error",
            )
        except OperationFailure as error:
            if error.code not in NOT_SUPPORTED:
                raise


def _found_index(connection: MongoConnection, name: str, index: Index) -> str | None:
    """The index with the same name or the same keys; the server allows no second one."""
    with connection.available():
        indexes = connection.database[name].index_information()
    same = [
        _index(one["key"], one)
        for other, one in indexes.items()
        if other == index.name or _keys(one["key"]) == list(index.keys)
    ]
    expected = _index(list(index.keys), index.options)
    return expected if expected in same else next(iter(same), None)


def _create_index(connection: MongoConnection, name: str, index: Index) -> None:
    with connection.available():
        connection.database[name].create_index(list(index.keys), name=index.name, **index.options)


def _index(keys: list[tuple[str, Any]], options: Document) -> str:
    words = [", ".join(f"{field} {direction}" for field, direction in _keys(keys))]
    words += [f"{name}={options[name]}" for name in _INDEX_OPTIONS if options.get(name)]
    return "; ".join(words)


def _keys(keys: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    # A shell sends 1.0.
    return [(field, int(to) if isinstance(to, float) else to) for field, to in keys]
