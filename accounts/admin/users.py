"""Users in the admin."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.forms import BooleanField, CharField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import StackedInline
from unfold.dataclasses import ActionDialog
from unfold.decorators import action
from unfold.forms import AdminPasswordChangeForm
from unfold.forms import UserChangeForm as UnfoldUserChangeForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanSwitchWidget

from accounts import services
from accounts.admin.live_sessions import LiveSessionPages
from accounts.admin.proof import ProofNeeded, proof_page, proof_require
from accounts.models import Role, User, UserPreferences

# What decides who signs in to an account, and what they may do then.
_GUARDED = frozenset({"email", "role", "is_active"})


class PreferencesInline(StackedInline):
    """A user's preferences on the user's own page."""

    model = UserPreferences
    can_delete = False
    max_num = 1

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("accounts.change_user", obj)

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class UserChangeForm(UnfoldUserChangeForm):
    """A person; an account is open or closed, whatever the column could hold beside that."""

    is_active = BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)


class UserAddForm(ModelForm):
    """A new user, with a first password."""

    password = CharField(widget=UnfoldAdminPasswordWidget, strip=False)

    class Meta:
        model = User
        fields = ("email", "name", "role")


@admin.register(User)
class UserAdmin(LiveSessionPages, DjangoUserAdmin):
    """Admins keep users; a teacher sees the people of their classes.

    Of Django's own admin for users it keeps the page that sets a password.
    """

    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    actions_list = ("live_sessions",)
    actions_detail = ("end_all_sessions", "remove_second_factors")
    readonly_fields = ("created_at", "updated_at", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "role", "avatar_url", "is_active")}),
        ("Times", {"fields": readonly_fields}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "role", "password")}),)
    add_form = UserAddForm
    inlines = (PreferencesInline,)
    change_password_form = AdminPasswordChangeForm
    filter_horizontal = ()

    form = UserChangeForm

    def autocomplete_label(self, user: User) -> str:
        """Two people may have one name; whoever sees the list of people sees their addresses."""
        return f"{user.name} ({user.email})" if user.name else user.email

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """One's own address is changed where a proof and a confirmation are asked for."""
        found = super().get_readonly_fields(request, obj)
        return (*found, "email") if obj is not None and obj.pk == request.user.pk else found

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            found = super().get_fieldsets(request, obj)
            if obj is None or obj.pk != request.user.pk:
                return found
            hint = format_html(
                'Your own <a href="{}">address</a> and <a href="{}">password</a> are changed on '
                "the pages of your account.",
                reverse("account_email"),
                reverse("account_change_password"),
            )
            return ((None, {**found[0][1], "description": hint}), *found[1:])
        # For a teacher: who this is. Not even the hash's beginning is their business.
        return ((None, {"fields": ("email", "name", "role", "is_active", "last_login")}),)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        actor = cast(User, request.user)
        user = self.get_object(request, unquote(id))
        if user is not None and self.has_change_permission(request, user):
            if user.pk == actor.pk:
                return redirect("account_change_password")
            try:
                proof_require(request)
            except ProofNeeded:
                return proof_page(request)
        response = super().user_change_password(request, id, form_url)
        if user is not None and not User.objects.filter(pk=user.pk, password=user.password):
            services.password_set_note(actor=actor, user=user)
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ProofNeeded:
            return proof_page(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """What gives somebody power, or an account to somebody else, needs a recent proof."""
        if (_GUARDED & set(form.changed_data)) if change else obj.role != Role.STUDENT:
            proof_require(request)
        super().save_model(request, obj, form, change)

    @action(
        description="Remove second factors",
        icon="phonelink_erase",
        permissions=["change"],
        dialog=ActionDialog(
            title="Remove the second factors of this person?",
            description="Make sure who asks for it. Their password alone signs them in then, "
            "and they are told by mail.",
            form_class=None,
            form_submit_text="Remove",
        ),
    )
    def remove_second_factors(
        self, request: HttpRequest, form: Any, object_id: str
    ) -> HttpResponse:
        """For somebody who has lost them."""

        def remove(actor: User, user: User) -> str:
            removed = services.second_factors_remove(actor=actor, user=user)
            return f"{removed} second factor{'s' * (removed != 1)} of {user} removed."

        try:
            proof_require(request)
        except ProofNeeded:
            page = reverse("admin:accounts_user_change", args=[object_id])
            return HttpResponse(headers={"HX-Redirect": proof_page(request, page)["Location"]})
        return self.act(request, object_id, remove)

    def service_create(self, actor: User, obj: User, form: ModelForm) -> User:
        data = form.cleaned_data
        return services.user_create(
            actor=actor,
            email=data["email"],
            name=data["name"] or "",
            role=data["role"],
            password=data["password"],
        )

    def service_update(self, actor: User, obj: User, form: ModelForm) -> User:
        if obj.role != Role.ADMIN or not obj.is_active:
            services.admin_keep_one(user=obj)
        changed: User = super().service_update(actor, obj, form)
        if "email" in form.changed_data:
            services.user_address_change(actor=actor, user=changed)
            services.address_change_tell(user=changed, before=form.initial["email"])
        return changed

    def service_delete(self, actor: User, obj: User) -> None:
        with transaction.atomic():
            services.admin_keep_one(user=obj)
            super().service_delete(actor, obj)
