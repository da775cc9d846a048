"""Attempts and proctoring sessions, to look at only."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from accounts.admin_base import ScopedModelAdmin
from assessments.models import Attempt, AttemptState, ProctorSession

_STATE_COLOURS = {
    AttemptState.IN_PROGRESS: "info",
    AttemptState.SUBMITTED: "success",
    AttemptState.EXPIRED: "warning",
}


class AttemptAdmin(ScopedModelAdmin):
    """Who is at work, and until when. No policy lets anybody change an attempt here."""

    list_display = ("user", "assessment", "shown_state", "started_at", "expires_at", "saved_at")
    list_filter = ("state",)
    search_fields = ("user__email", "user__name", "assessment__title")
    fields = (
        "user",
        "assessment",
        "state",
        "started_at",
        "expires_at",
        "saved_at",
        "ended_at",
        "revision",
        "answers",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Not `list_select_related`: the admin heeds it only where nothing else is selected.
        return super().get_queryset(request).select_related("user", "assessment__classroom")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description="state", label=_STATE_COLOURS)
    def shown_state(self, attempt: Attempt) -> tuple[str, str]:
        return attempt.state, AttemptState(attempt.state).label


class ProctorSessionAdmin(ScopedModelAdmin):
    """Proctored attempts, those under way too."""

    list_display = ("user", "assessment", "started_at", "ended_at", "pictures", "report")
    search_fields = ("attempt__user__email", "attempt__assessment__title")
    fields = ("attempt", "started_at", "ended_at", "reported_at", "pictures", "report")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        sessions = super().get_queryset(request).annotate(_pictures=Count("snapshots"))
        return sessions.select_related("attempt__assessment__classroom", "attempt__user")

    @admin.display(description="student")
    def user(self, session: ProctorSession) -> str:
        return str(session.attempt.user)

    @admin.display(description="assessment")
    def assessment(self, session: ProctorSession) -> str:
        return str(session.attempt.assessment)

    @admin.display(description="pictures")
    def pictures(self, session: Any) -> int:
        return int(session._pictures)

    @admin.display(description="report")
    def report(self, session: ProctorSession) -> str:
        if session.reported_at is None:
            return "not written yet"
        page = reverse("admin:assessments_proctoringreportrow_change", args=[session.pk])
        return format_html('<a class="text-primary-600" href="{}">Open</a>', page)
