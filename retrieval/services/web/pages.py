"""Web pages: adding, reading again, stopping and deleting them.

What is added is queued; a worker reads it (see `ingestion`).
"""

from collections.abc import Iterable, Sequence

from django.db import transaction

from accounts.models import User
from accounts.policies import require
from config.errors import Conflict, InvalidInput, NotFound
from retrieval.models import IngestState, WebPage, WebPageKind
from retrieval.services.web.ledger import clean_topic, log, queue, wake, withdraw
from retrieval.web.urls import clean_url, host_of


def web_pages_add(
    *,
    actor: User | None,
    urls: Sequence[str],
    topic: str = "",
    refresh: bool = False,
    wake_workers: bool = True,
) -> list[WebPage]:
    """Queue pages, each address once; the rows in the order of the addresses.

    What is there already stays as it is, unless `refresh` is asked for, its last reading has
    failed, or the topic is another one. InvalidInput names each address that is none.
    """
    if actor is not None:
        require(actor, "retrieval.add_webpage")
    topic = clean_topic(topic)
    cleaned = _clean(urls)
    with transaction.atomic():
        new, there = rows_add(cleaned, topic=topic, added_by=actor)
        for page in new:
            log(actor, "web_page_add", page)
        for page in there:
            _again(page, topic=topic, refresh=refresh, wake_workers=wake_workers)
        if wake_workers:
            wake(page.host for page in new)
    found = {page.source_url: page for page in (*new, *there)}
    return [found[url] for url in cleaned if url in found]


def web_sitemap_add(
    *, actor: User | None, sitemap_url: str, topic: str = "", wake_workers: bool = True
) -> WebPage:
    """Queue a sitemap: a worker reads it and queues its pages. One that is there is read anew."""
    if actor is not None:
        require(actor, "retrieval.add_webpage")
    topic, (url,) = clean_topic(topic), _clean([sitemap_url])
    with transaction.atomic():
        new, there = rows_add([url], topic=topic, added_by=actor, kind=WebPageKind.SITEMAP)
        (sitemap,) = (*new, *there)
        if sitemap.kind != WebPageKind.SITEMAP:
            raise Conflict(f"{url} is there as a page.", code="is_page")
        if new:
            log(actor, "web_sitemap_add", sitemap)
            if wake_workers:
                wake([sitemap.host])
        else:
            _again(sitemap, topic=topic, refresh=True, wake_workers=wake_workers)
    return sitemap


def web_page_refresh(*, actor: User, page: WebPage) -> WebPage:
    """Look at a page's server for a newer version; Conflict while a worker is at it."""
    require(actor, "retrieval.change_webpage", page)
    with transaction.atomic():
        found = _locked(page)
        if found.state in IngestState.busy():
            raise Conflict("It is being read already.")
        queue(found)
        log(actor, "web_page_refresh", found)
    return found


def web_page_retry(*, actor: User, page: WebPage) -> WebPage:
    """Queue a page again that could not be read, or was cancelled."""
    require(actor, "retrieval.change_webpage", page)
    with transaction.atomic():
        found = _locked(page)
        if found.state not in IngestState.retryable():
            raise Conflict("Only what has failed or was cancelled can be tried again.")
        queue(found)
        log(actor, "web_page_retry", found)
    return found


def web_page_cancel(*, actor: User, page: WebPage) -> WebPage:
    """Stop the reading of a page; a version that was ready before stays findable.

    Of a sitemap also its pages that still wait. Conflict when there is nothing to stop.
    """
    require(actor, "retrieval.change_webpage", page)
    with transaction.atomic():
        found = _locked(page)
        waiting = WebPage.objects.filter(sitemap=found, state=IngestState.QUEUED)
        stopped = waiting.update(state=IngestState.CANCELLED)
        if found.state in IngestState.busy():
            found.state = IngestState.CANCELLED
            found.done = found.total = 0
            found.save(update_fields=["state", "done", "total", "updated_at"])
        elif not stopped:
            raise Conflict("Only what is queued or being read can be cancelled.")
        log(actor, "web_page_cancel", found, pages=stopped)
    return found


def web_page_delete(*, actor: User, page: WebPage) -> None:
    """Remove a page and its passages, from now on for everyone.

    The pages of a sitemap stay. Its vectors, which nothing finds any more, are removed by a
    worker.
    """
    require(actor, "retrieval.delete_webpage", page)
    with transaction.atomic():
        found = _locked(page)
        log(actor, "web_page_delete", found)
        withdraw(found)
        found.delete()


def rows_add(
    urls: Sequence[str],
    *,
    topic: str,
    added_by: User | None,
    kind: str = WebPageKind.PAGE,
    sitemap: WebPage | None = None,
) -> tuple[list[WebPage], list[WebPage]]:
    """The rows of clean addresses: those that are new now, and those that were there, locked."""
    new = [
        WebPage(
            source_url=url,
            host=host_of(url),
            kind=kind,
            topic=topic,
            topic_given=bool(topic),
            sitemap=sitemap,
            added_by=added_by,
        )
        for url in sorted(urls)  # two requests for the same ones wait for each other in order
    ]
    WebPage.objects.bulk_create(new, ignore_conflicts=True)
    made = {page.pk for page in new}
    rows = list(WebPage.objects.select_for_update().filter(source_url__in=urls).order_by("pk"))
    return [row for row in rows if row.pk in made], [row for row in rows if row.pk not in made]


def _again(page: WebPage, *, topic: str, refresh: bool, wake_workers: bool) -> None:
    """Queue a page that is there, if there is a reason to."""
    renamed = bool(topic) and topic != page.topic
    if renamed:
        page.topic, page.topic_given = topic, True
        page.etag = page.last_modified = ""  # it is read whole, to be kept under its new topic
        page.save(update_fields=["topic", "topic_given", "etag", "last_modified", "updated_at"])
    if page.state not in IngestState.busy() and (
        renamed or refresh or page.state in IngestState.retryable()
    ):
        queue(page, wake_workers=wake_workers)


def _clean(urls: Iterable[str]) -> list[str]:
    """Each address once. InvalidInput with every address that is none."""
    found: dict[str, None] = {}
    wrong: list[str] = []
    for url in urls:
        try:
            found[clean_url(url)] = None
        except InvalidInput as error:
            wrong.append(f"{url[:200]!r}: {' '.join(error.errors['source_url'])}")
    if wrong:
        raise InvalidInput(errors={"urls": wrong[:10]})
    if not found:
        raise InvalidInput(errors={"urls": ["At least one address is needed."]})
    return list(found)


def _locked(page: WebPage) -> WebPage:
    found: WebPage | None = WebPage.objects.select_for_update().filter(pk=page.pk).first()
    if found is None:
        raise NotFound()
    return found
