"""Rosters that people import: upload, confirm, cancel. Nothing changes before it is confirmed.

The file is stored and a worker checks it (see `roster_work`); what it would do is shown, and
what is confirmed a worker does.
"""

import logging
from pathlib import PurePath
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom, RosterImport, RosterImportState
from classrooms.rosters.reading import check_roster
from classrooms.services.common import log, require_open
from config import limits
from config.celery import app
from config.errors import Conflict, NotFound

WORK_TASK = "classrooms.tasks.work_on_roster_import"

logger = logging.getLogger(__name__)


def roster_upload(*, actor: User, classroom: Classroom, file: Any) -> RosterImport:
    """Store a CSV or XLSX file (Django's UploadedFile) and have it checked.

    Raises InvalidInput or TooLarge for what can be told at once; what is in its rows, the
    import's `state`, `preview` and `errors` say once a worker has read it.
    """
    require(actor, "classrooms.add_rosterimport", classroom)
    require_open(classroom)
    filename = _clean_filename(file.name or "")
    head = file.read(64)
    file.seek(0)
    check_roster(head, file.size, filename)
    roster_import = RosterImport(classroom=classroom, created_by=actor, filename=filename)
    stored = None
    try:
        with transaction.atomic():
            roster_import.file.save(uuid4().hex, file, save=False)
            stored = roster_import.file.name
            roster_import.save(force_insert=True)
            log(actor, "roster_upload", classroom, roster_import_id=str(roster_import.pk))
            transaction.on_commit(lambda: roster_enqueue(roster_import.pk))
    except BaseException:
        if stored:
            roster_import.file.storage.delete(stored)
        raise
    return roster_import


@transaction.atomic
def roster_confirm(*, actor: User, roster_import: RosterImport) -> RosterImport:
    """Do what the preview shows. Conflict (code "not_ready") unless it is there, without errors."""
    found = _locked(roster_import)
    require(actor, "classrooms.change_rosterimport", found)
    require_open(found.classroom)
    if found.state != RosterImportState.READY:
        raise Conflict(f"The import is {found.get_state_display().lower()}.", code="not_ready")
    found.state, found.rows_done, found.starts = RosterImportState.IMPORTING, 0, 0
    found.error = ""  # that it had changed before
    # Who confirms answers for it, and needs the right to it still when a worker does it.
    found.created_by = actor
    found.save(update_fields=["state", "rows_done", "starts", "error", "created_by", "updated_at"])
    log(actor, "roster_confirm", found.classroom, roster_import_id=str(found.pk))
    transaction.on_commit(lambda: roster_enqueue(found.pk))
    return found


@transaction.atomic
def roster_cancel(*, actor: User, roster_import: RosterImport) -> None:
    """Forget an import and its file; Conflict while it is importing."""
    found = _locked(roster_import)
    require(actor, "classrooms.delete_rosterimport", found)
    if found.state == RosterImportState.IMPORTING:
        raise Conflict("It is importing: it can't be cancelled any more.")
    log(actor, "roster_cancel", found.classroom, roster_import_id=str(found.pk))
    file_delete_after_commit(found)
    found.delete()


def roster_enqueue(roster_import_id: UUID) -> None:
    """Give an import to a worker."""
    try:
        app.signature(WORK_TASK, args=[str(roster_import_id)]).apply_async()
    except OperationalError:
        # It stays busy: `roster_imports_sweep` gives it to a worker when the broker is back.
        logger.warning("the broker is unavailable; roster import %s waits", roster_import_id)


def file_delete_after_commit(roster_import: RosterImport) -> None:
    """Remove the private file once the row no longer needs it."""
    name, storage = roster_import.file.name, roster_import.file.storage
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def _locked(roster_import: RosterImport) -> RosterImport:
    found: RosterImport | None = (
        RosterImport.objects.select_for_update(of=("self",))
        .select_related("classroom")
        .filter(pk=roster_import.pk)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def _clean_filename(name: str) -> str:
    """The name to show: without folders and without what can't be shown."""
    shown = "".join(
        letter for letter in PurePath(name.replace("\\", "/")).name if letter.isprintable()
    )
    return shown[-limits.FILENAME_MAX :] or "roster"
