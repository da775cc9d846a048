"""`manage.py rebuild_rollups --from DAY --to DAY`: compute the rollups of closed days again."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from tqdm import tqdm

from analytics.services import rollups_rebuild
from analytics.services.rollups import retained_days
from config.errors import InvalidInput


class Command(BaseCommand):
    """Compute user_engagement and learning_progress of the days from their events."""

    help = "Compute the rollups of closed UTC days again (default: all that have their events)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="start", metavar="YYYY-MM-DD", help="the first day")
        parser.add_argument("--to", dest="end", metavar="YYYY-MM-DD", help="the last day")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        first, last = retained_days(now)
        start = _day(options["start"], first)
        end = _day(options["end"], last)
        with tqdm(total=max((end - start).days + 1, 0), unit="day") as bar:
            result = rollups_rebuild(start=start, end=end, now=now, on_day=lambda day: bar.update())
        self.stdout.write(f"{len(result.done)} days computed")
        if result.expired:
            self.stdout.write(
                f"{len(result.expired)} days kept as they are: not all of their events exist "
                f"any more ({result.expired[0]} to {result.expired[-1]})"
            )
        if result.open:
            self.stdout.write(f"{len(result.open)} days are not over yet (from {result.open[0]})")


def _day(text: str | None, default: date) -> date:
    if text is None:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"not a day of the form YYYY-MM-DD: {text}") from None
