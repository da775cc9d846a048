"""The connection to Qdrant: its address, its options, and the client's local mode."""

from pathlib import Path
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from qdrant_client import models

from config.connections.qdrant import QdrantConnection
from config.errors import StoreUnavailable

VECTORS = models.VectorParams(size=4, distance=models.Distance.COSINE)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://qdrant", "http://qdrant:6333"),
        ("https://vectors.example.org:443/", "https://vectors.example.org:443"),
        ("http://[::1]:7000/prefix", "http://[::1]:7000/prefix"),
        (":memory:", ":memory:"),
        ("path:/var/lib/x", "path:/var/lib/x"),
    ],
)
def test_the_address_as_an_operator_would_say_it(url: str, address: str) -> None:
    connection = QdrantConnection(url, api_key="secret")
    assert connection.address == address
    assert connection.pools() == []
    assert not connection.opened


@pytest.mark.parametrize(
    "url", ["", "qdrant:6333", "path:relative", "memory", "http://", "http://key@qdrant:6333"]
)
def test_an_address_that_is_wrong(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="QDRANT_URL"):
        QdrantConnection(url)


def test_one_connection_for_an_address_and_a_key() -> None:
    url = "http://shared.invalid:6333"
    one = QdrantConnection.to(url, api_key="one")
    assert QdrantConnection.to(url, api_key="one") is one
    assert QdrantConnection.to(url, api_key="other") is not one
    assert one.options == {"api_key": "one"}


def test_a_folder_is_kept_and_is_for_one_at_a_time(tmp_path: Path) -> None:
    connection = QdrantConnection(f"path:{tmp_path}/vectors")
    with connection.using() as client:
        client.create_collection("kept", vectors_config=VECTORS)
    second = QdrantConnection(f"path:{tmp_path}/./vectors")
    with pytest.raises(StoreUnavailable, match="already accessed"):
        second.client  # noqa: B018 - opens it
    connection.close()
    again = QdrantConnection(f"path:{tmp_path}/vectors")
    with again.using() as client:
        assert client.collection_exists("kept")
    again.close()


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_the_local_mode_is_for_threads(tmp_path: Path, kind: str) -> None:
    connection = QdrantConnection(":memory:" if kind == "memory" else f"path:{tmp_path}/vectors")
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for i in range(20):
                with connection.using() as client:
                    point = models.PointStruct(id=number * 100 + i, vector=[1.0, i, 0, 0])
                    client.upsert("threads", [point])
                    client.scroll("threads", limit=5)
        except Exception as error:
            failures.append(error)

    with connection.using() as client:
        client.create_collection("threads", vectors_config=VECTORS)
    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with connection.using() as client:
        assert client.count("threads").count == 160
    assert connection.version() == "local"
    connection.close()
