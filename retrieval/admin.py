"""Material in the admin: upload, watch it become ready, look at its passages, search."""

from typing import Any, cast

from django.contrib import admin
from django.forms import Form, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.decorators import action, display

from accounts.admin_base import ScopedModelAdmin
from accounts.admin_uploads import UploadAdmin
from accounts.models import User
from classrooms.models import Classroom
from config import limits
from config.errors import DomainError
from retrieval import selectors, services
from retrieval.models import ChatSession, Document, IngestState
from retrieval.parsing.registry import EXTENSIONS
from retrieval.stores.base import WebPassage

_SHOWN_PASSAGES = 50
_STATE_COLOURS = {
    IngestState.QUEUED: "info",
    IngestState.PROCESSING: "warning",
    IngestState.READY: "success",
    IngestState.FAILED: "danger",
}


@admin.register(Document)
class DocumentAdmin(UploadAdmin):
    """The material of a person's classes."""

    list_display = ("filename", "classroom", "labelled_state", "pages", "chunks", "created_at")
    list_filter = ("state", "document_type")
    list_select_related = ("classroom",)
    search_fields = ("filename", "classroom__name")
    autocomplete_fields = ("classroom",)
    busy_states = IngestState.busy()
    change_form_after_template = "retrieval/passages.html"
    actions_list = ("search_page", "web_page")
    actions_detail = ("retry", "open_file")
    upload_fields = ("classroom", "file", "document_type")
    upload_help = (
        f"{', '.join(EXTENSIONS)}; at most {limits.DOCUMENT_MAX_BYTES // limits.MIB} MB. "
        "A file of the same name in the class is replaced."
    )
    shown_fields = (
        "filename",
        "classroom",
        "document_type",
        "shown_state",
        "error",
        "warnings",
        "pages",
        "chunks",
        "size_bytes",
        "uploaded_by",
        "created_at",
        "ingested_at",
    )

    def shown_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        passages = selectors.document_passages(obj, limit=_SHOWN_PASSAGES)
        return {"passages": passages, "document": obj}

    @display(description="state", label=_STATE_COLOURS)
    def labelled_state(self, document: Document) -> tuple[str, str]:
        return document.state, self.shown_state(document)

    @display(description="state")
    def shown_state(self, document: Document) -> str:
        text = str(IngestState(document.state).label)
        if document.state == IngestState.PROCESSING and document.total:
            text = f"{text}: {document.done} of {document.total} passages"
        return text

    # --- Actions ---

    @action(description="Search the material", icon="search", url_path="search")
    def search_page(self, request: HttpRequest) -> HttpResponse:
        """Ask the material of one's classes."""
        user = cast(User, request.user)
        query = request.GET.get("q", "").strip()
        hits, error = [], ""
        if query:
            try:
                hits = services.search_documents(user=user, query=query).hits
            except DomainError as problem:
                error = str(problem)
        context = {
            **self.admin_site.each_context(request),
            "title": "Search the material",
            "opts": self.opts,
            "query": query,
            "error": error,
            "hits": [(hit, selectors.hit_link(hit, user)) for hit in hits],
            "classrooms": Classroom.objects.visible_to(user),
        }
        return TemplateResponse(request, "retrieval/search.html", context)

    @action(description="Web pages", icon="language", url_path="web")
    def web_page(self, request: HttpRequest) -> HttpResponse:
        """Look through the school's web pages, or search in them."""
        query, error = request.GET.get("q", "").strip(), ""
        passages: list[tuple[WebPassage, float | None]] = []
        older = None
        try:
            if query:
                found = services.search_web(user=cast(User, request.user), query=query).hits
                passages = [(hit.passage, hit.score) for hit in found]
            else:
                page, older = selectors.web_passages(after=request.GET.get("after"))
                passages = [(passage, None) for passage in page]
        except DomainError as problem:
            error = str(problem)
        context = {
            **self.admin_site.each_context(request),
            "title": "Web pages",
            "opts": self.opts,
            "query": query,
            "error": error,
            "passages": passages,
            "older": older,
        }
        return TemplateResponse(request, "retrieval/web.html", context)

    @action(
        description="Try again",
        permissions=["change"],
        icon="refresh",
        dialog={
            "title": "Ingest this document again?",
            "description": "A file that could not be read is tried once more.",
            "form_class": None,
            "form_submit_text": "Try again",
        },
    )
    def retry(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Queue a failed document again."""

        def queue(actor: User, document: Document) -> str:
            services.document_retry(actor=actor, document=document)
            return f"{document} is queued again."

        return self.act(request, object_id, queue)

    @action(description="Open the file", icon="open_in_new")
    def open_file(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the file by a signed link."""
        document = self.get_object(request, object_id)
        if document is None:
            raise Http404
        link = selectors.document_link(
            user=cast(User, request.user), document_id=document.pk, filename=document.filename
        )
        return redirect(link)

    # --- Writing ---

    def service_create(self, actor: User, obj: Document, form: ModelForm) -> Document:
        return services.document_upload(
            actor=actor,
            classroom=form.cleaned_data["classroom"],
            file=form.cleaned_data["file"],
            document_type=form.cleaned_data["document_type"],
        ).document

    def service_update(self, actor: User, obj: Document, form: ModelForm) -> Document:
        return obj  # every field is read-only

    def service_delete(self, actor: User, obj: Document) -> None:
        services.document_delete(actor=actor, document=obj)


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
        messages = services.chat_history(user=user, session=session) if session else []
        return super().change_view(
            request, object_id, form_url, {"chat_messages": messages, **(extra_context or {})}
        )
