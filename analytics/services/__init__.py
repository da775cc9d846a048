"""What can be done in analytics."""

from analytics.services.intake import Verdict, events_accept, events_record
from analytics.services.page_views import page_views_reconcile
from analytics.services.rollups import RollupResult, rollups_rebuild

__all__ = [
    "RollupResult",
    "Verdict",
    "events_accept",
    "events_record",
    "page_views_reconcile",
    "rollups_rebuild",
]
