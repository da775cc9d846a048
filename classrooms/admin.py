"""Classrooms in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.admin import TabularInline
from unfold.decorators import action

from accounts.admin_base import ScopedInlineMixin, ScopedModelAdmin
from accounts.models import User
from classrooms import services
from classrooms.models import Classroom, Member


class MemberInline(ScopedInlineMixin, TabularInline):
    """The members, on the class's page."""

    model = Member
    extra = 0
    tab = True
    autocomplete_fields = ("user",)
    readonly_fields = ("joined_at",)


@admin.register(Classroom)
class ClassroomAdmin(ScopedModelAdmin):
    """A teacher's classes; for an admin, the school's."""

    list_display = ("name", "subject", "teacher", "join_code", "member_count", "is_active")
    list_filter = ("is_active", "subject")
    list_select_related = ("teacher",)
    search_fields = ("name", "subject", "join_code")
    ordering = ("name", "pk")  # the count below would drop the model's own
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
        if request.user.has_perm("classrooms.change_teacher"):
            return self.readonly_fields
        return (*self.readonly_fields, "teacher")

    @action(
        description="New join code",
        permissions=["change"],
        icon="refresh",
        dialog={
            "title": "Give the class a new join code?",
            "description": "The old one lets nobody in any more.",
            "form_class": None,
            "form_submit_text": "New code",
        },
    )
    def regenerate_join_code(
        self, request: HttpRequest, form: Form, object_id: str
    ) -> HttpResponse:
        """Replace a code that has leaked."""

        def regenerate(actor: User, classroom: Classroom) -> str:
            services.join_code_regenerate(actor=actor, classroom=classroom)
            return f"The new join code is {classroom.join_code}."

        return self.act(request, object_id, regenerate)

    def service_create(self, actor: User, obj: Classroom, form: ModelForm) -> Classroom:
        return services.classroom_create(
            actor=actor,
            name=obj.name,
            description=obj.description or "",
            subject=obj.subject or "",
            teacher=form.cleaned_data.get("teacher"),
        )

    def service_update(self, actor: User, obj: Classroom, form: ModelForm) -> Classroom:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.readonly_fields
        return ("user", "classroom", *self.readonly_fields)  # only the role can change

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
