"""The activity log in MongoDB: the spec's collection `activity_logs` with its three indexes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo.errors import BulkWriteError

from accounts.activity import Activity
from analytics.stores.activity.base import ActivityLogStore, ActivityQuery, Position
from config import limits
from config.connections.mongodb import Document
from config.connections.mongodb_schema import Collection, Index, a
from config.connections.mongodb_store import MongoStore, as_given, only_duplicates
from config.stores import Page
from config.times import to_milliseconds

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

ACTIVITY_LOGS = Collection(
    "activity_logs",
    {
        "_id": a("objectId"),
        "user_id": a("string", "null"),
        "action": a("string"),
        "resource_type": a("string"),
        "resource_id": a("string"),
        "metadata": a("object"),
        "ip_address": a("string", "null"),
        "user_agent": a("string"),
        "timestamp": a("date"),
    },
    indexes=(
        Index((("user_id", 1), ("timestamp", -1))),
        Index((("action", 1),)),
        Index((("timestamp", 1),), expire_after=limits.ACTIVITY_LOG_RETENTION),
    ),
)


class MongoActivityLogStore(MongoStore[Activity], ActivityLogStore):
    """The server removes what is over 90 days old by itself, within about a minute."""

    collections = (ACTIVITY_LOGS,)

    def add(self, entries: Sequence[Activity]) -> None:
        if not entries:
            return
        with self.connection.available():
            try:
                self.documents.insert_many([_document(entry) for entry in entries], ordered=False)
            except BulkWriteError as error:
                if not only_duplicates(error):
                    raise

    def find(
        self, query: ActivityQuery, *, limit: int, after: Position | None = None
    ) -> list[Activity]:
        with self.connection.available():
            condition = _condition(query)
            if after is None:
                found = self._newest(condition, limit)
            else:
                moment, start = _bounded(after.timestamp), _next_millisecond(after.timestamp)
                found = []
                if moment == start:  # otherwise it is between the moments that entries have
                    found = self._at(condition, moment, limit, before=ObjectId(after.id))
                older = {"timestamp": {"$lt": start}}
                found += self._newest({"$and": [condition, older]}, limit - len(found))
        return [_entry(document) for document in found]

    def scan(self, *, after: str | None = None, limit: int) -> Page[Activity]:
        # By id, whose index has one order: entries that are added meanwhile come at the end.
        condition = {"_id": {"$gt": ObjectId(after)}} if after else {}
        with self.connection.available():
            found = list(self.documents.find(condition).sort("_id", 1).limit(limit))
        entries = [_entry(document) for document in found]
        return Page(entries, entries[-1].id if len(entries) == limit else None)

    def _newest(self, condition: Document, limit: int) -> list[Document]:
        """The newest entries, by time and then id.

        The spec's indexes end with the time, so that is what the server can sort by without
        reading everything; entries of one moment are put in order afterwards.
        """
        if limit < 1:
            return []  # none is "all" to the server
        found = list(self.documents.find(condition).sort("timestamp", -1).limit(limit + 1))
        if len(found) > limit:
            last = found[limit - 1]["timestamp"]
            if found.pop()["timestamp"] == last:
                # Which entries of this moment come first, the server has not asked.
                found = [document for document in found if document["timestamp"] > last]
                found += self._at(condition, last, limit - len(found))
        return sorted(found, key=lambda one: (one["timestamp"], one["_id"]), reverse=True)

    def _at(
        self, condition: Document, moment: datetime, limit: int, before: ObjectId | None = None
    ) -> list[Document]:
        """The entries of one moment, the largest id first."""
        here: Document = {"timestamp": moment}
        if before is not None:
            here["_id"] = {"$lt": before}
        found = self.documents.find({"$and": [condition, here]}).sort("_id", -1)
        return list(found.limit(limit))


def _condition(query: ActivityQuery) -> Document:
    condition: Document = {}
    if query.user_ids is not None:
        condition["user_id"] = {"$in": list(query.user_ids)}
    if query.action is not None:
        condition["action"] = query.action
    if query.resource_type is not None:
        condition["resource_type"] = query.resource_type
    moments: dict[str, Any] = {}
    if query.since is not None:
        moments["$gte"] = _next_millisecond(query.since)
    if query.until is not None:
        moments["$lt"] = _next_millisecond(query.until)
    if moments:
        condition["timestamp"] = moments
    return condition


def _next_millisecond(moment: datetime) -> datetime:
    """Where entries from this moment on begin: the driver would cut the rest off."""
    moment = _bounded(moment)
    return to_milliseconds(moment + min(timedelta(microseconds=999), _LAST - moment))


def _bounded(moment: datetime) -> datetime:
    """The moment in UTC; the first or the last of them if it is beyond, where no entry is."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == 1 else _LAST


def _document(entry: Activity) -> Document:
    return {
        "_id": ObjectId(entry.id),
        "user_id": entry.user_id,
        "action": entry.action,
        "resource_type": entry.resource_type,
        "resource_id": entry.resource_id,
        "metadata": dict(entry.metadata),
        "ip_address": entry.ip_address,
        "user_agent": entry.user_agent,
        "timestamp": entry.timestamp,
    }


def _entry(document: Document) -> Activity:
    entry_id = document.pop("_id")
    metadata = as_given(document.pop("metadata"))
    return Activity(id=str(entry_id), metadata=metadata, **document)
