"""Meetings in the admin: their plan, their life and their recordings."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.admin import TabularInline
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display

from accounts.models import User
from meetings import services
from meetings.admin.recordings import open_link
from meetings.admin.transcripts import TranscriptPages
from meetings.models import Meeting, MeetingStatus, Recording

_STATUS_COLOURS = {
    MeetingStatus.SCHEDULED: "info",
    MeetingStatus.LIVE: "success",
    MeetingStatus.ENDED: "primary",
    MeetingStatus.CANCELLED: "danger",
}


def _dialog(title: str, description: str, submit: str) -> ActionDialog:
    """A question before a change: the answer is a POST with a token."""
    return ActionDialog(
        title=title, description=description, form_class=None, form_submit_text=submit
    )


class RecordingInline(TabularInline):
    """The recordings, on the meeting's page; they are added on a page of their own."""

    model = Recording
    extra = 0
    tab = True
    show_change_link = True
    fields = readonly_fields = ("created_at", "duration_seconds", "file_size_bytes", "download")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("meetings.view_recording", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @display(description="file")
    def download(self, recording: Recording) -> str:
        return open_link(recording)


@admin.register(Meeting)
class MeetingAdmin(TranscriptPages):
    """The meetings of a person's classes."""

    list_display = ("title", "classroom", "scheduled_at", "duration_minutes", "shown_status")
    list_filter = ("status",)
    list_select_related = ("classroom",)
    search_fields = ("title", "description", "classroom__name")
    date_hierarchy = "scheduled_at"
    autocomplete_fields = ("classroom",)
    inlines = (RecordingInline,)
    readonly_fields = ("status", "created_by", "created_at")
    fields = (
        "classroom",
        "title",
        "scheduled_at",
        "duration_minutes",
        "meeting_url",
        "description",
        *readonly_fields,
    )
    actions_list = ("transcripts",)
    actions_detail = (
        "start",
        "end",
        "cancel",
        "transcript",
        "upload_transcript",
        "remove_transcript",
    )

    @display(description="status", label=_STATUS_COLOURS)
    def shown_status(self, meeting: Meeting) -> tuple[str, str]:
        status = MeetingStatus(meeting.status or MeetingStatus.SCHEDULED)
        return status, status.label

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # A meeting stays in its class.
        return (*self.readonly_fields, "classroom") if obj else self.readonly_fields

    # --- Its life ---

    @action(
        description="Start",
        icon="play_arrow",
        permissions=["change"],
        dialog=_dialog("Start the meeting?", "It is live from now on.", "Start"),
    )
    def start(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Begin a scheduled meeting."""
        return self.act(request, object_id, _start)

    @action(
        description="End",
        icon="stop",
        permissions=["change"],
        dialog=_dialog("End the meeting?", "It can't be started again.", "End"),
    )
    def end(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """End a live meeting."""
        return self.act(request, object_id, _end)

    @action(
        description="Cancel",
        icon="event_busy",
        permissions=["change"],
        dialog=_dialog("Cancel the meeting?", "It can't be scheduled again.", "Cancel it"),
    )
    def cancel(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Cancel a scheduled meeting."""
        return self.act(request, object_id, _cancel)

    # --- Writing ---

    def service_create(self, actor: User, obj: Meeting, form: ModelForm) -> Meeting:
        return services.meeting_schedule(
            actor=actor,
            classroom=obj.classroom,
            title=obj.title or "",
            scheduled_at=obj.scheduled_at,
            duration_minutes=form.cleaned_data["duration_minutes"],
            description=obj.description or "",
            meeting_url=obj.meeting_url or "",
        )

    def service_update(self, actor: User, obj: Meeting, form: ModelForm) -> Meeting:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        return services.meeting_update(actor=actor, meeting=obj, **changes)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Recordings, the only rows that hold a meeting, go with it: no obstacle, but shown."""
        deleted, counts, missing, recordings = super().get_deleted_objects(objs, request)
        return [*deleted, *recordings], counts, missing, []

    def service_delete(self, actor: User, obj: Meeting) -> None:
        services.meeting_delete(actor=actor, meeting=obj)


def _start(actor: User, meeting: Meeting) -> str:
    services.meeting_start(actor=actor, meeting=meeting)
    return "The meeting is live."


def _end(actor: User, meeting: Meeting) -> str:
    services.meeting_end(actor=actor, meeting=meeting)
    return "The meeting has ended."


def _cancel(actor: User, meeting: Meeting) -> str:
    services.meeting_cancel(actor=actor, meeting=meeting)
    return "The meeting is cancelled."
