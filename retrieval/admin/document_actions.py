"""The buttons of a document: try again, cancel, open; and for many of them at once."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.decorators import action

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from config.errors import DomainError
from retrieval import selectors, services
from retrieval.admin.dialogs import asked
from retrieval.models import Document, IngestState


def _retry(actor: User, document: Document) -> str:
    services.document_retry(actor=actor, document=document)
    return f"{document} is queued again."


def _cancel(actor: User, document: Document) -> str:
    services.document_cancel(actor=actor, document=document)
    return f"{document} is cancelled."


class DocumentActions(ScopedModelAdmin):
    """Mixed into the admin of documents."""

    def has_retry_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may_change(request, object_id, IngestState.retryable())

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may_change(request, object_id, IngestState.busy())

    def _may_change(self, request: HttpRequest, object_id: Any, states: Any) -> bool:
        document = self.get_object(request, str(object_id)) if object_id else None
        return (
            document is not None
            and document.state in states
            and cast(User, request.user).has_perm("retrieval.change_document", document)
        )

    @action(
        description="Try again",
        permissions=["retry"],
        icon="refresh",
        dialog=asked(
            "Ingest this document again?",
            "A file that could not be read, or was cancelled, is tried once more.",
            "Try again",
        ),
    )
    def retry(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Queue a document again that failed or was cancelled."""
        return self.act(request, object_id, _retry)

    @action(
        description="Cancel",
        permissions=["cancel"],
        icon="cancel",
        dialog=asked(
            "Stop reading this document?",
            "A version that was ready before stays in the search.",
            "Stop",
        ),
    )
    def cancel(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Stop an ingestion."""
        return self.act(request, object_id, _cancel)

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

    # --- Many at once ---

    @action(description="Try the selected documents again", permissions=["change"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Queue those again that failed or were cancelled."""
        _each(request, queryset, _retry, "queued again")

    @action(description="Cancel the selected documents", permissions=["change"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Stop those that are queued or being read."""
        _each(request, queryset, _cancel, "cancelled")


def _each(
    request: HttpRequest,
    documents: QuerySet[Any],
    do: Callable[[User, Document], str],
    done: str,
) -> None:
    """Do it with each, and say in one message how many it was; each refusal with its reason."""
    count = 0
    for document in documents:
        try:
            do(cast(User, request.user), document)
            count += 1
        except DomainError as error:
            messages.error(request, f"{document}: {error}")
    if count:
        plural = "document is" if count == 1 else "documents are"
        messages.success(request, f"{count} {plural} {done}.")
