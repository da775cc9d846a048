"""Reading web pages here and now, in this process: what the command does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from accounts.models import User
from accounts.policies import require
from config import limits
from config.errors import Conflict
from retrieval.models import IngestState, WebPage, WebPageKind
from retrieval.parsing.errors import ParseError
from retrieval.parsing.registry import check_file
from retrieval.pipeline import Progress, domain_error, embed_file, read_file
from retrieval.services.web.ingestion import web_page_ingest
from retrieval.services.web.ledger import (
    Version,
    clean_topic,
    log,
    original_of,
    publish,
    record_duplicate,
)
from retrieval.services.web.pages import rows_add, web_pages_add, web_sitemap_add
from retrieval.services.web.reading import Tools, WebOutcome, reading_tools
from retrieval.web.polite import PoliteFetcher
from retrieval.web.reading import PAGE_NAME, content_hash
from retrieval.web.urls import clean_url


@dataclass(frozen=True, slots=True)
class WebResult:
    """A page after its reading: its row has the state, and the error."""

    page: WebPage
    outcome: WebOutcome


def web_pages_ingest_here(
    *,
    urls: Sequence[str] = (),
    sitemap_url: str = "",
    topic: str = "",
    refresh: bool = False,
    actor: User | None = None,
    fetcher: PoliteFetcher | None = None,
    on_progress: Progress | None = None,
) -> Iterator[WebResult]:
    """Read these pages, or those of a sitemap (whose own result comes first), now.

    A page that can't be read stops no other. `on_progress` counts pages. Raises InvalidInput
    for what is no address.
    """
    fetcher = fetcher or PoliteFetcher(patience=limits.WEB_COMMAND_PATIENCE)
    pages: list[WebPage] = []
    if sitemap_url:
        sitemap = web_sitemap_add(
            actor=actor, sitemap_url=sitemap_url, topic=topic, wake_workers=False
        )
        with reading_tools(fetcher) as tools:
            yield _read(sitemap, tools)
        pages += WebPage.objects.filter(sitemap=sitemap).order_by("pk")
    if urls:
        added = web_pages_add(
            actor=actor, urls=urls, topic=topic, refresh=refresh, wake_workers=False
        )
        pages += [page for page in added if page not in pages]
    with reading_tools(fetcher) as tools:
        for done, page in enumerate(pages):
            if on_progress is not None:
                on_progress(done, len(pages))
            yield _read(page, tools)
    if on_progress is not None:
        on_progress(len(pages), len(pages))


def web_page_save(
    *,
    path: Path,
    source_url: str,
    topic: str = "",
    actor: User | None = None,
    on_progress: Progress | None = None,
) -> WebPage:
    """Take in a saved web page that came from `source_url`; one of the same address is replaced.

    Raises what `read_file` raises. It is not looked at again by itself: its server may show
    the page to nobody else.
    """
    if actor is not None:
        require(actor, "retrieval.add_webpage")
    url, topic = clean_url(source_url), clean_topic(topic)
    try:
        check_file(path, PAGE_NAME, max_bytes=limits.WEB_MAX_BYTES, internal=True)
    except ParseError as error:
        raise domain_error(error) from None
    read = read_file(path, PAGE_NAME)
    digest = embed_file(read, on_progress=on_progress)
    version = Version(
        title=read.document.title,
        topic=topic or read.document.metadata.get("topic", "")[: limits.WEB_TOPIC_MAX],
        content_hash=content_hash(read.document),
        warnings=read.document.warnings,
    )
    with transaction.atomic():
        new, there = rows_add([url], topic=topic, added_by=actor)
        (page,) = (*new, *there)
        if page.kind != WebPageKind.PAGE:
            raise Conflict(f"{url} is there as a sitemap.", code="is_sitemap")
        page.topic_given = bool(topic)
        if (original := original_of(page, version)) is not None:
            record_duplicate(page, version, original)
        else:
            publish(page, version, digest)
        log(actor, "web_page_save", page, passages=page.chunks)
    return page


def _read(page: WebPage, tools: Tools) -> WebResult:
    if page.state not in IngestState.busy():
        return WebResult(page, WebOutcome.UNCHANGED)
    outcome = web_page_ingest(page_id=page.pk, tools=tools)
    page = WebPage.objects.filter(pk=page.pk).first() or page
    return WebResult(page, outcome)
