"""Web pages: who reads which when, stopping and checking again, saved ones, and who may what."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from django_redis import get_redis_connection

from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from config import limits
from config.errors import Conflict, NotAllowed, NotFound
from retrieval import services
from retrieval.models import IngestState, WebChunk, WebPage
from retrieval.services.removals import removals_run
from retrieval.services.web import WebOutcome, web_page_ingest
from retrieval.services.web.reading import reading_tools
from retrieval.stores.base import web_vectors
from retrieval.tests.web_server import WebServer
from retrieval.tests.web_site import TIDES, add, found
from retrieval.web import polite

pytestmark = pytest.mark.django_db(transaction=True)


def waiting(site: WebServer, path: str = "/x", **fields: object) -> WebPage:
    """A page that nobody has told the workers of."""
    host = f"127.0.0.1:{site.port}"
    return WebPage.objects.create(source_url=site.page(path, TIDES), host=host, **fields)


def test_what_is_cancelled_is_not_read(site: WebServer) -> None:
    page, teacher = waiting(site), TeacherFactory()
    services.web_page_cancel(actor=teacher, page=page)
    services.web_host_work(host=page.host)
    page.refresh_from_db()
    assert (page.state, site.asked) == (IngestState.CANCELLED, [])
    with pytest.raises(Conflict):
        services.web_page_cancel(actor=teacher, page=page)
    services.web_page_retry(actor=teacher, page=page)
    assert WebPage.objects.get().state == IngestState.READY
    for service in (services.web_page_retry, services.web_page_cancel):
        with pytest.raises(Conflict):
            service(actor=teacher, page=page)
    services.web_page_delete(actor=AdminFactory(), page=page)
    for service in (services.web_page_refresh, services.web_page_delete):
        with pytest.raises(NotFound):
            service(actor=AdminFactory(), page=page)


@pytest.mark.parametrize("does", ["cancel", "delete"])
def test_what_is_stopped_while_it_is_read_is_not_put_in(site: WebServer, does: str) -> None:
    page, admin = waiting(site), AdminFactory()

    def stop(done: int, total: int) -> None:
        service = {"cancel": services.web_page_cancel, "delete": services.web_page_delete}[does]
        service(actor=admin, page=page)

    assert read_now(page.pk, on_progress=stop) is WebOutcome.STOPPED
    assert not WebChunk.objects.exists()
    assert web_vectors().count() == 0


def test_cancelling_a_sitemap_stops_its_waiting_pages(site: WebServer) -> None:
    listed = waiting(site, "/s", kind="sitemap", state="ready")
    page = waiting(site, "/p", sitemap=listed)
    services.web_page_cancel(actor=TeacherFactory(), page=listed)
    page.refresh_from_db()
    assert page.state == IngestState.CANCELLED


def read_now(page_id: UUID, **options: Any) -> WebOutcome:
    with reading_tools(options.pop("fetcher", None)) as tools:
        return web_page_ingest(page_id=page_id, tools=tools, **options)


def test_only_one_is_at_a_page_and_at_a_host(site: WebServer) -> None:
    page, other = waiting(site), connection.copy()

    def elsewhere(function: str, name: str) -> None:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [name])

    try:
        elsewhere("pg_advisory_lock", f"web page {page.pk}")
        assert read_now(page.pk) is WebOutcome.LATER
        elsewhere("pg_advisory_unlock", f"web page {page.pk}")
        elsewhere("pg_advisory_lock", f"web host {page.host}")
        services.web_host_work(host=page.host)
    finally:
        other.close()
    assert site.asked == []
    assert read_now(page.pk) is WebOutcome.INGESTED
    assert read_now(page.pk) is WebOutcome.STOPPED
    assert read_now(uuid4()) is WebOutcome.STOPPED


def test_a_busy_host_is_come_back_to(site: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    page = waiting(site)
    monkeypatch.setattr(limits, "WEB_HOST_INTERVAL", 60)
    fetcher = polite.PoliteFetcher(patience=0)
    assert read_now(page.pk, fetcher=fetcher) is WebOutcome.LATER
    page.refresh_from_db()
    assert page.state == IngestState.QUEUED
    monkeypatch.setattr(limits, "WEB_HOST_INTERVAL", 0)
    late = timezone.now() - timedelta(seconds=limits.INGESTION_RETRY_AFTER + 1)
    assert services.web_pages_requeue() == 0
    WebPage.objects.update(updated_at=late, state=IngestState.PROCESSING)
    get_redis_connection("default").delete(f"web:turn:{page.host}")
    assert services.web_pages_requeue() == 1


def test_old_pages_are_looked_at_again(site: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WEB_RECHECKS_PER_RUN", 2)
    old = timezone.now() - limits.WEB_RECHECK_AFTER - timedelta(minutes=1)
    pages = [add(site.page(f"/{n}", TIDES.replace("twice", f"{n} times"))) for n in range(4)]
    assert services.web_pages_recheck() == 0
    WebPage.objects.update(checked_at=old)
    WebPage.objects.filter(pk=pages[0].pk).update(state="failed", error_code="gone")
    WebPage.objects.filter(pk=pages[1].pk).update(checked_at=None)  # a saved one
    assert services.web_pages_recheck() == 2
    assert services.web_pages_recheck() == 0
    WebPage.objects.filter(pk=pages[2].pk).update(pipeline="older")
    assert services.web_pages_recheck() == 1
    assert WebPage.objects.get(pk=pages[2].pk).pipeline != "older"


def test_a_saved_page(tmp_path: Path) -> None:
    path = tmp_path / "saved"
    path.write_text(TIDES)
    teacher, url = TeacherFactory(), "https://example.org/tides"
    for _ in range(2):
        page = services.web_page_save(actor=teacher, path=path, source_url=f"{url}#top")
        assert (page.source_url, page.chunks, page.state) == (url, 1, IngestState.READY)
    assert web_vectors().count() == WebPage.objects.count() == 1
    assert found("tide") == [url]
    assert WebPage.objects.get().checked_at is None
    with pytest.raises(NotFound):
        services.web_page_save(path=tmp_path / "none", source_url=url)


def test_who_may_do_what(site: WebServer) -> None:
    student, teacher, other, admin = (
        UserFactory(),
        TeacherFactory(),
        TeacherFactory(),
        AdminFactory(),
    )
    url = site.page("/x", TIDES)
    with pytest.raises(NotAllowed):
        services.web_pages_add(actor=student, urls=[url])
    with pytest.raises(NotAllowed):
        services.web_sitemap_add(actor=student, sitemap_url=url)
    (page,) = services.web_pages_add(actor=teacher, urls=[url])
    for service in (services.web_page_refresh, services.web_page_retry, services.web_page_cancel):
        with pytest.raises(NotAllowed):
            service(actor=student, page=page)
    services.web_page_refresh(actor=other, page=page)
    for user in (student, other):
        with pytest.raises(NotAllowed):
            services.web_page_delete(actor=user, page=page)
    assert list(WebPage.objects.visible_to(student)) == []
    assert list(WebPage.objects.visible_to(other)) == [page]
    services.web_page_delete(actor=teacher, page=page)
    (page,) = services.web_pages_add(actor=teacher, urls=[url])
    services.web_page_delete(actor=admin, page=page)
    removals_run()
    assert web_vectors().count() == 0
