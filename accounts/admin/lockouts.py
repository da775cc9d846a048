"""Wrong passwords, and accounts that are locked for an address: admins see and lift them."""

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from accounts.activity import activity_record
from accounts.admin_base import ScopedModelAdmin
from accounts.auth.lockout import lock_holds, lock_lift
from accounts.models import User


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
        return lock_holds(attempt)

    def service_delete(self, actor: User, obj: AccessAttempt) -> None:
        pk = obj.pk
        lock_lift(obj)
        activity_record(
            actor=actor,
            action="accessattempt_delete",
            resource_type="accessattempt",
            resource_id=pk,
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {"title": "Locked accounts", **(extra_context or {})}
        )
