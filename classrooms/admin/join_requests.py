"""Those who wait to be let into a class, in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.dataclasses import ActionDialog
from unfold.decorators import action

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from classrooms import services
from classrooms.admin.classroom_actions import act_on_each
from classrooms.models import JoinRequest


def _approve(actor: User, request: JoinRequest) -> str:
    services.join_request_approve(actor=actor, join_request=request)
    return f"{request.user} is in {request.classroom}."


def _reject(actor: User, request: JoinRequest) -> str:
    services.join_request_delete(actor=actor, join_request=request)
    return f"{request.user} was not let into {request.classroom}."


@admin.register(JoinRequest)
class JoinRequestAdmin(ScopedModelAdmin):
    """People who knew the code and wait; letting them in makes them students of the class."""

    empty_words = "Nobody is waiting."
    list_display = ("user", "email", "classroom", "created_at")
    list_filter = (("classroom", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("user", "classroom")
    search_fields = ("user__email", "user__name", "classroom__name")
    fields = readonly_fields = ("user", "email", "classroom", "created_at")
    actions = ("approve_selected", "reject_selected")
    actions_row = ("approve",)
    actions_detail = ("approve",)

    @admin.display(description="address", ordering="user__email")
    def email(self, request: JoinRequest) -> str:
        return request.user.email

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        found.pop("delete_selected", None)  # it is called rejecting here
        return found

    @action(description="Let the selected people in", permissions=["change"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Make them students of the class."""
        act_on_each(request, queryset.select_related("user", "classroom"), _approve)

    @action(description="Reject the selected people", permissions=["change"])
    def reject_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Let them wait no longer."""
        act_on_each(request, queryset.select_related("user", "classroom"), _reject)

    @action(
        description="Let in",
        permissions=["change"],
        icon="check",
        dialog=ActionDialog(
            title="Let this person into the class?",
            description="They become a student of it and are told.",
            form_class=None,
            form_submit_text="Let in",
        ),
    )
    def approve(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Make this person a student of the class."""
        self.act(request, object_id, _approve)
        # The request has gone, and its page with it.
        page = reverse("admin:classrooms_joinrequest_changelist")
        return HttpResponse(headers={"HX-Redirect": page})

    def service_update(self, actor: User, obj: JoinRequest, form: Any) -> JoinRequest:
        return obj  # every field is read-only

    def service_delete(self, actor: User, obj: JoinRequest) -> None:
        services.join_request_delete(actor=actor, join_request=obj)
