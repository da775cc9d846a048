"""Wrong passwords, and accounts that are locked for an address: admins see and lift them."""

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts.admin_base import ScopedModelAdmin
from config import limits


@admin.register(AccessAttempt)
class LockoutAdmin(ScopedModelAdmin):
    """Deleting an entry lifts its lock; admins may do that, and nobody anything else."""

    list_display = ("username", "ip_address", "failures_since_start", "locked", "attempt_time")
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)
    fields = ("username", "ip_address", "user_agent", "failures_since_start", "attempt_time")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = AccessAttempt.objects.all()
        return rows if self.has_view_permission(request) else rows.none()

    @display(description="Locked", boolean=True)
    def locked(self, attempt: AccessAttempt) -> bool:
        return attempt.failures_since_start >= limits.LOGIN_FAILURES
