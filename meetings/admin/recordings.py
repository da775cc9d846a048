"""Recordings in the admin: uploaded or linked, and opened by a signed link."""

from typing import Any, cast

from django.contrib import admin
from django.forms import CharField, FileField, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from config import limits
from meetings import services
from meetings.files import recording_download_url
from meetings.media import SIGNATURES
from meetings.models import Recording


def open_link(recording: Recording) -> str:
    """A link that opens the recording; where its file is stays untold."""
    page = reverse("admin:meetings_recording_open_recording", args=[recording.pk])
    return format_html('<a href="{}" target="_blank" rel="noopener">Open</a>', page)


class RecordingAddForm(ModelForm):
    """A new recording: a file, or where it is on the web."""

    file = FileField(
        required=False,
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget,
        help_text=f"{', '.join(sorted(SIGNATURES))}; "
        f"at most {limits.RECORDING_MAX_BYTES // limits.MIB} MB.",
    )
    url = CharField(
        required=False,
        max_length=500,
        label="URL",
        widget=UnfoldAdminTextInputWidget,
        help_text="Instead of a file: an http or https address.",
    )

    class Meta:
        model = Recording
        fields = ("meeting", "duration_seconds", "summary", "transcript")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "file" not in self.errors and bool(data.get("file")) == bool(data.get("url")):
            self.add_error("file", "Give either a file or a URL.")
        return data


@admin.register(Recording)
class RecordingAdmin(ScopedModelAdmin):
    """The recordings of a person's classes."""

    list_display = ("meeting", "created_at", "duration_seconds", "file_size_bytes", "download")
    list_select_related = ("meeting",)
    search_fields = ("meeting__title", "summary", "meeting__classroom__name")
    autocomplete_fields = ("meeting",)
    actions_detail = ("open_recording",)
    add_fields = ("meeting", "file", "url", "duration_seconds", "summary", "transcript")
    change_fields = (
        "meeting",
        "download",
        "file_size_bytes",
        "created_at",
        "duration_seconds",
        "summary",
        "transcript",
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.change_fields if obj else self.add_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("meeting", "download", "file_size_bytes", "created_at") if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = RecordingAddForm
        return super().get_form(request, obj, change, **kwargs)

    @display(description="file")
    def download(self, recording: Recording) -> str:
        return open_link(recording)

    @action(description="Open", icon="open_in_new", permissions=["view"])
    def open_recording(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the recording by a signed link."""
        recording = self.get_object(request, object_id)
        if recording is None:
            raise Http404
        return redirect(recording_download_url(recording=recording, user=cast(User, request.user)))

    # --- Writing ---

    def service_create(self, actor: User, obj: Recording, form: ModelForm) -> Recording:
        data = form.cleaned_data
        common = {
            "actor": actor,
            "meeting": data["meeting"],
            "duration_seconds": data["duration_seconds"],
            "summary": data["summary"] or "",
            "transcript": data["transcript"] or "",
        }
        if data["file"]:
            return services.recording_upload(file=data["file"], **common)
        return services.recording_link(url=data["url"], **common)

    def service_update(self, actor: User, obj: Recording, form: ModelForm) -> Recording:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        return services.recording_update(actor=actor, recording=obj, **changes)

    def service_delete(self, actor: User, obj: Recording) -> None:
        services.recording_delete(actor=actor, recording=obj)
