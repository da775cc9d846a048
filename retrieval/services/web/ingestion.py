"""Which page is read when: by the workers, one page of a host after another."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from config import limits
from config.locks import if_free
from retrieval.models import IngestState, WebPage, WebPageKind
from retrieval.pipeline import Progress, pipeline_version
from retrieval.services.web.ledger import enqueue, queue
from retrieval.services.web.reading import PageReading, Tools, WebOutcome, reading_tools
from retrieval.web.polite import PoliteFetcher

# What can't be different next week.
_FINAL = ("gone", "address", "port", "private_address")


def web_host_work(*, host: str, fetcher: PoliteFetcher | None = None) -> None:
    """Read pages of this host that wait; the workers' task.

    One worker is at a host at a time, so that a site of thousands of pages leaves the others
    to everybody else. After some pages the next ones go to the end of the workers' queue.
    """
    with if_free(f"web host {host}") as mine, reading_tools(fetcher) as tools:
        may_go_on = mine and _work_through(host, tools)
    # Asked after the lock has gone: who found it taken relies on this.
    if may_go_on and _waiting(host).exists():
        enqueue(host)


def web_page_ingest(
    *,
    page_id: UUID,
    tools: Tools,
    on_progress: Progress | None = None,
) -> WebOutcome:
    """Read a queued page or sitemap. Only one process is at a page at a time."""
    with if_free(f"web page {page_id}") as mine:
        if not mine:
            return WebOutcome.LATER
        page = WebPage.objects.filter(pk=page_id, state__in=IngestState.busy()).first()
        if page is None:
            return WebOutcome.STOPPED
        return PageReading(page, tools, on_progress).run()


def web_pages_requeue() -> int:
    """Tell the workers again of pages that have waited too long, e.g. after a kill -9; of how
    many hosts. One that a worker is at is safe: the second one sees that and does nothing."""
    late = timezone.now() - timedelta(seconds=limits.INGESTION_RETRY_AFTER)
    busy = WebPage.objects.filter(state__in=IngestState.busy(), updated_at__lt=late)
    hosts = list(busy.order_by("host").values_list("host", flat=True).distinct())
    for host in hosts:
        enqueue(host)
    return len(hosts)


def web_pages_recheck() -> int:
    """Queue pages that nobody has looked at for long, and those that an older version of the
    pipeline has read; how many. A page that was not fetched (a saved one) is left alone."""
    old = timezone.now() - limits.WEB_RECHECK_AFTER
    done = WebPage.objects.filter(
        kind=WebPageKind.PAGE,
        state__in=(IngestState.READY, IngestState.FAILED),
        checked_at__isnull=False,
    ).exclude(error_code__in=_FINAL)
    outdated = Q(state=IngestState.READY) & ~Q(pipeline=pipeline_version())
    due = done.filter(Q(checked_at__lt=old) | outdated).order_by("checked_at", "pk")
    with transaction.atomic():
        pages = list(due.select_for_update(skip_locked=True)[: limits.WEB_RECHECKS_PER_RUN])
        for page in pages:
            queue(page)
    return len(pages)


def _work_through(host: str, tools: Tools) -> bool:
    """Whether there may be more to do at once."""
    skipped: set[UUID] = set()
    for _ in range(limits.WEB_PAGES_PER_TASK):
        page = _waiting(host).exclude(pk__in=skipped).first()
        if page is None:
            return False
        if web_page_ingest(page_id=page.pk, tools=tools) is WebOutcome.LATER:
            return False  # `web_pages_requeue` comes back to it
        skipped.add(page.pk)
    return True


def _waiting(host: str) -> QuerySet[WebPage]:
    """What a person has added by itself comes before what a sitemap has brought."""
    pages: QuerySet[WebPage] = WebPage.objects.filter(host=host, state__in=IngestState.busy())
    return pages.order_by(F("sitemap_id").asc(nulls_first=True), "updated_at", "pk")
