"""The vector stores against the ledger: what is too much, what is missing, what is outdated.

The ledger's rows are the truth. What a store has beyond them is never shown, and is removed; what
it lacks, or has of another text, is made again from the rows, so no file is read for that. This
also fills an engine that the school has just begun to use.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from uuid import UUID

from django.db import connection, transaction

from config import limits
from config.connections.postgresql_store import copy_in, fetch
from retrieval.services.rebuild import rebuild_document, rebuild_web_page
from retrieval.services.removals import remove_orphan
from retrieval.stores.base import DocumentPassage, WebPassage, document_vectors, web_vectors

Progress = Callable[[int, int | None], None]  # points looked at so far, of about how many

_SEEN = """
    DROP TABLE IF EXISTS seen_points;
    CREATE TEMPORARY TABLE seen_points (id uuid, owner text, seen text) ON COMMIT DROP
"""
_SEEN_TYPES = ("uuid", "text", "text")
# What is not ready is on its way, and its worker puts it in order.
_LEDGER = {
    "documents": """
        SELECT c.id, c.document_id::text AS owner,
            md5(concat_ws('|', c.classroom_id, d.document_type, c.text)) AS known
        FROM document_chunks c JOIN documents d ON d.id = c.document_id
    """,
    "web_content": """
        SELECT c.id, p.source_url AS owner, md5(concat_ws('|', p.topic, p.title, c.text)) AS known
        FROM web_chunks c JOIN web_pages p ON p.id = c.page_id
    """,
}
_OWNERS = {
    "documents": "SELECT id::text AS owner, state FROM documents",
    "web_content": "SELECT source_url AS owner, state FROM web_pages",
}
_ORPHANS = """
    SELECT DISTINCT owner FROM seen_points
    WHERE owner NOT IN (SELECT owner FROM ({owners}) AS owners) ORDER BY owner
"""
_DIFFERING = """
    SELECT DISTINCT owner FROM (
        SELECT coalesce(ledger.owner, seen_points.owner) AS owner
        FROM ({ledger}) AS ledger FULL JOIN seen_points ON seen_points.id = ledger.id
        WHERE known IS DISTINCT FROM seen OR ledger.owner <> seen_points.owner
    ) AS found JOIN ({owners}) AS owners USING (owner)
    WHERE state NOT IN ('queued', 'processing') ORDER BY owner
"""


@dataclass(slots=True)
class CollectionReport:
    """How a collection stands beside the ledger, by owner (a document's id, a page's address).

    `orphans`: in the store, and not in the ledger at all. `differing`: passages are missing in
    the store, or too many, or of another text. `mended` says how many owners were put right.
    """

    collection: str
    points: int = 0
    passages: int = 0
    orphans: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    mended: int = 0

    @property
    def differences(self) -> int:
        """Owners that are still not as they should be."""
        return len(self.orphans) + len(self.differing) - self.mended


def vectors_reconcile(
    collection: str, *, fix: bool, on_progress: Progress | None = None
) -> CollectionReport:
    """Compare `documents` or `web_content` with the ledger, and mend what differs if `fix`.

    Raises StoreUnavailable when the engine is down; what was mended before stays so.
    """
    report = CollectionReport(collection)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_SEEN)
        for rows in _seen(collection):
            report.points += copy_in("seen_points", "id, owner, seen", _SEEN_TYPES, rows)
            if on_progress is not None:
                on_progress(report.points, None)
        texts = {"ledger": _LEDGER[collection], "owners": _OWNERS[collection]}
        ((report.passages,),) = fetch(f"SELECT count(*) FROM ({texts['ledger']}) AS ledger")  # noqa: S608 - ours
        report.orphans = [owner for (owner,) in fetch(_ORPHANS.format(**texts))]
        report.differing = [owner for (owner,) in fetch(_DIFFERING.format(**texts))]
    if fix:
        _mend(report, on_progress)
    return report


def _mend(report: CollectionReport, on_progress: Progress | None) -> None:
    documents = report.collection == "documents"
    total = len(report.orphans) + len(report.differing)
    for owner in (*report.orphans, *report.differing):
        if owner in report.orphans:
            remove_orphan(report.collection, owner)
        elif documents:
            rebuild_document(UUID(owner))
        else:
            rebuild_web_page(owner)
        report.mended += 1
        if on_progress is not None:
            on_progress(report.mended, total)


def _seen(collection: str) -> Iterator[list[Sequence[object]]]:
    """What the store has, a page at a time: id, owner, and a checksum as the ledger's."""
    store = document_vectors() if collection == "documents" else web_vectors()
    after: str | None = None
    while True:
        page = store.scan(after=after, limit=limits.RECONCILE_BATCH)
        yield [_row(passage) for passage, _ in page.records]
        if page.next is None:
            return
        after = page.next


def _row(passage: DocumentPassage | WebPassage) -> Sequence[object]:
    if isinstance(passage, DocumentPassage):
        owner = str(passage.document_id)
        parts = [str(passage.classroom_id), passage.document_type, passage.text]
    else:
        owner, parts = passage.source_url, [passage.topic, passage.title, passage.text]
    return passage.id, owner, md5("|".join(parts).encode(), usedforsecurity=False).hexdigest()
