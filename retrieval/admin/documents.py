"""Material in the admin: upload, watch it become ready, look at its passages."""

from typing import Any, cast

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from unfold.decorators import display

from accounts.admin_uploads import UploadAdmin
from accounts.models import User
from config import limits
from config.errors import InvalidInput
from retrieval import selectors, services
from retrieval.admin.document_actions import DocumentActions
from retrieval.admin.reading import unless_refused
from retrieval.admin.search import SearchPages
from retrieval.admin.statistics import StatisticsPage
from retrieval.archives import is_archive
from retrieval.models import Document, IngestState
from retrieval.parsing.registry import EXTENSIONS
from retrieval.services import ArchiveResult

_PASSAGES = 50  # on a page of the preview
STATE_COLOURS = {
    IngestState.QUEUED: "info",
    IngestState.PROCESSING: "warning",
    IngestState.READY: "success",
    IngestState.FAILED: "danger",
}


@admin.register(Document)
class DocumentAdmin(SearchPages, StatisticsPage, DocumentActions, UploadAdmin):
    """The material of a person's classes."""

    list_display = (
        "filename",
        "classroom",
        "document_type",
        "labelled_state",
        "pages",
        "passage_count",
        "size",
        "created_at",
    )
    list_filter = (
        "state",
        "document_type",
        ("classroom", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("classroom",)
    search_fields = ("filename", "classroom__name")
    autocomplete_fields = ("classroom",)
    busy_states = IngestState.busy()
    change_form_before_template = "retrieval/progress.html"
    change_form_after_template = "retrieval/passages.html"
    actions = ("retry_selected", "cancel_selected")
    actions_list = ("search_page", "statistics_page")
    actions_detail = ("retry", "cancel", "open_file")
    upload_fields = ("classroom", "file", "document_type")
    upload_help = (
        f"{', '.join(EXTENSIONS)}; at most {limits.DOCUMENT_MAX_BYTES // limits.MIB} MB. "
        "A file of the same name in the class is replaced. Of a ZIP archive "
        f"({limits.ARCHIVE_MAX_BYTES // limits.MIB} MB) every file becomes a document."
    )
    shown_fields = (
        "filename",
        "classroom",
        "document_type",
        "shown_state",
        "error",
        "shown_warnings",
        "pages",
        "passage_count",
        "size",
        "uploaded_by",
        "created_at",
        "ingested_at",
    )

    def shown_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        start = request.GET.get("passages", "")
        first = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 0
        user = cast(User, request.user)
        found = unless_refused(
            request,
            lambda: selectors.document_passages(
                user=user, document=obj, start=first, limit=_PASSAGES + 1
            ),
        )
        return {
            "passages": found[:_PASSAGES],
            "document": obj,
            "first_passage": first,
            "earlier_passages": max(0, first - _PASSAGES),
            "later_passages": found[_PASSAGES].chunk_index if len(found) > _PASSAGES else None,
            "percent": 100 * obj.done // obj.total if obj.total else 0,
        }

    @display(description="state", ordering="state", label=STATE_COLOURS)
    def labelled_state(self, document: Document) -> tuple[str, str]:
        return document.state, self.shown_state(document)

    @display(description="state")
    def shown_state(self, document: Document) -> str:
        text = str(IngestState(document.state).label)
        if document.state == IngestState.PROCESSING and document.total:
            text = f"{text}: {document.done} of {document.total} passages"
        return text

    @display(description="passages", ordering="chunks")
    def passage_count(self, document: Document) -> int:
        return document.chunks

    @display(description="size", ordering="size_bytes")
    def size(self, document: Document) -> str:
        return filesizeformat(document.size_bytes)

    @display(description="warnings", empty_value="–")
    def shown_warnings(self, document: Document) -> str:
        return "; ".join(document.warnings)

    # --- Writing ---

    def service_create(self, actor: User, obj: Document, form: ModelForm) -> Document:
        data = form.cleaned_data
        given = {name: data[name] for name in ("classroom", "file", "document_type")}
        if not is_archive(data["file"].name):
            return services.document_upload(actor=actor, **given).document
        result = services.documents_upload_archive(actor=actor, **given)
        taken = [*result.documents, *result.unchanged]
        if not taken:
            raise InvalidInput(f"Nothing of the archive was taken: {_refusals(result)}")
        obj._archive = result  # type: ignore[attr-defined] # for what is said of it
        return taken[0]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        result = getattr(obj, "_archive", None)
        if result is None:
            return super().response_add(request, obj, post_url_continue)
        say_archive(request, result)
        return redirect("admin:retrieval_document_changelist")

    def service_update(self, actor: User, obj: Document, form: ModelForm) -> Document:
        return obj  # every field is read-only

    def service_delete(self, actor: User, obj: Document) -> None:
        services.document_delete(actor=actor, document=obj)


def say_archive(request: HttpRequest, result: ArchiveResult) -> None:
    """Say what became of an archive's files."""
    parts = [_count(len(result.documents), "queued")]
    if result.unchanged:
        parts.append(_count(len(result.unchanged), "there already"))
    messages.success(request, f"{', '.join(parts)}.")
    if result.refused:
        count = len(result.refused)
        were = "file was" if count == 1 else "files were"
        messages.warning(request, f"{count} {were} refused: {_refusals(result)}")


def _count(number: int, what: str) -> str:
    return f"{number} {'document is' if number == 1 else 'documents are'} {what}"


def _refusals(result: ArchiveResult) -> str:
    shown = result.refused[: limits.ARCHIVE_REFUSALS_SHOWN]
    lines = [f"{item.filename}: {item.error}" for item in shown]
    more = len(result.refused) - len(shown)
    return "; ".join(lines) + (f"; and {more} more" if more else "") + "."
