"""Invitations in the admin: adding one sends the mail, deleting one takes it back."""

from typing import Any

from django.contrib import admin
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action, display

from accounts import services
from accounts.admin_base import ScopedModelAdmin
from accounts.models import Invitation, User


@admin.register(Invitation)
class InvitationAdmin(ScopedModelAdmin):
    """For admins."""

    list_display = ("email", "name", "role", "state", "invited_by", "created_at", "expires_at")
    list_filter = ("role",)
    search_fields = ("email", "name")
    list_select_related = ("invited_by",)
    fields = ("email", "name", "role")
    readonly_fields = ("state", "invited_by", "accepted_by", "created_at", "expires_at")
    actions_detail = ("resend",)

    @display(description="State", label={"open": "info", "accepted": "success"})
    def state(self, invitation: Invitation) -> str:
        if invitation.accepted_at is not None:
            return "accepted"
        return "open" if invitation.expires_at > timezone.now() else "expired"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj is None else (*self.fields, *self.readonly_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whom somebody is invited as is settled: who wants it otherwise invites again."""
        return () if obj is None else (*self.fields, *self.readonly_fields)

    @action(
        description="Send again",
        icon="send",
        url_path="resend",
        permissions=["change"],
        dialog={
            "title": "Send the invitation again?",
            "description": "A new link is mailed; the old one ends.",
            "form_class": None,
            "form_submit_text": "Send",
        },
    )
    def resend(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        def send(actor: User, invitation: Invitation) -> str:
            services.invitation_resend(actor=actor, invitation=invitation)
            return f"Sent to {invitation.email} again."

        return self.act(request, object_id, send)

    def service_create(self, actor: User, obj: Invitation, form: ModelForm) -> Invitation:
        data = form.cleaned_data
        return services.invitation_create(
            actor=actor, email=data["email"], role=data["role"], name=data["name"] or ""
        )

    def service_delete(self, actor: User, obj: Invitation) -> None:
        services.invitation_revoke(actor=actor, invitation=obj)
