"""How Qdrant's collections are made, and what is told of those that differ."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import models

from config.connections.base import Connection
from config.connections.qdrant import QdrantConnection
from config.stores import SchemaState
from retrieval.stores.qdrant import QdrantDocuments, QdrantWebContent
from tests.faults.scripted import Request, ScriptedServer

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")


@pytest.fixture(autouse=True)
def _no_connection_is_left() -> Iterator[None]:
    before = set(Connection._shared)
    yield
    for key in set(Connection._shared) - before:
        Connection._shared.pop(key).close()


def made_with(tmp_path: Path, vectors: Any) -> QdrantDocuments:
    """A local store whose collection somebody else has made."""
    store = QdrantDocuments(url=f"path:{tmp_path}/vectors")
    with store.connection.using() as client:
        client.create_collection("documents", vectors_config=vectors)
    return store


def test_a_local_store_is_usable_without_what_local_mode_lacks(tmp_path: Path) -> None:
    store = QdrantDocuments(url=f"path:{tmp_path}/vectors")
    states = list(store.prepare())
    assert [state.state for state in states] == ["created"] + ["not kept"] * 4
    assert all(state.ok for state in states)


@pytest.mark.parametrize(
    ("vectors", "found"),
    [
        (
            models.VectorParams(size=768, distance=models.Distance.COSINE),
            "expected 384 dimensions, Cosine, found 768 dimensions, Cosine",
        ),
        (
            models.VectorParams(size=384, distance=models.Distance.DOT),
            "expected 384 dimensions, Cosine, found 384 dimensions, Dot",
        ),
        (
            {"text": models.VectorParams(size=384, distance=models.Distance.COSINE)},
            "expected 384 dimensions, Cosine, found vectors with names: text",
        ),
    ],
    ids=["size", "distance", "names"],
)
def test_a_collection_that_differs_is_told_and_left_alone(
    tmp_path: Path, vectors: Any, found: str
) -> None:
    store = made_with(tmp_path, vectors)
    first, again = next(iter(store.prepare())), next(iter(store.prepare()))
    assert first == again == SchemaState("collection documents", "differs", found)
    assert not first.ok
    with store.connection.using() as client:
        assert client.get_collection("documents").config.params.vectors == vectors


class Server:
    """As much of a Qdrant server as `prepare` asks for: one collection and its settings."""

    def __init__(self) -> None:
        self.exists = False
        self.vectors: dict[str, Any] = {"size": 384, "distance": "Cosine"}
        self.hnsw: dict[str, Any] = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000}
        self.strict_mode: dict[str, Any] | None = None
        self.indexes: dict[str, Any] = {}

    def __call__(self, request: Request) -> Any:
        return {"result": self._result(request), "status": "ok", "time": 0.0}

    def _result(self, request: Request) -> Any:
        match request.method, request.path.split("/")[2:]:
            case "GET", []:
                return {"collections": []}
            case "GET", [_, "exists"]:
                return {"exists": self.exists}
            case "GET", [_]:
                return self._info()
            case "PUT", [_]:
                self.exists, self.vectors = True, request.body["vectors"]
                self.hnsw |= request.body["hnsw_config"]
                self.strict_mode = request.body["strict_mode_config"]
                return True
            case "PATCH", [_]:
                self.strict_mode = request.body["strict_mode_config"]
                return True
            case "PUT", [_, "index"]:
                schema = request.body["field_schema"]
                self.indexes[request.body["field_name"]] = {
                    "data_type": schema["type"],
                    "params": schema,
                    "points": 0,
                }
                return {"operation_id": 1, "status": "completed"}
        raise AssertionError(f"{request.method} {request.path}")

    def _info(self) -> dict[str, Any]:
        return {
            "status": "green",
            "optimizer_status": "ok",
            "points_count": 0,
            "segments_count": 1,
            "config": {
                "params": {"vectors": self.vectors, "shard_number": 1, "on_disk_payload": True},
                "hnsw_config": self.hnsw,
                "optimizer_config": {
                    "deleted_threshold": 0.2,
                    "vacuum_min_vector_number": 1000,
                    "default_segment_number": 0,
                    "flush_interval_sec": 5,
                },
                "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0},
                "strict_mode_config": self.strict_mode,
            },
            "payload_schema": self.indexes,
        }


@pytest.fixture
def qdrant() -> Iterator[tuple[Server, QdrantDocuments, ScriptedServer]]:
    with ScriptedServer() as script:
        script.answer = Server()
        yield script.answer, QdrantDocuments(url=script.url), script


def test_a_server_is_asked_for_what_the_spec_has(
    qdrant: tuple[Server, QdrantDocuments, ScriptedServer],
) -> None:
    server, store, script = qdrant
    assert [state.state for state in store.prepare()] == ["created"] + ["ok"] + ["created"] * 3
    assert [state.state for state in store.prepare()] == ["ok"] * 5
    bodies = [r.body for r in script.requests if r.path == "/collections/documents" and r.body]
    assert [(body["vectors"], body["hnsw_config"]) for body in bodies] == [
        ({"size": 384, "distance": "Cosine"}, {"m": 16, "ef_construct": 128})
    ]
    assert bodies[0]["strict_mode_config"]["unindexed_filtering_retrieve"] is False
    assert {name: index["params"] for name, index in server.indexes.items()} == {
        "classroom_id": {"type": "keyword", "is_tenant": True},
        "document_type": {"type": "keyword"},
        "document_id": {"type": "keyword"},
    }


def test_a_server_that_differs_is_told_and_left_alone(
    qdrant: tuple[Server, QdrantDocuments, ScriptedServer],
) -> None:
    server, store, script = qdrant
    list(store.prepare())
    server.hnsw["ef_construct"] = 100
    server.strict_mode = {"enabled": True, "max_query_limit": 7}
    server.indexes["classroom_id"]["params"] = {"type": "keyword"}
    server.indexes["document_type"] = {"data_type": "text", "points": 0}
    before = len(script.requests)
    states = {state.name: state.detail for state in store.prepare() if state.state == "differs"}
    assert set(states) == {
        "collection documents",
        "strict mode of documents",
        "payload index documents.classroom_id",
        "payload index documents.document_type",
    }
    assert states["collection documents"].endswith(
        "found 384 dimensions, Cosine, m=16, ef_construct=100"
    )
    assert "max_query_limit=7" in states["strict mode of documents"]
    assert states["payload index documents.classroom_id"] == (
        "expected keyword, is_tenant, found keyword"
    )
    assert {request.method for request in script.requests[before:]} == {"GET"}


def test_a_collection_without_strict_mode_gets_it(
    qdrant: tuple[Server, QdrantDocuments, ScriptedServer],
) -> None:
    server, store, _ = qdrant
    list(store.prepare())
    server.strict_mode = None
    assert [s.name for s in store.inspect() if not s.ok] == ["strict mode of documents"]
    assert [s.state for s in store.prepare() if s.state != "ok"] == ["created"]


def test_the_web_has_its_own_collection() -> None:
    store = QdrantWebContent(url=":memory:", prefix="x_")
    assert [item.name for item in store.schema()] == [
        "collection x_web_content",
        "strict mode of x_web_content",
        "payload index x_web_content.source_url",
        "payload index x_web_content.topic",
    ]
    assert isinstance(store.connection, QdrantConnection)
