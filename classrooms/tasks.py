"""Background work on classes."""

from uuid import UUID

from celery import shared_task

from classrooms.services import roster_import_work, roster_imports_sweep


@shared_task
def work_on_roster_import(roster_import_id: str) -> None:
    """Check or import a roster."""
    roster_import_work(roster_import_id=UUID(roster_import_id))


@shared_task
def sweep_roster_imports() -> dict[str, int]:
    """Take up imports whose worker died, and forget old ones."""
    return roster_imports_sweep()
