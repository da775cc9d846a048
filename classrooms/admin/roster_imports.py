"""Imports of rosters in the admin: upload, look at what it would do, confirm."""

from typing import Any

from django.contrib import admin
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display

from accounts.admin_uploads import UploadAdmin
from accounts.models import User
from classrooms import services
from classrooms.models import RosterImport, RosterImportState
from config import limits

_STATE_COLOURS = {
    RosterImportState.CHECKING: "info",
    RosterImportState.READY: "primary",
    RosterImportState.INVALID: "danger",
    RosterImportState.IMPORTING: "warning",
    RosterImportState.DONE: "success",
    RosterImportState.FAILED: "danger",
}
# In the order of their weight: what they are called on the page.
# Of one, and of many.
_COUNTS = (
    ("new_account", ("new account", "new accounts")),
    ("claim", ("unconfirmed account taken over", "unconfirmed accounts taken over")),
    ("add", ("person added", "people added")),
    ("change_role", ("role changed", "roles changed")),
    ("nothing", ("there already", "there already")),
    ("skipped", ("the class's own teacher, skipped", "the class's own teacher, skipped")),
    ("errors", ("error", "errors")),
)
_DOES = {
    "new_account": "new account",
    "claim": "takes over an unconfirmed account: its password ends",
    "add": "added",
    "change_role": "role changes",
    "nothing": "nothing",
    "skipped": "skipped: teaches the class",
}


@admin.register(RosterImport)
class RosterImportAdmin(UploadAdmin):
    """Files with people for a class."""

    empty_words = "No roster has been uploaded yet."
    list_display = ("filename", "classroom", "labelled_state", "rows_total", "created_at")
    list_filter = ("state", ("classroom", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("classroom",)
    search_fields = ("filename", "classroom__name")
    autocomplete_fields = ("classroom",)
    busy_states = RosterImportState.busy()
    change_form_after_template = "classrooms/roster_preview.html"
    actions_detail = ("confirm", "cancel")
    upload_fields = ("classroom", "file")
    upload_help = (
        "A CSV or Excel file (.xlsx) with the columns email, name and role (student, assistant or "
        f"teacher); at most {limits.ROSTER_MAX_ROWS} rows. Who has no account gets one. You see "
        "what it would do before anything changes."
    )
    shown_fields = ("classroom", "filename", "shown_state", "created_by", "created_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request)
        page = request.resolver_match.url_name if request.resolver_match else ""
        is_list = str(page).endswith("changelist")
        return found.defer("preview", "errors") if is_list else found

    def shown_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        return _preview(obj)

    @display(description="state", label=_STATE_COLOURS)
    def labelled_state(self, roster_import: RosterImport) -> tuple[str, str]:
        return roster_import.state, self.shown_state(roster_import)

    @display(description="state")
    def shown_state(self, roster_import: RosterImport) -> str:
        return str(RosterImportState(roster_import.state).label)

    def has_confirm_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        found = self.get_object(request, str(object_id)) if object_id else None
        return (
            found is not None
            and found.state == RosterImportState.READY
            and self.has_change_permission(request, found)
        )

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        found = self.get_object(request, str(object_id)) if object_id else None
        return (
            found is not None
            and found.state in (RosterImportState.CHECKING, RosterImportState.READY)
            and self.has_delete_permission(request, found)
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        buttons = dict.fromkeys(("show_save_and_continue", "show_save_and_add_another"), False)
        context = {"title": "Import a roster", **buttons, **(extra_context or {})}
        return super().add_view(request, form_url, context)

    @action(
        description="Confirm and import",
        permissions=["confirm"],
        icon="check",
        dialog=ActionDialog(
            title="Import the roster?",
            description="All of it is imported, or nothing.",
            form_class=None,
            form_submit_text="Import",
        ),
    )
    def confirm(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Do what the preview shows."""

        def do(actor: User, roster_import: RosterImport) -> str:
            services.roster_confirm(actor=actor, roster_import=roster_import)
            return "The roster is being imported."

        return self.act(request, object_id, do)

    @action(
        description="Cancel",
        permissions=["cancel"],
        icon="close",
        dialog=ActionDialog(
            title="Forget this import?",
            description="Its file and what is shown here are removed; the class stays as it is.",
            form_class=None,
            form_submit_text="Forget it",
        ),
    )
    def cancel(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Forget an import."""

        def do(actor: User, roster_import: RosterImport) -> str:
            services.roster_cancel(actor=actor, roster_import=roster_import)
            return "The import is forgotten."

        self.act(request, object_id, do)
        page = reverse("admin:classrooms_rosterimport_changelist")
        return HttpResponse(headers={"HX-Redirect": page})

    # --- Writing ---

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        page = reverse("admin:classrooms_rosterimport_change", args=[obj.pk])
        return HttpResponseRedirect(page)

    def service_create(self, actor: User, obj: RosterImport, form: ModelForm) -> RosterImport:
        return services.roster_upload(
            actor=actor, classroom=form.cleaned_data["classroom"], file=form.cleaned_data["file"]
        )

    def service_update(self, actor: User, obj: RosterImport, form: ModelForm) -> RosterImport:
        return obj  # every field is read-only

    def service_delete(self, actor: User, obj: RosterImport) -> None:
        services.roster_cancel(actor=actor, roster_import=obj)


def _preview(roster_import: RosterImport) -> dict[str, Any]:
    total = roster_import.rows_total
    return {
        "roster": roster_import,
        "may_upload_again": roster_import.state
        in (RosterImportState.INVALID, RosterImportState.FAILED),
        "percent": round(100 * roster_import.rows_done / total) if total else 0,
        "counts": [
            (roster_import.counts[name], words[roster_import.counts[name] > 1])
            for name, words in _COUNTS
            if roster_import.counts.get(name)
        ],
        "rows": [{**row, "does": _DOES[row["does"]]} for row in roster_import.preview],
        "more_errors": roster_import.counts.get("errors", 0) - len(roster_import.errors),
    }
