"""How much there is in the search: the ledger's counts beside those of the vector stores.

Read by a fixed number of queries, whatever there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from accounts.models import User
from accounts.policies import require
from config import limits
from config.errors import StoreUnavailable
from config.stores import Store, stores
from retrieval.models import (
    Document,
    DocumentChunk,
    IngestState,
    VectorRemoval,
    WebChunk,
    WebPage,
)
from retrieval.pipeline import pipeline_version


@dataclass(frozen=True, slots=True)
class Group:
    """Some of a collection's documents or pages, by what they have in common: how many, and
    their passages and bytes (None for pages, which are no files)."""

    names: tuple[str, ...]
    count: int
    passages: int
    size_bytes: int | None = None

    @property
    def name(self) -> str:
        """What is shown of its names."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection: what the ledger has, and what its vector store has.

    `vectors` is the engine's own estimate; None, with `error`, while the engine is down.
    `removals` are still to be done, `failing` of them have been tried in vain; `outdated` are
    ready, but made by another version of the pipeline than `pipeline_version()`.
    """

    name: str
    engine: str
    vectors: int | None
    error: str
    passages: int
    by_state: list[Group]
    by_type: list[Group]
    by_place: list[Group]  # the classes, or the hosts, with the most
    places: int
    pipelines: list[Group]
    outdated: int
    removals: int
    failing: int
    removals_error: str

    @property
    def count(self) -> int:
        """All documents, or pages."""
        return sum(group.count for group in self.by_state)

    @property
    def size_bytes(self) -> int | None:
        """The bytes of all files."""
        known = [group.size_bytes for group in self.by_state if group.size_bytes is not None]
        return sum(known) if known else None


def collection_statistics(*, actor: User) -> list[Collection]:
    """Of the collections `documents` and `web_content`; for admins."""
    require(actor, "retrieval.view_statistics")
    removals = {row["collection"]: row for row in _removals()}
    return [
        _collection(
            "documents",
            Document.objects.all(),
            DocumentChunk.objects.count(),
            removals.get("documents", {}),
            kind="document_type",
            place="classroom__name",
            place_key="classroom",
            sizes=True,
        ),
        _collection(
            "web_content",
            WebPage.objects.all(),
            WebChunk.objects.count(),
            removals.get("web_content", {}),
            kind="kind",
            place="host",
            place_key="host",
            sizes=False,
        ),
    ]


def _collection(
    name: str,
    rows: QuerySet[Any],
    passages: int,
    removals: dict[str, Any],
    *,
    kind: str,
    place: str,
    place_key: str,
    sizes: bool,
) -> Collection:
    cells = _groups(rows, ("state", kind, "pipeline"), sizes)
    ready = [cell for cell in cells if cell.names[0] == IngestState.READY and cell.names[2]]
    pipelines = _summed(ready, 2)  # sitemaps have nothing in the store, and are of no version
    places = rows.aggregate(found=Count(place_key, distinct=True))["found"]
    store: Store[Any] = stores[name]
    vectors, error = _estimate(store)
    return Collection(
        name=name,
        engine=store.engine,
        vectors=vectors,
        error=error,
        passages=passages,
        by_state=_summed(cells, 0),
        by_type=_summed(cells, 1)[: limits.STATISTICS_ROWS],
        by_place=_groups(rows, (place, place_key), sizes, limit=limits.STATISTICS_ROWS),
        places=places,
        pipelines=pipelines,
        outdated=sum(group.count for group in pipelines if group.name != pipeline_version()),
        removals=removals.get("count", 0),
        failing=removals.get("failing", 0),
        removals_error=removals.get("error") or "",
    )


def _groups(
    rows: QuerySet[Any], fields: Sequence[str], sizes: bool, *, limit: int | None = None
) -> list[Group]:
    """By what these columns hold together, the largest first."""
    wanted: dict[str, Any] = {"count_": Count("pk"), "passages_": Sum("chunks")}
    if sizes:
        wanted["bytes_"] = Sum("size_bytes")
    found = rows.order_by().values(*fields).annotate(**wanted).order_by("-count_", *fields)
    return [
        Group(
            tuple(str(row[field]) for field in fields),
            row["count_"],
            row["passages_"] or 0,
            row.get("bytes_"),
        )
        for row in found[:limit]
    ]


def _summed(cells: list[Group], place: int) -> list[Group]:
    """By one of the names alone, the largest first."""
    sums: dict[str, Group] = {}
    for cell in cells:
        name = cell.names[place]
        before = sums.get(name, Group((name,), 0, 0))
        known = cell.size_bytes is not None
        sums[name] = Group(
            (name,),
            before.count + cell.count,
            before.passages + cell.passages,
            (before.size_bytes or 0) + (cell.size_bytes or 0) if known else None,
        )
    return sorted(sums.values(), key=lambda group: (-group.count, group.name))


def _removals() -> QuerySet[Any]:
    return (
        VectorRemoval.objects.order_by()
        .values("collection")
        .annotate(
            count=Count("pk"),
            failing=Count("pk", filter=Q(attempts__gt=0)),
            error=Max("last_error"),
        )
    )


def _estimate(store: Store[Any]) -> tuple[int | None, str]:
    try:
        return store.estimate(), ""
    except StoreUnavailable as error:
        return None, str(error)
