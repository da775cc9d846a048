"""Classrooms in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import TabularInline
from unfold.decorators import action

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from classrooms import services
from classrooms.models import Classroom, Member


class MemberInline(TabularInline):
    """The members, on the class's page."""

    model = Member
    extra = 0
    tab = True
    autocomplete_fields = ("user",)
    readonly_fields = ("joined_at",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("classrooms.view_member", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("classrooms.add_member", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("classrooms.change_member", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("classrooms.delete_member", obj)


@admin.register(Classroom)
class ClassroomAdmin(ScopedModelAdmin):
    """A teacher's classes; for an admin, the school's."""

    list_display = ("name", "subject", "teacher", "join_code", "member_count", "is_active")
    list_filter = ("is_active", "subject")
    list_select_related = ("teacher",)
    search_fields = ("name", "subject", "join_code")
    autocomplete_fields = ("teacher",)
    readonly_fields = ("join_code", "created_at")
    fields = ("name", "subject", "description", "teacher", "is_active", *readonly_fields)
    inlines = (MemberInline,)
    actions_detail = ("regenerate_join_code",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(_members=Count("members"))

    @admin.display(description="members", ordering="_members")
    def member_count(self, classroom: Any) -> int:
        return int(classroom._members)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if request.user.role == "admin":  # type: ignore[union-attr]
            return self.readonly_fields
        return (*self.readonly_fields, "teacher")

    @action(description="New join code", permissions=["change"], icon="refresh")
    def regenerate_join_code(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Replace a code that has leaked."""
        classroom = self.get_object(request, object_id)
        if classroom is not None:
            services.join_code_regenerate(actor=request.user, classroom=classroom)  # type: ignore[arg-type]
            self.message_user(request, f"The new join code is {classroom.join_code}.")
        return redirect(reverse("admin:classrooms_classroom_change", args=[object_id]))

    def service_create(self, actor: User, obj: Classroom, form: ModelForm) -> Classroom:
        return services.classroom_create(
            actor=actor,
            name=obj.name,
            description=obj.description or "",
            subject=obj.subject or "",
            teacher=form.cleaned_data.get("teacher"),
        )

    def service_update(self, actor: User, obj: Classroom, form: ModelForm) -> Classroom:
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name != "teacher"}
        if "teacher" in form.changed_data:
            obj.save(update_fields=["teacher"])
        return services.classroom_update(actor=actor, classroom=obj, **changes)

    def service_delete(self, actor: User, obj: Classroom) -> None:
        services.classroom_delete(actor=actor, classroom=obj)


@admin.register(Member)
class MemberAdmin(ScopedModelAdmin):
    """Who is in which class."""

    list_display = ("user", "classroom", "role", "joined_at")
    list_filter = ("role",)
    list_select_related = ("user", "classroom")
    search_fields = ("user__email", "user__name", "classroom__name")
    autocomplete_fields = ("user", "classroom")
    readonly_fields = ("joined_at",)

    def service_create(self, actor: User, obj: Member, form: ModelForm) -> Member:
        return services.member_add(
            actor=actor, classroom=obj.classroom, user=obj.user, role=obj.role
        )

    def service_update(self, actor: User, obj: Member, form: ModelForm) -> Member:
        return services.member_add(
            actor=actor, classroom=obj.classroom, user=obj.user, role=obj.role
        )

    def service_delete(self, actor: User, obj: Member) -> None:
        services.member_remove(actor=actor, member=obj)
