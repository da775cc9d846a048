"""The work on a roster: the check, and the import, which is all or nothing.

An import is one transaction, so that a worker that dies leaves nothing half done. Nobody sees
inside a transaction, so its progress is written by a second connection that commits at once;
that also shows that the worker lives. A row in Redis would do, but then the state of an import
would be in two places, one of which forgets.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from classrooms.models import RosterImport, RosterImportState
from classrooms.rosters.outcome import Outcome
from classrooms.rosters.resource import Progress
from classrooms.services.roster import file_delete_after_commit, roster_enqueue
from classrooms.services.roster_import import roster_import_file
from config import limits
from config.errors import DomainError, InvalidInput
from config.locks import if_free

logger = logging.getLogger(__name__)


def roster_import_work(*, roster_import_id: UUID) -> None:
    """Check or import what is waiting; the worker's task.

    Only one process works on an import at a time; a second one, and one for an import that has
    gone or waits for nothing, does nothing.
    """
    with if_free(f"roster import {roster_import_id}") as mine:
        if mine:
            found = RosterImport.objects.filter(
                pk=roster_import_id, state__in=RosterImportState.busy()
            ).select_related("classroom", "created_by")
            if (roster_import := found.first()) is not None and _may_start(roster_import):
                _work(roster_import)


def _may_start(roster_import: RosterImport) -> bool:
    """Count this start; give up on a file at which worker after worker was lost."""
    this = RosterImport.objects.filter(pk=roster_import.pk)
    this.update(starts=F("starts") + 1)
    if roster_import.starts < limits.ROSTER_STARTS_MAX:
        return True
    detail = "The worker was lost at this file again and again: nothing was imported."
    this.update(
        state=RosterImportState.FAILED,
        error=detail,
        errors=[{"row": None, "field": "file", "detail": detail}],
        finished_at=timezone.now(),
    )
    return False


def roster_imports_sweep() -> dict[str, int]:
    """Give imports to a worker again that lost theirs, and forget old ones with their files.

    One that a worker is at is safe: the second one sees that and does nothing.
    """
    now = timezone.now()
    late = now - timedelta(seconds=limits.ROSTER_RETRY_AFTER)
    busy = RosterImport.objects.filter(state__in=RosterImportState.busy())
    waiting = list(busy.filter(updated_at__lt=late).values_list("pk", flat=True))
    for pk in waiting:
        roster_enqueue(pk)
    old = RosterImport.objects.exclude(state__in=RosterImportState.busy()).filter(
        updated_at__lt=now - limits.ROSTER_RETENTION
    )
    forgotten = list(old)
    with transaction.atomic():
        for roster_import in forgotten:
            file_delete_after_commit(roster_import)
            roster_import.delete()
    return {"requeued": len(waiting), "forgotten": len(forgotten)}


def _work(roster_import: RosterImport) -> None:
    this = RosterImport.objects.filter(pk=roster_import.pk)
    importing = roster_import.state == RosterImportState.IMPORTING
    try:
        with _progress_of(roster_import) as progress:
            outcome = _run(roster_import, dry_run=not importing, on_progress=progress)
    except (OperationalError, InterfaceError):
        raise  # the database is down: the sweep gives it to a worker again
    except Exception as error:
        if isinstance(error, DomainError):
            detail = _words_of(error)
        else:
            logger.exception("roster import %s failed", roster_import.pk)
            detail = "Something went wrong: nothing was imported."
        this.update(
            state=RosterImportState.FAILED if importing else RosterImportState.INVALID,
            error=detail,
            errors=[{"row": None, "field": "file", "detail": detail}],
            rows_done=0,
            **_ended(True),
        )
    else:
        # What is done is written in the transaction that does it.
        if not importing or outcome.counts["errors"] or outcome.changed:
            this.update(**_result(outcome, importing))
    current = this.first()
    if current is not None and current.finished_at is not None:
        file_delete_after_commit(current)


def _words_of(error: DomainError) -> str:
    about_file = error.errors.get("file", []) if isinstance(error, InvalidInput) else []
    return " ".join(about_file) or str(error)


def _run(roster_import: RosterImport, *, dry_run: bool, on_progress: Progress) -> Outcome:
    if roster_import.created_by is None:
        raise InvalidInput("The account of who imports it has gone.")
    try:
        with roster_import.file.open("rb") as file:
            data = file.read()
    except FileNotFoundError:
        raise InvalidInput("The file has gone: upload it again.") from None
    return roster_import_file(
        classroom=roster_import.classroom,
        data=data,
        filename=roster_import.filename,
        actor=roster_import.created_by,
        dry_run=dry_run,
        plan=None if dry_run else roster_import.plan,
        on_progress=on_progress,
        on_done=lambda outcome: RosterImport.objects.filter(pk=roster_import.pk).update(
            **_result(outcome, importing=True)
        ),
    )


def _result(outcome: Outcome, importing: bool) -> dict[str, Any]:
    failed, why = bool(outcome.counts["errors"]), ""
    # Of what nobody has seen nothing is done: it waits to be confirmed again.
    done = importing and not outcome.changed
    if done:
        state = RosterImportState.FAILED if failed else RosterImportState.DONE
    else:
        state = RosterImportState.INVALID if failed else RosterImportState.READY
    if importing and (failed or outcome.changed):
        why = "The class or its people have changed since the check"
        why += ": nothing was imported." if failed else ": look at it again, and confirm it."
    return {
        "state": state,
        "rows_total": outcome.rows,
        "rows_done": 0 if failed else outcome.rows,
        "counts": dict(outcome.counts),
        "preview": outcome.preview,
        "errors": outcome.errors,
        "error": why,
        "plan": outcome.plan,
        **_ended(done or failed),
    }


def _ended(ended: bool) -> dict[str, Any]:
    now = timezone.now()
    return {"updated_at": now, **({"finished_at": now} if ended else {})}


@contextmanager
def _progress_of(roster_import: RosterImport) -> Iterator[Progress]:
    """Writes `rows_done` through a connection of its own, for all to see."""
    second = connection.copy()

    def progress(done: int, total: int) -> None:
        with second.cursor() as cursor:
            cursor.execute(
                "UPDATE classroom_roster_imports"
                " SET rows_done = %s, rows_total = %s, updated_at = %s WHERE id = %s",
                [done, total, timezone.now(), roster_import.pk],
            )

    try:
        yield progress
    finally:
        second.close()
