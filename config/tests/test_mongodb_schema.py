"""What the stores of MongoDB say of collections and indexes that are missing or differ."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from pymongo.database import Database

from config.connections.mongodb import Document, MongoConnection
from config.connections.mongodb_schema import Collection, Index, a
from config.connections.mongodb_store import MongoStore
from config.errors import InvalidInput, StoreUnavailable
from config.store_settings import mongodb_stores
from config.stores import Page, open_store
from tests.contracts import absent, server_url


class Notes(MongoStore[str]):
    """A store with a little of everything."""

    collections = (
        Collection(
            "notes",
            {"text": a("string"), "at": a("date"), "extra": a("string", "null")},
            indexes=(Index((("text", 1), ("at", -1)), unique=True), Index((("at", 1),))),
            optional=frozenset({"extra"}),
        ),
    )

    def scan(self, *, after: str | None = None, limit: int) -> Page[str]:
        raise NotImplementedError

    def load(self, records: Any) -> None:
        raise NotImplementedError


@pytest.fixture
def url() -> Iterator[str]:
    """A database of this test's own."""
    if not server_url("mongodb"):
        absent("mongodb")
    found = f"{server_url('mongodb')}_{uuid4().hex[:8]}"
    yield found
    connection = MongoConnection.to(found)
    connection.client.drop_database(connection.name)
    connection.close()


@pytest.fixture
def notes(url: str) -> Notes:
    return Notes(url=url)


@pytest.fixture
def database(notes: Notes) -> Database[Document]:
    return notes.connection.database


def states(store: Any) -> dict[str, str]:
    return {state.name: state.state for state in store.inspect()}


def test_what_is_missing_is_made_once(notes: Notes, database: Database[Document]) -> None:
    assert set(states(notes).values()) == {"missing"}
    assert database.list_collection_names() == []  # looking changes nothing

    made = {state.name: state.state for state in notes.prepare()}
    assert list(made) == [
        "collection notes",
        "validator of notes",
        "index notes.text_1_at_-1",
        "index notes.at_1",
    ]
    assert {*made.values()} <= {"created", "not kept"}
    assert {state.state for state in notes.prepare()} <= {"ok", "not kept"}


def test_an_index_that_differs_is_told_and_left(notes: Notes, database: Database[Document]) -> None:
    database.notes.create_index([("text", 1), ("at", -1)])
    database.notes.create_index("at", expireAfterSeconds=60)
    before = database.notes.index_information()

    found = {state.name: state for state in notes.prepare()}
    assert found["index notes.text_1_at_-1"].state == "differs"
    assert found["index notes.text_1_at_-1"].detail == (
        "expected text 1, at -1; unique=True, found text 1, at -1"
    )
    assert found["index notes.at_1"].detail == "expected at 1, found at 1; expireAfterSeconds=60"
    assert database.notes.index_information() == before
    assert not all(state.ok for state in notes.inspect())


def test_an_index_of_the_same_name_over_something_else_differs(
    notes: Notes, database: Database[Document]
) -> None:
    database.notes.create_index("other", name="at_1")
    found = {state.name: state for state in notes.prepare()}
    assert found["index notes.at_1"].detail == "expected at 1, found other 1"


def test_an_index_of_another_name_will_do(notes: Notes, database: Database[Document]) -> None:
    # As a shell sends it: its numbers are all floats.
    database.command("createIndexes", "notes", indexes=[{"key": {"at": 1.0}, "name": "mine"}])
    assert {state.name: state.state for state in notes.prepare()}["index notes.at_1"] == "ok"
    assert set(database.notes.index_information()) == {"_id_", "mine", "text_1_at_-1"}


def test_rules_that_differ_are_told_and_left(notes: Notes, database: Database[Document]) -> None:
    rules = {"$jsonSchema": {"bsonType": "object", "required": ["text"]}}
    database.create_collection("notes")
    database.command("collMod", "notes", validator=rules)

    found = {state.name: state.state for state in notes.prepare()}
    assert found["validator of notes"] == "differs"
    [listed] = database.list_collections(filter={"name": "notes"})
    assert listed["options"]["validator"] == rules


def test_documents_of_another_form_are_refused(notes: Notes, database: Database[Document]) -> None:
    list(notes.prepare())
    now = datetime.now(UTC)
    database.notes.insert_one({"text": "a", "at": now})
    for wrong in ({"text": 1, "at": now}, {"text": "b"}, {"text": "c", "at": now, "extra": 1}):
        with pytest.raises(InvalidInput), notes.connection.available():
            database.notes.insert_one(dict(wrong))
        with pytest.raises(InvalidInput), notes.connection.available():
            database.notes.insert_many([dict(wrong)])
    assert database.notes.count_documents({}) == 1


def test_the_platforms_stores_have_what_the_spec_says(url: str) -> None:
    for config in mongodb_stores(url).values():
        assert all(state.ok for state in open_store(config).prepare())
    database = MongoConnection.to(url).database

    assert sorted(database.list_collection_names()) == [
        "activity_logs",
        "proctoring_reports",
        "transcript_parts",
        "transcripts",
    ]
    found = database.activity_logs.index_information()
    assert {name: index["key"] for name, index in found.items()} == {
        "_id_": [("_id", 1)],
        "user_id_1_timestamp_-1": [("user_id", 1), ("timestamp", -1)],
        "action_1": [("action", 1)],
        "timestamp_1": [("timestamp", 1)],
    }
    assert found["timestamp_1"]["expireAfterSeconds"] == 7776000
    assert database.transcripts.index_information()["meeting_id_1"]["unique"]
    assert database.proctoring_reports.index_information()["session_id_1"]["unique"]


MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("collection", "condition", "sort", "index"),
    [
        ("activity_logs", {"user_id": "u"}, {"timestamp": -1}, "user_id_1_timestamp_-1"),
        (
            "activity_logs",
            {"user_id": {"$in": ["u", "v"]}, "timestamp": {"$lt": MOMENT}},
            {"timestamp": -1},
            "user_id_1_timestamp_-1",
        ),
        ("activity_logs", {"action": "login"}, {"timestamp": -1}, "action_1"),
        ("activity_logs", {"timestamp": {"$lt": MOMENT}}, {"timestamp": -1}, "timestamp_1"),
        ("activity_logs", {"timestamp": MOMENT}, {"_id": -1}, "timestamp_1"),
        ("transcripts", {"meeting_id": "m"}, {}, "meeting_id_1"),
        ("transcripts", {"meeting_id": {"$gt": "m"}}, {"meeting_id": 1}, "meeting_id_1"),
        (
            "transcript_parts",
            {"meeting_id": "m", "generation": "g"},
            {"position": 1},
            "meeting_id_1_generation_1_position_1",
        ),
        ("proctoring_reports", {"session_id": "s"}, {}, "session_id_1"),
        ("proctoring_reports", {"user_id": "u"}, {}, "user_id_1"),
        (
            "proctoring_reports",
            {
                "assessment_id": {"$in": ["a", "b"]},
                "started_at": {"$lte": MOMENT},
                "$or": [{"started_at": {"$lt": MOMENT}}, {"session_id": {"$lt": "s"}}],
            },
            {"started_at": -1, "session_id": -1},
            "assessment_id_1_started_at_-1_session_id_-1",
        ),
    ],
)
def test_questions_are_answered_from_an_index(
    url: str, collection: str, condition: Document, sort: Document, index: str
) -> None:
    for config in mongodb_stores(url).values():
        list(open_store(config).prepare())
    command = {"find": collection, "filter": condition, "limit": 25}
    if sort:
        command["sort"] = sort
    plan = MongoConnection.to(url).database.command("explain", command, verbosity="queryPlanner")
    assert index in indexes_used(plan), json.dumps(plan, default=str)


def indexes_used(plan: Any) -> set[str]:
    """The indexes that a plan reads: MongoDB's and PostgreSQL's words for it."""
    if isinstance(plan, list):
        return set().union(*(indexes_used(one) for one in plan))
    if not isinstance(plan, dict):
        return set()
    found = {plan[name] for name in ("indexName", "Index Name") if name in plan}
    # What was considered and left is no use.
    rest = (value for name, value in plan.items() if name not in ("IndexCosts", "rejectedPlans"))
    return found.union(*(indexes_used(one) for one in rest))


def test_why_an_index_can_not_be_built_is_told(notes: Notes, database: Database[Document]) -> None:
    twice = {"text": "a secret", "at": datetime(2026, 3, 1, tzinfo=UTC)}
    database.notes.insert_many([dict(twice), dict(twice)])
    # MongoDB speaks of a duplicate key, FerretDB of PostgreSQL's constraint.
    with pytest.raises(StoreUnavailable, match=r"error \d+: .*(dup|constraint)") as raised:
        list(notes.prepare())
    assert "a secret" not in str(raised.value)
