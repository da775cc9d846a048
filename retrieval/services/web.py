"""Web pages: saved pages into `web_content`, and the search in them.

They belong to the school, not to a class: everyone who is signed in may search them.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from config import limits
from config.errors import InvalidInput, NotFound
from retrieval.embedders import get_embedder
from retrieval.guards import require_unlocked
from retrieval.pipeline import Digest, Progress, digest_file
from retrieval.services.search import clean_query
from retrieval.stores.base import Vector, WebHit, WebPassage, web_vectors

# A saved page is read as this, whatever the file is called.
_AS_FILENAME = "page.html"


def web_page_ingest(
    *,
    path: Path,
    source_url: str,
    topic: str = "",
    actor: User | None = None,
    on_progress: Progress | None = None,
) -> int:
    """Read a saved web page that came from `source_url`; returns its number of passages.

    A page of the same address is replaced. Raises what `digest_file` raises.
    """
    if actor is not None:
        require(actor, "retrieval.add_webpage")
    url = clean_url(source_url)
    if len(topic) > limits.WEB_TOPIC_MAX:
        raise InvalidInput(errors={"topic": [f"At most {limits.WEB_TOPIC_MAX} characters."]})
    digest = digest_file(path, _AS_FILENAME, on_progress=on_progress)
    count = web_vectors().replace(url, _points(digest, url, topic.strip()))
    activity_record(
        actor=actor,
        action="web_page_ingest",
        resource_type="web_page",
        resource_id=uuid5(NAMESPACE_URL, url),
        metadata={"source_url": url, "passages": count},
    )
    return count


def web_page_delete(*, source_url: str, actor: User | None = None) -> int:
    """Remove a page; returns how many passages went. Raises NotFound for an unknown page."""
    if actor is not None:
        require(actor, "retrieval.delete_webpage")
    url = clean_url(source_url)
    count = web_vectors().delete([url])
    if not count:
        raise NotFound(f"no page of the address {url}")
    activity_record(
        actor=actor,
        action="web_page_delete",
        resource_type="web_page",
        resource_id=uuid5(NAMESPACE_URL, url),
        metadata={"source_url": url},
    )
    return count


def search_web(
    *, user: User, query: str, topic: str | None = None, limit: int = limits.SEARCH_RESULTS
) -> list[WebHit]:
    """The passages of web pages that are nearest to the query, nearest first."""
    require_unlocked(user)
    vector = get_embedder().encode([clean_query(query)])[0]
    return web_vectors().search(vector, topic=topic, limit=min(limit, limits.SEARCH_RESULTS_MAX))


def clean_url(url: str) -> str:
    """An absolute http(s) address without its fragment; InvalidInput otherwise."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.username or len(url) > 2000:
        raise InvalidInput(errors={"source_url": ["An http or https address is needed."]})
    return parts._replace(fragment="").geturl()


def _points(digest: Digest, url: str, topic: str) -> Iterator[tuple[WebPassage, Vector]]:
    now = timezone.now()
    for chunk, vector in zip(digest.chunks, digest.vectors, strict=True):
        passage = WebPassage(
            id=uuid5(NAMESPACE_URL, f"{url}#{chunk.chunk_index}"),
            source_url=url,
            title=digest.title,
            topic=topic,
            text=chunk.text,
            ingested_at=now,
        )
        yield passage, vector
