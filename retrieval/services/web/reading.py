"""One reading of one page: fetch it if it has changed, and put its passages in place.

The ledger's row speaks of what is in the vector store only after it is there. What goes wrong
becomes the page's state and error, and the passages of an earlier version stay findable.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin

from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from config import limits
from config.errors import DomainError, InvalidInput, NotFound, TooLarge
from retrieval.models import IngestState, WebPage, WebPageKind
from retrieval.parsing.sandbox import ParserProcess
from retrieval.pipeline import Progress, ReadFile, embed_file, parser_process, pipeline_version
from retrieval.services.removals import hold_owner
from retrieval.services.unexpected import OUTAGES, TookTooLong, unexpected
from retrieval.services.web.ledger import (
    COLLECTION,
    Version,
    original_of,
    publish,
    record_duplicate,
    withdraw,
)
from retrieval.services.web.sitemaps import sitemap_read
from retrieval.stores.base import web_vectors
from retrieval.web.errors import FetchFailed, HostBusy, HttpStatus, NoIndex
from retrieval.web.fetch import Fetched
from retrieval.web.polite import PoliteFetcher
from retrieval.web.reading import content_hash, read_answer
from retrieval.web.urls import canonical_url


class WebOutcome(StrEnum):
    """What reading a page led to."""

    INGESTED = "ingested"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    FAILED = "failed"
    LATER = "later"  # its host is busy, or somebody else is at it
    STOPPED = "stopped"  # deleted or cancelled meanwhile, or nothing was to be done


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run of readings shares: how pages are fetched, and the process that parses them."""

    fetcher: PoliteFetcher
    parser: ParserProcess


@contextmanager
def reading_tools(fetcher: PoliteFetcher | None = None) -> Iterator[Tools]:
    """Tools for as long as the block runs."""
    with parser_process(seconds=limits.WEB_PARSE_SECONDS) as parser:
        yield Tools(fetcher or PoliteFetcher(), parser)


class _Stopped(Exception):
    """The page was deleted or cancelled while it was read."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """One reading of one page."""

    page: WebPage
    tools: Tools
    on_progress: Progress | None

    @property
    def _this(self) -> QuerySet[WebPage]:
        """The row as long as the reading is wanted."""
        found: QuerySet[WebPage] = WebPage.objects.filter(
            pk=self.page.pk, state__in=IngestState.busy()
        )
        return found

    def run(self) -> WebOutcome:
        self._this.update(state=IngestState.PROCESSING, updated_at=timezone.now())
        try:
            if self.page.kind == WebPageKind.SITEMAP:
                return self._sitemap()
            return self._page()
        except HostBusy:
            self._this.update(state=IngestState.QUEUED, updated_at=timezone.now())
            return WebOutcome.LATER
        except _Stopped:
            return WebOutcome.STOPPED
        except HttpStatus as error:
            return self._failed(error, gone=error.is_gone)
        except NoIndex as error:
            return self._failed(error, gone=True)
        except (FetchFailed, InvalidInput, TooLarge, NotFound) as error:
            return self._failed(error)
        except OUTAGES:
            raise  # the row stays as it is, and is taken up again
        except SoftTimeLimitExceeded:
            self._failed(TookTooLong())
            raise  # the task has no time for another page
        except Exception as error:
            return self._failed(unexpected(error, f"web page {self.page.pk}"))

    def _sitemap(self) -> WebOutcome:
        done = sitemap_read(self.page, self.tools.fetcher, self.tools.parser)
        return WebOutcome.INGESTED if done else WebOutcome.STOPPED

    def _page(self) -> WebOutcome:
        page, asked = self.page, {}
        if _is_made_now(page):
            asked = {"etag": page.etag, "last_modified": page.last_modified}
        got = self.tools.fetcher.fetch(page.source_url, **asked)
        if got.noindex:
            raise NoIndex
        if got.not_modified:
            return self._unchanged(page.etag, page.last_modified)
        read = read_answer(got, parser=self.tools.parser)
        if "noindex" in read.document.metadata:
            raise NoIndex
        version = self._version(got, read)
        same = version.content_hash == page.content_hash and version.topic == page.topic
        if same and _is_made_now(page):
            return self._unchanged(version.etag, version.last_modified)
        if self._is_duplicate(version):
            return WebOutcome.DUPLICATE
        digest = embed_file(read, on_progress=self._progress)
        with transaction.atomic():
            current = self._locked()
            # Somebody else may have brought the same text while it was embedded.
            if (original := original_of(current, version)) is not None:
                record_duplicate(current, version, original)
                return WebOutcome.DUPLICATE
            self._rename(current, got, read)
            publish(current, version, digest)
        return WebOutcome.INGESTED

    def _version(self, got: Fetched, read: ReadFile) -> Version:
        document = read.document
        topic = document.metadata.get("topic", "")[: limits.WEB_TOPIC_MAX]
        return Version(
            title=document.title,
            topic=self.page.topic if self.page.topic_given else topic,
            content_hash=content_hash(document),
            warnings=document.warnings,
            etag=got.etag,
            last_modified=got.last_modified,
            checked_at=timezone.now(),
        )

    def _progress(self, done: int, total: int) -> None:
        if not self._this.update(done=done, total=total, updated_at=timezone.now()):
            raise _Stopped
        if self.on_progress is not None:
            self.on_progress(done, total)

    def _locked(self) -> WebPage:
        current = self._this.select_for_update().first()
        if current is None:
            raise _Stopped
        return current

    def _unchanged(self, etag: str, last_modified: str) -> WebOutcome:
        now = timezone.now()
        done = self._this.update(
            state=IngestState.READY,
            error_code="",
            error="",
            done=F("chunks"),
            total=F("chunks"),
            etag=etag,
            last_modified=last_modified,
            checked_at=now,
            updated_at=now,
        )
        return WebOutcome.UNCHANGED if done else WebOutcome.STOPPED

    def _is_duplicate(self, version: Version) -> bool:
        with transaction.atomic():
            current = self._locked()
            original = original_of(current, version)
            if original is not None:
                record_duplicate(current, version, original)
        return original is not None

    def _rename(self, current: WebPage, got: Fetched, read: ReadFile) -> None:
        """Keep the page under the address that it gives as its own, if that is free."""
        link = read.document.metadata.get("canonical", "")
        try:
            own = canonical_url(current.source_url, urljoin(got.url, link)) if link else ""
        except ValueError:
            return
        if not own or own == current.source_url:
            return
        old = current.source_url
        try:
            with transaction.atomic():
                WebPage.objects.filter(pk=current.pk).update(source_url=own)
        except IntegrityError:  # another page of ours has it
            return
        current.source_url = own
        if current.chunks:
            hold_owner(COLLECTION, old)
            web_vectors().delete([old])  # at once: the new ones have the same ids

    def _failed(self, error: DomainError, *, gone: bool = False) -> WebOutcome:
        """Tell what is wrong; what its server says is gone, or not for searches, leaves ours."""
        now = timezone.now()
        with transaction.atomic():
            current = self._this.select_for_update().first()
            if current is None:
                return WebOutcome.STOPPED
            if gone:
                withdraw(current)
            current.state = IngestState.FAILED
            current.error_code, current.error = error.code[:40], str(error)
            current.done = current.total = 0
            current.checked_at = now
            current.save()
        return WebOutcome.FAILED


def _is_made_now(page: WebPage) -> bool:
    """Whether the same text would give the passages that are there."""
    there = page.chunks > 0 or page.duplicate_of_id is not None
    return there and page.pipeline == pipeline_version()
