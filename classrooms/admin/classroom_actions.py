"""The buttons of a class: its code, its roster, archive and restore."""

from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.dataclasses import ActionDialog
from unfold.decorators import action

from accounts.models import User
from classrooms import selectors, services
from classrooms.models import Classroom
from config.errors import DomainError


def _dialog(title: str, description: str, submit: str) -> ActionDialog:
    """A question before a change: the answer is a POST with a token."""
    return ActionDialog(
        title=title, description=description, form_class=None, form_submit_text=submit
    )


def _regenerate(actor: User, classroom: Classroom) -> str:
    services.join_code_regenerate(actor=actor, classroom=classroom)
    return f"The new join code is {classroom.join_code}."


def _archive(actor: User, classroom: Classroom) -> str:
    services.classroom_update(actor=actor, classroom=classroom, is_active=False)
    return f"{classroom} is archived."


def _restore(actor: User, classroom: Classroom) -> str:
    services.classroom_update(actor=actor, classroom=classroom, is_active=True)
    return f"{classroom} is active again."


class ClassroomActions:
    """Mixed into the admin of classes."""

    get_object: Any
    act: Any
    admin_site: Any
    opts: Any

    def has_archive_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may_change(request, object_id, is_active=True)

    def has_restore_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self._may_change(request, object_id, is_active=False)

    def _may_change(self, request: HttpRequest, object_id: Any, *, is_active: bool) -> bool:
        classroom = self.get_object(request, str(object_id)) if object_id else None
        return (
            classroom is not None
            and bool(classroom.is_active) == is_active
            and cast(User, request.user).has_perm("classrooms.change_classroom", classroom)
        )

    # --- The code ---

    @action(description="Show the code", icon="cast_for_education", url_path="show-code")
    def show_code(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The code in letters that the last row can read."""
        classroom = self._found(request, object_id, "classrooms.view_join_code")
        rules = selectors.join_rules_of(classroom)
        context = {
            **self.admin_site.each_context(request),
            "title": f"The code of {classroom}",
            "opts": self.opts,
            "original": classroom,
            "rules": rules,
            "open": rules.open and classroom.is_active,
            "may_change_rules": cast(User, request.user).has_perm(
                "classrooms.change_joinrules", classroom
            ),
        }
        return TemplateResponse(request, "classrooms/show_code.html", context)

    @action(
        description="New join code",
        permissions=["change"],
        icon="refresh",
        dialog=_dialog(
            "Give the class a new join code?", "The old one lets nobody in any more.", "New code"
        ),
    )
    def regenerate_join_code(
        self, request: HttpRequest, form: Form, object_id: str
    ) -> HttpResponse:
        """Replace a code that has leaked."""
        return cast(HttpResponse, self.act(request, object_id, _regenerate))

    # --- The roster ---

    @action(
        description="Import roster",
        permissions=["archive"],  # into an archived class nobody comes
        icon="upload",
        url_path="import-roster",
    )
    def import_roster(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the page that takes the file."""
        classroom = self._found(request, object_id, "classrooms.add_rosterimport")
        page = reverse("admin:classrooms_rosterimport_add")
        return redirect(f"{page}?{urlencode({'classroom': classroom.pk})}")

    @action(
        description="Export roster (CSV)",
        permissions=["change"],
        icon="download",
        url_path="roster.csv",
    )
    def export_csv(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The members as a CSV file."""
        return self._export(request, object_id, "csv")

    @action(
        description="Export roster (XLSX)",
        permissions=["change"],
        icon="download",
        url_path="roster.xlsx",
    )
    def export_xlsx(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The members as an Excel file."""
        return self._export(request, object_id, "xlsx")

    # --- Archive ---

    @action(
        description="Archive",
        permissions=["archive"],
        icon="archive",
        dialog=_dialog(
            "Archive the class?",
            "It can still be read. Nobody joins or searches it, and nothing new comes into it.",
            "Archive",
        ),
    )
    def archive(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Put a class away that is over."""
        return cast(HttpResponse, self.act(request, object_id, _archive))

    @action(
        description="Restore",
        permissions=["restore"],
        icon="unarchive",
        dialog=_dialog("Restore the class?", "Its join code works again.", "Restore"),
    )
    def restore(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Bring an archived class back."""
        return cast(HttpResponse, self.act(request, object_id, _restore))

    @action(description="Archive the selected classes", permissions=["change"])
    def archive_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Put classes away that are over."""
        act_on_each(request, queryset, _archive)

    @action(description="Restore the selected classes", permissions=["change"])
    def restore_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Bring archived classes back."""
        act_on_each(request, queryset, _restore)

    def _found(self, request: HttpRequest, object_id: str, permission: str) -> Classroom:
        classroom = self.get_object(request, object_id)
        if classroom is None or not cast(User, request.user).has_perm(permission, classroom):
            raise Http404
        return cast(Classroom, classroom)

    def _export(self, request: HttpRequest, object_id: str, kind: str) -> HttpResponse:
        classroom = self._found(request, object_id, "classrooms.export_roster")
        actor = cast(User, request.user)
        file = selectors.roster_export(actor=actor, classroom=classroom, kind=kind)
        disposition = f'attachment; filename="{file.filename}"'
        return HttpResponse(
            file.content,
            content_type=file.media_type,
            headers={"Content-Disposition": disposition, "Cache-Control": "private, no-store"},
        )


def act_on_each(request: HttpRequest, rows: Iterable[Any], do: Any) -> None:
    """Call `do(actor, row)` for the selected rows, and say what became of each."""
    for row in rows:
        try:
            messages.success(request, do(cast(User, request.user), row))
        except DomainError as error:
            messages.error(request, f"{row}: {error}")
