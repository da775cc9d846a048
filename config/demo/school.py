"""What the steps that make the demo school share: its day, its people, its classes."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from accounts.models import User
from classrooms.models import Classroom
from config.demo.people import ADMIN
from progress.models import Topic

HISTORY_DAYS = 28
# Its people were entered so long before the day that all plans count from.
_FOUNDED_BEFORE = timedelta(days=30)


@dataclass
class School:
    """The school as far as it is made.

    `today` is the day that all plans count from, `now` the moment of this run. People are
    found by handle, classes by folder, topics by subject and name.
    """

    today: date
    now: datetime
    people: dict[str, User] = field(default_factory=dict)
    classrooms: dict[str, Classroom] = field(default_factory=dict)
    topics: dict[tuple[str, str], Topic] = field(default_factory=dict)

    def moment(self, day: int, hour: int, minute: int = 0) -> datetime:
        """A time of a day (UTC) counted from `today`."""
        return datetime.combine(self.today + timedelta(days=day), time(hour, minute), UTC)

    @property
    def founded_at(self) -> datetime:
        """When its people were entered."""
        return self.moment(-_FOUNDED_BEFORE.days, 8)


def school_open(now: datetime) -> School:
    """The school of today, or the one that an interrupted run has begun, with its own day."""
    admin = User.objects.filter(email=ADMIN.email).first()
    if admin is None or admin.created_at is None:
        return School(today=now.astimezone(UTC).date(), now=now)
    return School(today=(admin.created_at.astimezone(UTC) + _FOUNDED_BEFORE).date(), now=now)
