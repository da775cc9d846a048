"""Conversations in the admin, and what people say of their answers."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from retrieval import services
from retrieval.admin.reading import unless_refused
from retrieval.models import AnswerFeedback, ChatSession


@admin.register(ChatSession)
class ChatSessionAdmin(ScopedModelAdmin):
    """One's own conversations; what others ask is theirs."""

    list_display = ("created_at", "user", "classroom")
    list_select_related = ("user", "classroom")
    change_form_after_template = "retrieval/messages.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        session = self.get_object(request, object_id)
        user = cast(User, request.user)
        found = (
            unless_refused(request, lambda: services.chat_history(user=user, session=session))
            if session
            else []
        )
        return super().change_view(
            request, object_id, form_url, {"chat_messages": found, **(extra_context or {})}
        )


@admin.register(AnswerFeedback)
class AnswerFeedbackAdmin(ScopedModelAdmin):
    """What the answers of one's classes are worth to those who asked; not who they are.

    Only what somebody has judged: who just opens a passage shows nobody their question.
    """

    list_display = ("created_at", "classroom", "question", "answered", "helpful", "opened")
    list_filter = ("helpful", "answered", ("classroom", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("classroom",)
    search_fields = ("question", "classroom__name")
    fields = (
        "question",
        "query",
        "classroom",
        "answered",
        "helpful",
        "opened",
        "created_at",
        "updated_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(opened=Count("clicks"))

    @admin.display(description="passages opened", ordering="opened")
    def opened(self, feedback: Any) -> int:
        return int(feedback.opened)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission
