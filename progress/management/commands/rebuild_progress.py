"""`manage.py rebuild_progress`: compute every mastery level again from its evidence."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from progress.mastery import MODEL_VERSION
from progress.services import progress_rebuild, progress_with_evidence


class Command(BaseCommand):
    """After a change of the mastery model, or to check that nothing has drifted."""

    help = "Compute every mastery level again from its evidence."

    def handle(self, *args: Any, **options: Any) -> None:
        pairs = progress_with_evidence()
        changed = progress_rebuild(pairs=tqdm(pairs, unit="level"))
        self.stdout.write(
            f"{len(pairs)} mastery levels computed by {MODEL_VERSION}, {changed} changed"
        )
