"""The platform's side: the stores' own methods, the same ones on every engine."""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, is_dataclass
from typing import Any

from analytics.stores.activity.base import ActivityQuery
from bench.store_cases.base import Side
from config import limits
from config.stores import Store


@dataclass(frozen=True, slots=True)
class Calls:
    """How a store writes one record, writes many, and reads what the first says."""

    write: Callable[[Any, Any], object]
    write_batch: Callable[[Any, Sequence[Any]], object]
    read: Callable[[Any, Any], object]


class PlatformSide(Side[Any]):
    """An engine's store under its interface."""

    def __init__(self, name: str, store: Store[Any]) -> None:
        self._store = store
        self._calls = CALLS[name]

    def write(self, record: Any) -> None:
        self._calls.write(self._store, record)

    def write_batch(self, records: Sequence[Any]) -> None:
        self._calls.write_batch(self._store, records)

    def read(self, record: Any) -> object:
        return self._calls.read(self._store, record)


def plain(found: Any) -> object:
    """What a side has read in a form that can be compared: fields, rows and parts as lists.

    Similarities are rounded, as the same one may come out a last bit off.
    """
    if isinstance(found, float):
        return round(found, 5)
    if is_dataclass(found) and not isinstance(found, type):
        found = astuple(found)
    return [plain(one) for one in found] if isinstance(found, list | tuple) else found


CALLS = {
    "transcripts": Calls(
        write=lambda store, one: store.save(one),
        write_batch=lambda store, many: store.load(many),
        read=lambda store, one: store.get(one.meeting_id),
    ),
    "proctoring_reports": Calls(
        write=lambda store, one: store.save(one),
        write_batch=lambda store, many: store.load(many),
        read=lambda store, one: store.get(one.session_id),
    ),
    "activity_logs": Calls(
        write=lambda store, one: store.add([one]),
        write_batch=lambda store, many: store.add(many),
        read=lambda store, one: store.find(ActivityQuery(user_ids=[one.user_id]), limit=1),
    ),
    "documents": Calls(
        write=lambda store, one: store.replace(one[0].document_id, [one]),
        write_batch=lambda store, many: store.replace(many[0][0].document_id, many),
        read=lambda store, one: store.search(
            one[1], classroom_ids=[one[0].classroom_id], limit=limits.SEARCH_RESULTS
        ),
    ),
    "web_content": Calls(
        write=lambda store, one: store.replace(one[0].source_url, [one]),
        write_batch=lambda store, many: store.replace(many[0][0].source_url, many),
        read=lambda store, one: store.search(one[1], limit=limits.SEARCH_RESULTS),
    ),
    "events": Calls(
        write=lambda store, one: store.add([one]),
        write_batch=lambda store, many: store.add(many),
        read=lambda store, one: list(store.of_hour(one.event_time, limit=1)),
    ),
    "page_view_stats": Calls(
        write=lambda store, one: store.add({one.key: one.view_count}),
        write_batch=lambda store, many: store.add({one.key: one.view_count for one in many}),
        read=lambda store, one: store.of_date(one.date),
    ),
    "user_engagement": Calls(
        write=lambda store, one: store.save([one]),
        write_batch=lambda store, many: store.save(many),
        read=lambda store, one: store.history(one.user_id),
    ),
    "learning_progress": Calls(
        write=lambda store, one: store.save([one]),
        write_batch=lambda store, many: store.save(many),
        read=lambda store, one: store.in_subject(one.user_id, one.subject),
    ),
}
