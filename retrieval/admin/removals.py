"""The outbox of vectors in the admin: what a store has still to forget. Read-only, for admins."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from retrieval import services
from retrieval.admin.dialogs import asked
from retrieval.models import VectorRemoval


def _retry(actor: User, removal: VectorRemoval) -> str:
    services.removal_retry(actor=actor, removal=removal)
    return f"{removal} is tried now."


@admin.register(VectorRemoval)
class VectorRemovalAdmin(ScopedModelAdmin):
    """Rows come with a deletion and go when the vectors are gone."""

    list_display = (
        "collection",
        "owner",
        "created_at",
        "attempts",
        "next_attempt_at",
        "last_error",
    )
    list_filter = ("collection",)
    search_fields = ("owner",)
    fields = readonly_fields = list_display
    actions = ("retry_selected",)
    actions_detail = ("retry_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = VectorRemoval.objects.all()
        return rows if self.has_view_permission(request) else rows.none()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_retry_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return cast(User, request.user).has_perm("retrieval.change_vectorremoval")

    @action(
        description="Retry now",
        permissions=["retry"],
        icon="refresh",
        dialog=asked(
            "Try to remove these vectors now?",
            "Nothing finds them any more, whether it works or not.",
            "Retry now",
        ),
    )
    def retry_now(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Do not wait for the next attempt."""
        return self.act(request, object_id, _retry)

    @action(description="Retry the selected removals now", permissions=["retry"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Do not wait for the next attempt."""
        actor, count = cast(User, request.user), 0
        for removal in queryset:
            _retry(actor, removal)
            count += 1
        self.message_user(request, f"{count} removal{'s' * (count != 1)} tried now.")
