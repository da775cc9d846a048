"""The base of the pages: a filter form, and tables and charts of what a store answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from unfold.admin import ModelAdmin

from accounts.models import User
from analytics.admin.forms import PageForm
from config.errors import DomainError, StoreUnavailable


@dataclass(frozen=True)
class Table:
    """A table of a page; `empty` says what its absence of rows means."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    empty: str = "Nothing here yet."


@dataclass(frozen=True)
class Chart:
    """A chart of a page: `kind` is "bar" or "line", `data` what Chart.js takes, as JSON."""

    title: str
    kind: str
    data: str


@dataclass(frozen=True)
class Content:
    """What a page shows."""

    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()
    older: Mapping[str, str] | None = None  # the query of the next page


class StorePage(ModelAdmin):
    """A read-only page in the place of a model's list.

    The model gives the page its name and its place in the menu; its rows are the embedded
    engine's, so the page reads the store and never the model.
    """

    title: ClassVar[str]
    form_class: ClassVar[type[PageForm]]

    def content(self, caller: User, query: dict[str, Any]) -> Content:
        """The page for the checked values of its form."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., HttpResponse] = self.admin_site.admin_view(self.page)
        return [path("", view, name=f"{self.opts.app_label}_{self.opts.model_name}_changelist")]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        label, name = self.opts.app_label, self.opts.model_name
        return cast(User, request.user).has_perm(f"{label}.view_{name}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def page(self, request: HttpRequest) -> HttpResponse:
        """The page itself; a wrong filter or a store that is down is said on it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        caller = cast(User, request.user)
        form = self.form_class(request.GET, caller=caller)
        content, error, status = Content(), "", 200
        if form.is_valid():
            try:
                content = self.content(caller, form.cleaned_data)
            except StoreUnavailable as down:
                error, status = str(down), down.status
            except DomainError as wrong:
                error, status = str(wrong), wrong.status
        context = {
            **self.admin_site.each_context(request),
            "title": self.title,
            "opts": self.opts,
            "form": form,
            "content": content,
            "tables": [_table(table) for table in content.tables],
            "error": error,
            "older": f"?{urlencode(content.older)}" if content.older else "",
        }
        return TemplateResponse(request, "analytics/page.html", context, status=status)

    def link(self, text: object, **query: str) -> str:
        """A link to this page with other filters."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return format_html(
            '<a class="text-link" href="{}?{}">{}</a>', reverse(name), urlencode(query), text
        )


def names_of(user_ids: Iterable[Any]) -> dict[str, str]:
    """Email addresses by id, for the people of a table, in one query."""
    wanted = {str(user_id) for user_id in user_ids if user_id is not None}
    rows = User.objects.filter(pk__in=wanted).values_list("pk", "email")
    return {str(pk): email for pk, email in rows}


def as_text(properties: Mapping[str, object]) -> str:
    """Properties or metadata on one line."""
    return ", ".join(f"{name}: {value}" for name, value in sorted(properties.items()))


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "empty": table.empty,
        "data": {"headers": table.headers, "rows": table.rows},
    }
