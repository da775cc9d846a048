"""The ledger's rows of web pages: what adding, reading and deleting share."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.activity import activity_record
from accounts.models import User
from config import limits
from config.celery import app
from config.connections.postgresql_store import copy_in, run
from config.errors import InvalidInput
from retrieval.models import IngestState, WebChunk, WebPage
from retrieval.pipeline import Digest, passage_id, pipeline_version
from retrieval.services.points import web_points
from retrieval.services.removals import hold_owner, removal_add
from retrieval.stores.base import web_vectors

INGEST_TASK = "retrieval.tasks.ingest_web_host"
COLLECTION = "web_content"

_CHUNK_COLUMNS = "id, page_id, chunk_index, headings, text, terms, weights"
_CHUNK_TYPES = ("uuid", "uuid", "int4", "text[]", "text", "int4[]", "int2[]")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Version:
    """What was read of a page, beside its passages. `content_hash`: SHA-256 of title and text."""

    title: str
    topic: str
    content_hash: str
    warnings: list[str]
    etag: str = ""
    last_modified: str = ""
    checked_at: datetime | None = None


def clean_topic(topic: str) -> str:
    """A topic that may stand in the ledger; InvalidInput for one that is too long, or no line."""
    topic = topic.strip()
    if len(topic) > limits.WEB_TOPIC_MAX or not topic.isprintable():
        why = f"One line of at most {limits.WEB_TOPIC_MAX} characters."
        raise InvalidInput(errors={"topic": [why]})
    return topic


def queue(page: WebPage, *, wake_workers: bool = True) -> None:
    """Have the page read (again): by a worker, once the transaction has committed."""
    page.state = IngestState.QUEUED
    page.error_code = page.error = ""
    page.done = page.total = 0
    page.save()
    if wake_workers:
        wake({page.host})


def wake(hosts: Iterable[str]) -> None:
    """Tell the workers of pages that wait, once the transaction has committed."""
    for host in sorted(set(hosts)):
        transaction.on_commit(partial(enqueue, host))


def enqueue(host: str) -> None:
    try:
        app.signature(INGEST_TASK, args=[host]).apply_async()
    except OperationalError:
        # They stay queued: `web_pages_requeue` tells the workers when the broker is back.
        logger.warning("the broker is unavailable; pages of %s wait", host)


def publish(page: WebPage, version: Version, digest: Digest) -> None:
    """Put the page's passages in place: their rows, their vectors, the ledger.

    Within the caller's transaction, which holds the row and commits after the vectors are in.
    """
    hold_owner(COLLECTION, page.source_url)
    if page.content_hash != version.content_hash:
        release_duplicates(page)
    _ready(page, version)
    page.duplicate_of = None
    page.warnings = digest.warnings
    page.chunks = page.done = page.total = len(digest.chunks)
    page.ingested_at = timezone.now()
    page.save()
    run("DELETE FROM web_chunks WHERE page_id = %s", [page.pk])
    copy_in("web_chunks", _CHUNK_COLUMNS, _CHUNK_TYPES, _chunk_rows(page, digest))
    web_vectors().replace(page.source_url, web_points(page, digest.chunks, digest.vectors))


def original_of(page: WebPage, version: Version) -> WebPage | None:
    """Another page in the search with the same title and text.

    Nobody else brings one of them until the caller's transaction ends.
    """
    hold_owner("web text", version.content_hash)
    found: WebPage | None = (
        WebPage.objects.filter(content_hash=version.content_hash, chunks__gt=0)
        .exclude(pk=page.pk)
        .order_by("created_at", "pk")
        .first()
    )
    return found


def record_duplicate(page: WebPage, version: Version, original: WebPage) -> None:
    """The page says what another one says: it is not in the search a second time."""
    withdraw(page)
    _ready(page, version)
    page.duplicate_of = original
    page.warnings = version.warnings
    page.save()


def withdraw(page: WebPage) -> None:
    """Take the page out of the search, and have those read that were left out because of it.

    The caller saves the row.
    """
    release_duplicates(page)
    if page.chunks:
        removal_add(COLLECTION, page.source_url)
    WebChunk.objects.filter(page=page).delete()
    page.chunks = page.done = page.total = 0
    page.content_hash = page.etag = page.last_modified = ""
    page.duplicate_of = None


def release_duplicates(page: WebPage) -> None:
    """Pages that said the same may be needed in the search now."""
    for duplicate in WebPage.objects.select_for_update().filter(duplicate_of=page):
        duplicate.duplicate_of = None
        duplicate.content_hash = duplicate.etag = duplicate.last_modified = ""
        queue(duplicate)


def log(actor: User | None, action: str, page: WebPage, **metadata: Any) -> None:
    activity_record(
        actor=actor,
        action=action,
        resource_type="web_page",
        resource_id=page.pk,
        metadata={"source_url": page.source_url, **metadata},
    )


def _ready(page: WebPage, version: Version) -> None:
    page.state = IngestState.READY
    page.error_code = page.error = ""
    page.title, page.topic = version.title, version.topic
    page.content_hash, page.pipeline = version.content_hash, pipeline_version()
    page.etag, page.last_modified = version.etag, version.last_modified
    page.checked_at = version.checked_at


def _chunk_rows(page: WebPage, digest: Digest) -> Iterator[tuple[Any, ...]]:
    for chunk, (terms, weights) in zip(digest.chunks, digest.terms, strict=True):
        yield (
            passage_id(page.pk, chunk.chunk_index),
            page.pk,
            chunk.chunk_index,
            list(chunk.headings),
            chunk.text,
            terms,
            weights,
        )
