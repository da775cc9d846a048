"""Sitemaps: a row whose reading queues the pages that it lists."""

from django.db import transaction
from django.utils import timezone

from config import limits
from retrieval.models import IngestState, WebPage
from retrieval.parsing.sandbox import ParserProcess
from retrieval.services.web.pages import rows_add
from retrieval.web.polite import PoliteFetcher
from retrieval.web.sitemap import sitemap_pages

_BATCH = 500


def sitemap_read(sitemap: WebPage, fetcher: PoliteFetcher, parser: ParserProcess) -> bool:
    """Queue the pages of a sitemap that are not there yet; False: it was stopped meanwhile.

    They are of its own host, which the caller is at. `total` is how many pages it lists, `done`
    how many of them were looked at. Raises FetchFailed.
    """
    urls = sitemap_pages(sitemap.source_url, fetcher, parser=parser)
    this = WebPage.objects.filter(pk=sitemap.pk, state__in=IngestState.busy())
    topic = sitemap.topic if sitemap.topic_given else ""
    for start in range(0, len(urls), _BATCH):
        batch = urls[start : start + _BATCH]
        with transaction.atomic():
            current = this.select_for_update().first()
            if current is None:
                return False
            rows_add(batch, topic=topic, added_by=current.added_by, sitemap=current)
            this.update(done=start + len(batch), total=len(urls), updated_at=timezone.now())
    full = len(urls) >= limits.WEB_SITEMAP_PAGES
    now = timezone.now()
    return bool(
        this.update(
            state=IngestState.READY,
            error_code="",
            error="",
            warnings=[f"Only the first {len(urls)} pages are taken"] if full else [],
            checked_at=now,
            updated_at=now,
        )
    )
