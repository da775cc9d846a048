"""Rosters that are imported: a file, what it would do, and how far it is."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from classrooms.models.classroom import Classroom


class RosterImportState(models.TextChoices):
    """From the upload to the end: nothing is changed before it is confirmed."""

    CHECKING = "checking"  # the dry run is queued or under way
    READY = "ready"  # the preview is there and has no errors: it can be confirmed
    INVALID = "invalid"  # the file has errors; nothing was changed
    IMPORTING = "importing"  # confirmed, queued or under way
    DONE = "done"
    FAILED = "failed"  # the error says why; nothing was changed

    @classmethod
    def busy(cls) -> tuple["RosterImportState", ...]:
        """The states in which a worker has it."""
        return (cls.CHECKING, cls.IMPORTING)


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    """Imports, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of the classes whose people one decides on: they are full of addresses."""
        return self.filter(classroom__in=Classroom.objects.owned_by(user))


class RosterImport(models.Model):
    """One file with people for one class.

    `preview`: [{"row": 2, "email": …, "name": …, "role": …, "was": a role or null, "does":
    "new_account" | "claim" | "add" | "change_role" | "nothing" | "skipped"}], the first
    ROSTER_PREVIEW_ROWS; "claim" is "add" of an account whose address nobody has confirmed, which
    its owner gets, and "skipped" the class's own teacher. `errors`: [{"row": 3, "field":
    "email", "detail": …}], the first ROSTER_MAX_ERRORS; `counts`: rows by what they do, and
    "errors". A row is counted as a spreadsheet does: the header is row 1.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    classroom = models.ForeignKey(
        Classroom,
        on_delete=models.CASCADE,
        related_name="roster_imports",
        db_constraint=False,  # the migration adds it with ON DELETE CASCADE
    )
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # Private, under a name of its own; removed at the end.
    file = models.FileField(max_length=200)
    filename = models.CharField(max_length=255)
    state = models.CharField(
        max_length=20, choices=RosterImportState, default=RosterImportState.CHECKING
    )
    rows_total = models.PositiveIntegerField(null=True)
    rows_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    preview = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    # What the check found that every row does, as a hash: nothing else is imported.
    plan = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    error = models.TextField(blank=True, default="")
    # How often a worker began on it: a file that kills its worker is not tried for ever.
    starts = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    # A worker renews it: one that is old and busy has lost its worker.
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar = RosterImportQuerySet.as_manager()

    class Meta:
        db_table = "classroom_roster_imports"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.filename} for {self.classroom}"
