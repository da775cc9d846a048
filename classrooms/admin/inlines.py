"""What stands on a class's own page: its members, and how it is joined."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import StackedInline, TabularInline

from accounts.admin_base import ScopedInlineMixin
from classrooms.admin.member_form import MemberForm
from classrooms.models import JoinRules, Member

_MEMBERS_PER_PAGE = 50


class MemberInline(ScopedInlineMixin, TabularInline):
    """The members, a page of them at a time."""

    model = Member
    form = MemberForm
    extra = 0
    tab = True
    hide_title = True
    per_page = _MEMBERS_PER_PAGE
    autocomplete_fields = ("user",)
    fields = ("user", "email", "role", "joined_at")
    readonly_fields = ("joined_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user", "classroom")  # for its name


class JoinRulesInline(ScopedInlineMixin, StackedInline):
    """What the join code does."""

    model = JoinRules
    tab = True
    can_delete = False
    extra = max_num = 1
    verbose_name_plural = "joining"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SubjectFilter(admin.SimpleListFilter):
    """By subject: of the classes that one sees, not of the school's."""

    title = "subject"
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        own = model_admin.get_queryset(request).exclude(subject=None).exclude(subject="")
        subjects = own.order_by("subject").values_list("subject", flat=True).distinct()
        return [(subject, subject) for subject in subjects]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(subject=self.value()) if self.value() else queryset
