"""The records that are written and read: those of the tests, each with a key of its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count, islice
from typing import Any
from uuid import uuid4

from tests.records import stream

BATCH = 100

_FIRST_DAY = date(2000, 1, 1)
_days = (_FIRST_DAY + timedelta(days=number) for number in count())


def singles(name: str) -> Iterator[Any]:
    """Records of the store `name` that share what the store keeps together with no other."""
    yield from map(_ALONE.get(name, lambda record: record), stream(name, seed=1))


def batches(name: str) -> Iterator[list[Any]]:
    """Records in batches as the platform writes them: a document's passages, a day's pages."""
    records, together = stream(name, seed=2), _TOGETHER.get(name)
    while True:
        batch = list(islice(records, BATCH))
        yield together(batch) if together else list(map(_ALONE.get(name, lambda one: one), batch))


def _activity(record: Any) -> Any:
    # The read is of a person's newest entry; some of the tests' entries are of nobody.
    return replace(record, user_id=str(uuid4()))


def _document(record: Any) -> Any:
    passage, vector = record
    return replace(passage, document_id=uuid4(), chunk_index=0), vector


def _document_batch(records: list[Any]) -> list[Any]:
    document_id = uuid4()
    return [
        (replace(passage, document_id=document_id, chunk_index=number), vector)
        for number, (passage, vector) in enumerate(records)
    ]


def _web(record: Any) -> Any:
    passage, vector = record
    return replace(passage, source_url=f"https://school.test/{uuid4()}"), vector


def _web_batch(records: list[Any]) -> list[Any]:
    url = f"https://school.test/{uuid4()}"
    return [(replace(passage, source_url=url), vector) for passage, vector in records]


def _views(record: Any) -> Any:
    return replace(record, date=next(_days))


def _views_batch(records: list[Any]) -> list[Any]:
    day = next(_days)
    return [replace(record, date=day) for record in records]


def _of_somebody(record: Any) -> Any:
    return replace(record, user_id=uuid4())


_ALONE: dict[str, Callable[[Any], Any]] = {
    "activity_logs": _activity,
    "documents": _document,
    "web_content": _web,
    "page_view_stats": _views,
    "user_engagement": _of_somebody,
    "learning_progress": _of_somebody,
}
_TOGETHER: dict[str, Callable[[list[Any]], list[Any]]] = {
    "documents": _document_batch,
    "web_content": _web_batch,
    "page_view_stats": _views_batch,
}
