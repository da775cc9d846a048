"""Users in the admin."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.forms import CharField, ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.admin import StackedInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts import services
from accounts.activity import activity_record
from accounts.admin.live_sessions import LiveSessionPages
from accounts.models import User, UserPreferences


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
    actions_detail = ("end_all_sessions",)
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

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        # For a teacher: who this is. Not even the hash's beginning is their business.
        return ((None, {"fields": ("email", "name", "role", "is_active", "last_login")}),)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        user = self.get_object(request, unquote(id))
        response = super().user_change_password(request, id, form_url)
        if user is not None and not User.objects.filter(pk=user.pk, password=user.password):
            activity_record(
                actor=cast(User, request.user),
                action="password_set",
                resource_type="user",
                resource_id=user.pk,
            )
        return response

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
        changed: User = super().service_update(actor, obj, form)
        if "email" in form.changed_data:
            services.user_address_change(actor=actor, user=changed)
        return changed
