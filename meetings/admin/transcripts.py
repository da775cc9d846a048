"""The pages of transcripts: the store's list and search, one to read, one to upload.

They go through the store's interface, so they are the same on every engine.
"""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import CharField, FileField, Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.dataclasses import ActionDialog
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from config import limits
from config.errors import DomainError, NotFound
from meetings import selectors, services
from meetings.files import transcript_download_url
from meetings.models import Meeting

_SEGMENTS_SHOWN = 200


class TranscriptForm(Form):
    """A WebVTT file."""

    file = FileField(
        label="WebVTT file",
        allow_empty_file=True,
        widget=UnfoldAdminFileFieldWidget,
        help_text="UTF-8, at most "
        f"{limits.TRANSCRIPT_MAX_BYTES // limits.MIB} MB. It replaces a transcript there is.",
    )
    language = CharField(
        required=False,
        max_length=35,
        widget=UnfoldAdminTextInputWidget,
        help_text="A tag like en or pt-BR; left empty, the file decides.",
    )


class TranscriptPages(ScopedModelAdmin):
    """What an admin of meetings shows of their transcripts."""

    @action(description="Transcripts", icon="closed_caption", url_path="transcripts")
    def transcripts(self, request: HttpRequest) -> HttpResponse:
        """The transcripts of one's classes, and a search in them."""
        user = cast(User, request.user)
        query = request.GET.get("q", "").strip()
        context: dict[str, Any] = {"query": query}
        if query:
            try:
                context["found"] = selectors.transcript_search(user=user, query=query)
            except DomainError as error:
                context["error"] = str(error)
        else:
            entries = selectors.transcript_page(
                user=user, after=_uuid(request.GET.get("after")), limit=limits.PAGE_SIZE + 1
            )
            shown = entries[: limits.PAGE_SIZE]
            context["entries"] = shown
            if len(entries) > len(shown):
                context["next"] = shown[-1].summary.meeting_id
        return self._page(request, "transcripts", "Transcripts", **context)

    @action(description="Transcript", icon="closed_caption", permissions=["view"])
    def transcript(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Read what was said, with the times."""
        meeting = self._meeting(request, object_id)
        try:
            found = selectors.transcript_of(meeting=meeting)
        except NotFound as error:
            messages.info(request, str(error))
            return redirect(_change_page(meeting))
        page = Paginator(found.segments, _SEGMENTS_SHOWN).get_page(request.GET.get("page"))
        return self._page(
            request,
            "transcript",
            f"Transcript of {meeting}",
            original=meeting,
            transcript=found,
            segments=page,
            download_url=transcript_download_url(meeting=meeting, user=cast(User, request.user)),
        )

    @action(description="Upload transcript", icon="upload", permissions=["change"])
    def upload_transcript(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a WebVTT file for the meeting."""
        meeting = self._meeting(request, object_id)
        form = TranscriptForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                saved = services.transcript_upload(
                    actor=cast(User, request.user),
                    meeting=meeting,
                    content=services.transcript_read(form.cleaned_data["file"]),
                    language=form.cleaned_data["language"],
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, f"The transcript has {saved.word_count} words.")
                return redirect(reverse("admin:meetings_meeting_transcript", args=[meeting.pk]))
        title = f"Upload the transcript of {meeting}"
        return self._page(request, "upload_transcript", title, original=meeting, form=form)

    @action(
        description="Delete transcript",
        icon="delete",
        permissions=["change"],
        dialog=ActionDialog(
            title="Delete the transcript?",
            description="The meeting stays.",
            form_class=None,
            form_submit_text="Delete",
        ),
    )
    def remove_transcript(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Remove the meeting's transcript."""
        return self.act(request, object_id, _remove)

    def _meeting(self, request: HttpRequest, object_id: str) -> Meeting:
        meeting = self.get_object(request, object_id)
        if meeting is None:
            raise Http404
        return cast(Meeting, meeting)

    def _page(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> TemplateResponse:
        return TemplateResponse(
            request,
            f"meetings/{template}.html",
            {
                **self.admin_site.each_context(request),
                "title": title,
                "opts": self.opts,
                **context,
            },
        )


def _remove(actor: User, meeting: Meeting) -> str:
    services.transcript_delete(actor=actor, meeting=meeting)
    return "The transcript is deleted."


def _change_page(meeting: Meeting) -> str:
    return reverse("admin:meetings_meeting_change", args=[meeting.pk])


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None
