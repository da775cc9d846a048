"""Web pages in the admin: add them, watch them become ready, look at their passages, search."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display

from accounts.admin_uploads import UploadAdmin
from accounts.models import User
from retrieval import selectors, services
from retrieval.admin.reading import unless_refused
from retrieval.admin.searching import searched
from retrieval.admin.web_form import WebPagesForm
from retrieval.models import IngestState, WebPage, WebPageKind
from retrieval.results import SearchResult
from retrieval.services.web_search import FoundWebPassage

_SHOWN_PASSAGES = 50
_STATE_COLOURS = {
    IngestState.QUEUED: "info",
    IngestState.PROCESSING: "warning",
    IngestState.READY: "success",
    IngestState.FAILED: "danger",
}


def _asked(title: str, description: str, submit: str) -> ActionDialog:
    return ActionDialog(
        title=title, description=description, form_class=None, form_submit_text=submit
    )


@admin.register(WebPage)
class WebPageAdmin(UploadAdmin):
    """The school's web pages."""

    list_display = ("__str__", "host", "topic", "labelled_state", "chunks", "checked_at")
    list_filter = ("state", "kind", ("added_by", admin.RelatedOnlyFieldListFilter))
    search_fields = ("title", "source_url", "topic")
    busy_states = IngestState.busy()
    change_form_after_template = "retrieval/passages.html"
    actions = ("refresh_chosen",)
    actions_list = ("search_page",)
    actions_detail = ("refresh", "retry", "cancel", "open_page")
    upload_fields = ("addresses", "sitemap_address", "topic")
    upload_help = ""
    shown_fields = (
        "title",
        "source_link",
        "topic",
        "shown_state",
        "error",
        "warnings",
        "chunks",
        "sitemap",
        "duplicate_of",
        "added_by",
        "created_at",
        "checked_at",
        "ingested_at",
    )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"], kwargs["fields"] = WebPagesForm, ("topic",)
        # Not UploadAdmin's, which speaks of a file.
        return super(UploadAdmin, self).get_form(request, obj, change, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebPage]:
        return super().get_queryset(request).select_related("sitemap", "duplicate_of", "added_by")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        buttons = dict.fromkeys(("show_save_and_continue", "show_save_and_add_another"), False)
        context = {"title": "Add web pages", **buttons, **(extra_context or {})}
        return super().add_view(request, form_url, context)

    def shown_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        user = cast(User, request.user)
        passages = unless_refused(
            request,
            lambda: selectors.web_page_passages(user=user, page=obj, limit=_SHOWN_PASSAGES),
        )
        return {"passages": passages, "document": obj}

    @display(description="address")
    def source_link(self, page: WebPage) -> str:
        return format_html(
            '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
            page.source_url,
            page.source_url,
        )

    @display(description="state", label=_STATE_COLOURS)
    def labelled_state(self, page: WebPage) -> tuple[str, str]:
        return page.state, self.shown_state(page)

    @display(description="state")
    def shown_state(self, page: WebPage) -> str:
        text = str(IngestState(page.state).label)
        if page.kind == WebPageKind.SITEMAP:
            return f"{text}: {page.done} of {page.total} pages" if page.total else text
        if page.state == IngestState.PROCESSING and page.total:
            return f"{text}: {page.done} of {page.total} passages"
        return f"{text}: as another page" if page.duplicate_of_id else text

    # --- Actions ---

    @action(description="Search the web pages", icon="search", url_path="search")
    def search_page(self, request: HttpRequest) -> HttpResponse:
        """Ask the school's web pages."""
        query = request.GET.get("q", "").strip()
        user = cast(User, request.user)
        result: SearchResult[FoundWebPassage] = SearchResult([])
        error = ""
        if query:
            result, error = searched(user, lambda: services.search_web(user=user, query=query))
        context = {
            **self.admin_site.each_context(request),
            "title": "Search the web pages",
            "opts": self.opts,
            "query": query,
            "error": error,
            "hits": result.hits,
        }
        return TemplateResponse(request, "retrieval/web.html", context)

    @action(
        description="Look for a newer version",
        permissions=["change"],
        icon="sync",
        dialog=_asked(
            "Look for a newer version?",
            "Its server is asked; of a sitemap, new pages are added.",
            "Look",
        ),
    )
    def refresh(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Read the page again if it has changed."""
        return self._do(request, object_id, services.web_page_refresh, "{} is queued.")

    @action(
        description="Try again",
        permissions=["change"],
        icon="refresh",
        dialog=_asked("Read this page again?", "What failed is tried once more.", "Try again"),
    )
    def retry(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Queue a page again that could not be read."""
        return self._do(request, object_id, services.web_page_retry, "{} is queued again.")

    @action(
        description="Cancel",
        permissions=["change"],
        icon="close",
        dialog=_asked(
            "Stop reading?",
            "A version that was ready before stays; of a sitemap its waiting pages are stopped.",
            "Stop",
        ),
    )
    def cancel(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Stop the reading of a page."""
        return self._do(request, object_id, services.web_page_cancel, "{} is stopped.")

    @action(description="Open the page", icon="open_in_new")
    def open_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the page at its server."""
        page = self.get_object(request, object_id)
        return redirect(page.source_url if page else "admin:retrieval_webpage_changelist")

    @admin.action(description="Look for newer versions", permissions=["change"])
    def refresh_chosen(self, request: HttpRequest, queryset: QuerySet[WebPage]) -> None:
        """Queue those of the chosen pages that are not being read already."""
        done = 0
        for page in queryset.exclude(state__in=IngestState.busy()):
            services.web_page_refresh(actor=cast(User, request.user), page=page)
            done += 1
        self.message_user(request, f"{done} queued.")

    def _do(
        self, request: HttpRequest, object_id: str, service: Callable[..., Any], said: str
    ) -> HttpResponse:
        def do(actor: User, page: WebPage) -> str:
            service(actor=actor, page=page)
            return said.format(page)

        return self.act(request, object_id, do)

    # --- Writing ---

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        return redirect("admin:retrieval_webpage_changelist")

    def service_create(self, actor: User, obj: WebPage, form: ModelForm) -> WebPage:
        data = form.cleaned_data
        if data["sitemap_address"]:
            return services.web_sitemap_add(
                actor=actor, sitemap_url=data["sitemap_address"], topic=data["topic"]
            )
        return services.web_pages_add(actor=actor, urls=data["addresses"], topic=data["topic"])[0]

    def service_update(self, actor: User, obj: WebPage, form: ModelForm) -> WebPage:
        return obj  # every field is read-only

    def service_delete(self, actor: User, obj: WebPage) -> None:
        services.web_page_delete(actor=actor, page=obj)
