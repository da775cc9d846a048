"""Web pages of the school: added, read, kept up to date, removed."""

from retrieval.services.web.here import WebResult, web_page_save, web_pages_ingest_here
from retrieval.services.web.ingestion import (
    web_host_work,
    web_page_ingest,
    web_pages_recheck,
    web_pages_requeue,
)
from retrieval.services.web.pages import (
    web_page_cancel,
    web_page_delete,
    web_page_refresh,
    web_page_retry,
    web_pages_add,
    web_sitemap_add,
)
from retrieval.services.web.reading import WebOutcome

__all__ = [
    "WebOutcome",
    "WebResult",
    "web_host_work",
    "web_page_cancel",
    "web_page_delete",
    "web_page_ingest",
    "web_page_refresh",
    "web_page_retry",
    "web_page_save",
    "web_pages_add",
    "web_pages_ingest_here",
    "web_pages_recheck",
    "web_pages_requeue",
    "web_sitemap_add",
]
