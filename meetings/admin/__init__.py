"""Meetings, recordings and transcripts in the admin."""

from meetings.admin.meetings import MeetingAdmin
from meetings.admin.recordings import RecordingAdmin

__all__ = ["MeetingAdmin", "RecordingAdmin"]
