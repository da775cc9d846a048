"""Conversations in the admin, and what people say of their answers."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from config.errors import DomainError
from retrieval import services
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
        found: list[services.ChatMessage] = []
        try:
            if session:
                found = services.chat_history(user=cast(User, request.user), session=session)
        except DomainError as error:  # an attempt that forbids it is under way
            messages.error(request, str(error))
        return super().change_view(
            request, object_id, form_url, {"chat_messages": found, **(extra_context or {})}
        )


# What the list can be narrowed by. Django lets every field of the model through, and with the id
# of a person, or of their conversation, one could ask whose question a row is.
_LOOKUPS = frozenset(
    [
        *("helpful", "helpful__exact", "helpful__isnull"),
        *("answered", "answered__exact", "answered__isnull"),
        *("classroom", "classroom__exact", "classroom__id__exact", "classroom__isnull"),
    ]
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

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in _LOOKUPS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(opened=Count("clicks"))

    @admin.display(description="passages opened", ordering="opened")
    def opened(self, feedback: Any) -> int:
        return int(feedback.opened)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission
