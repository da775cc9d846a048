"""Moments, as every engine can keep them."""

from datetime import UTC, datetime


def to_milliseconds(moment: datetime) -> datetime:
    """The moment in UTC, in whole milliseconds (cut off, as MongoDB's and Cassandra's clocks do).

    Every engine keeps the same moment for the same input, so a store can be copied to another
    and back without a difference. Raises ValueError for a moment without a timezone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no timezone")
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
