"""Meetings: scheduled, live, ended or cancelled."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from classrooms.services import require_open
from config.errors import Conflict, InvalidInput
from meetings.models import Meeting, MeetingStatus
from meetings.services.common import (
    apply_changes,
    clean,
    delete_file_after_commit,
    lock_meeting,
    log,
)
from meetings.stores.base import transcript_store

_FIELDS = ("title", "description", "scheduled_at", "duration_minutes", "meeting_url")
# What others plan by stays as it is once the meeting has begun or will not be.
_PLAN = ("scheduled_at", "duration_minutes")
_REQUIRED = ("title", "scheduled_at", "duration_minutes")


@transaction.atomic
def meeting_schedule(
    *,
    actor: User,
    classroom: Classroom,
    title: str,
    scheduled_at: datetime,
    duration_minutes: int = 60,
    description: str = "",
    meeting_url: str = "",
) -> Meeting:
    """Plan a meeting of a class; `scheduled_at` is aware and may be past, `meeting_url` http(s).

    NotAllowed for those who do not teach the class.
    """
    require(actor, "meetings.add_meeting", classroom)
    require_open(classroom)
    meeting = Meeting(
        classroom=classroom,
        title=title.strip(),
        description=description or None,
        scheduled_at=scheduled_at,
        duration_minutes=duration_minutes,
        meeting_url=meeting_url or None,
        created_by=actor,
    )
    _clean(meeting)
    meeting.save(force_insert=True)
    log(actor, "meeting_schedule", meeting, classroom_id=str(classroom.pk))
    return meeting


@transaction.atomic
def meeting_update(*, actor: User, meeting: Meeting, **changes: Any) -> Meeting:
    """Change title, description, meeting_url and, while it is scheduled, time and length.

    Returns the saved meeting; Conflict for a new time of one that is not scheduled.
    """
    require(actor, "meetings.change_meeting", meeting)
    meeting = lock_meeting(meeting)
    moved = [name for name in _PLAN if name in changes and changes[name] != getattr(meeting, name)]
    if moved and meeting.status != MeetingStatus.SCHEDULED:
        raise Conflict(f"The meeting is {meeting.status}: its time can't be changed.")
    apply_changes(meeting, changes, _FIELDS)
    _clean(meeting)
    meeting.save(update_fields=_FIELDS)
    log(actor, "meeting_update", meeting, fields=sorted(changes))
    return meeting


def meeting_start(*, actor: User, meeting: Meeting) -> Meeting:
    """The scheduled meeting begins; returns it."""
    return _move(actor, meeting, "start", MeetingStatus.SCHEDULED, MeetingStatus.LIVE)


def meeting_end(*, actor: User, meeting: Meeting) -> Meeting:
    """The live meeting is over; returns it."""
    return _move(actor, meeting, "end", MeetingStatus.LIVE, MeetingStatus.ENDED)


def meeting_cancel(*, actor: User, meeting: Meeting) -> Meeting:
    """The scheduled meeting will not be; returns it."""
    return _move(actor, meeting, "cancel", MeetingStatus.SCHEDULED, MeetingStatus.CANCELLED)


@transaction.atomic
def meeting_delete(*, actor: User, meeting: Meeting) -> None:
    """Delete a meeting with its recordings, and after commit their files and its transcript."""
    require(actor, "meetings.delete_meeting", meeting)
    meeting = lock_meeting(meeting)
    meeting_id = meeting.pk
    for recording in meeting.recordings.all():
        delete_file_after_commit(recording.storage_name)
    meeting.recordings.all().delete()
    log(actor, "meeting_delete", meeting)
    meeting.delete()
    # The meeting is gone even if the store is down: the nightly sweep removes what is left.
    transaction.on_commit(lambda: transcript_store().delete(meeting_id), robust=True)


@transaction.atomic
def _move(
    actor: User, meeting: Meeting, verb: str, before: MeetingStatus, after: MeetingStatus
) -> Meeting:
    require(actor, "meetings.change_meeting", meeting)
    meeting = lock_meeting(meeting)
    if meeting.status != before:
        raise Conflict(f"A meeting that is {meeting.status} can't {verb}.")
    meeting.status = after
    meeting.save(update_fields=["status"])
    log(actor, f"meeting_{verb}", meeting)
    return meeting


def _clean(meeting: Meeting) -> None:
    missing = [name for name in _REQUIRED if getattr(meeting, name) in (None, "")]
    if missing:
        raise InvalidInput(errors={name: ["This is required."] for name in missing})
    clean(meeting, _FIELDS)
