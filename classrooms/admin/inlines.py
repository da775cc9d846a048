"""What stands on a class's own page: its members, and how it is joined."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import CharField, ModelForm, Widget
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import StackedInline, TabularInline

from accounts.admin_base import ScopedInlineMixin
from classrooms.models import JoinRules, Member

_MEMBERS_PER_PAGE = 50


class PersonText(Widget):
    """A name that can't be changed, without a query and without a list to choose from."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        return format_html('<span class="font-medium">{}</span>', value or "")


class MemberForm(ModelForm):
    """A member's row: of one who is there only the role can change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and "user" in self.fields:
            user = self.instance.user
            self.initial["user"] = f"{user} ({user.email})" if user.name else user.email
            self.fields["user"] = CharField(disabled=True, widget=PersonText, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance._state.adding and "user" in data:
            data["user"] = self.instance.user
        return data


class MemberInline(ScopedInlineMixin, TabularInline):
    """The members, a page of them at a time."""

    model = Member
    form = MemberForm
    extra = 0
    tab = True
    hide_title = True
    per_page = _MEMBERS_PER_PAGE
    autocomplete_fields = ("user",)
    fields = ("user", "role", "joined_at")
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
