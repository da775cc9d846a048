"""Which engine holds which store: chosen by the URLs in the environment.

A URL that is not set means the embedded engine. Nothing is parsed here: a wrong URL is told by
the system checks (`config/checks.py`), and refused where it is used.
"""

from typing import Any

import environ

from config.connections.urls import check_postgresql

StoreConfig = dict[str, dict[str, Any]]

CONSISTENCIES = ("ONE", "LOCAL_ONE", "TWO", "QUORUM", "LOCAL_QUORUM", "EACH_QUORUM", "ALL")

EMBEDDED: StoreConfig = {
    "transcripts": {"BACKEND": "meetings.stores.embedded.PostgresTranscripts"},
    "proctoring_reports": {"BACKEND": "assessments.stores.embedded.EmbeddedProctoringReports"},
    "documents": {"BACKEND": "retrieval.stores.embedded.PgvectorDocuments"},
    "web_content": {"BACKEND": "retrieval.stores.embedded.PgvectorWebContent"},
    "activity_logs": {"BACKEND": "analytics.stores.activity.embedded.EmbeddedActivityLogStore"},
    "events": {"BACKEND": "analytics.stores.events.embedded.EmbeddedEventStore"},
    "page_view_stats": {"BACKEND": "analytics.stores.rollups.embedded.EmbeddedPageViewStore"},
    "user_engagement": {"BACKEND": "analytics.stores.rollups.embedded.EmbeddedUserEngagementStore"},
    "learning_progress": {
        "BACKEND": "analytics.stores.rollups.embedded.EmbeddedLearningProgressStore"
    },
}


def mongodb_stores(url: str) -> StoreConfig:
    """The stores that MongoDB holds."""
    return _all(
        {
            "transcripts": "meetings.stores.mongodb.MongoTranscripts",
            "proctoring_reports": "assessments.stores.mongodb.MongoProctoringReports",
            "activity_logs": "analytics.stores.activity.mongodb.MongoActivityLogStore",
        },
        url=url,
    )


def qdrant_stores(url: str, *, api_key: str = "") -> StoreConfig:
    """The stores that Qdrant holds."""
    return _all(
        {
            "documents": "retrieval.stores.qdrant.QdrantDocuments",
            "web_content": "retrieval.stores.qdrant.QdrantWebContent",
        },
        url=url,
        api_key=api_key,
    )


def cassandra_stores(
    url: str, *, replication: str = "1", consistency: str = "LOCAL_QUORUM", event_shards: str = "1"
) -> StoreConfig:
    """The stores that Cassandra holds."""
    rollups = "analytics.stores.rollups.cassandra"
    found = _all(
        {
            "events": "analytics.stores.events.cassandra.CassandraEventStore",
            "page_view_stats": f"{rollups}.CassandraPageViewStore",
            "user_engagement": f"{rollups}.CassandraUserEngagementStore",
            "learning_progress": f"{rollups}.CassandraLearningProgressStore",
        },
        url=url,
        replication=replication,
        consistency=consistency,
    )
    found["events"]["OPTIONS"]["shards"] = event_shards
    return found


def database_from(url: str) -> dict[str, Any]:
    """Django's DATABASES entry; for a wrong URL one that opens nothing, so that checks can tell."""
    try:
        check_postgresql(url)
    except ValueError:
        return {"ENGINE": "django.db.backends.dummy"}
    found: dict[str, Any] = environ.Env.db_url_config(url)
    return found


def _all(backends: dict[str, str], **options: Any) -> StoreConfig:
    return {
        name: {"BACKEND": backend, "OPTIONS": dict(options)} for name, backend in backends.items()
    }
