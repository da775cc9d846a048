"""Classes in the admin."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, QuerySet, When
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.decorators import display

from accounts.admin_base import ScopedModelAdmin
from accounts.models import Role, User
from classrooms import selectors, services
from classrooms.admin.classroom_actions import ClassroomActions
from classrooms.admin.inlines import JoinRulesInline, MemberInline, SubjectFilter
from classrooms.admin.member_form import add_member
from classrooms.models import Classroom, JoinRules, Member


@admin.register(Classroom)
class ClassroomAdmin(ClassroomActions, ScopedModelAdmin):
    """A teacher's classes; for an admin, the school's."""

    list_display = ("name", "subject", "teacher", "shown_code", "member_count", "shown_state")
    list_filter = ("is_active", SubjectFilter)
    list_select_related = ("teacher",)
    search_fields = ("name", "subject", "_code")
    ordering = ("name", "pk")  # the count below would drop the model's own
    autocomplete_fields = ("teacher",)
    readonly_fields = ("created_at",)
    fields = ("name", "subject", "description", "teacher", "is_active", "created_at")
    inlines = (MemberInline, JoinRulesInline)
    change_form_before_template = "classrooms/code_card.html"
    actions = ("archive_selected", "restore_selected")
    actions_detail = (
        "show_code",
        "regenerate_join_code",
        {
            "title": "Roster",
            "icon": "groups",
            "items": ["import_roster", "export_csv", "export_xlsx"],
        },
        "archive",
        "restore",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # The code is that of a class only for those who run it: one question for the page, by
        # what `classrooms.view_join_code` asks for one class.
        runs = Classroom.objects.taught_by(cast(User, request.user)).filter(pk=OuterRef("pk"))
        code = Case(When(Exists(runs), then=F("join_code")), output_field=CharField(null=True))
        return super().get_queryset(request).annotate(_members=Count("members"), _code=code)

    @admin.display(description="join code", empty_value="–")
    def shown_code(self, classroom: Any) -> str | None:
        return cast(str | None, classroom._code)

    @admin.display(description="members", ordering="_members")
    def member_count(self, classroom: Any) -> int:
        return int(classroom._members)

    @display(
        description="state",
        ordering="is_active",
        label={"Active": "success", "Archived": "warning"},
    )
    def shown_state(self, classroom: Classroom) -> str:
        return "Active" if classroom.is_active else "Archived"

    def autocomplete_narrow(self, field: str, people: QuerySet[Any]) -> QuerySet[Any]:
        """A class is given only to someone who may teach."""
        return people.filter(role__in=(Role.TEACHER, Role.ADMIN), is_active=True)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return self.fields
        names = ("name", "subject", "description")
        may_choose = request.user.has_perm("classrooms.change_teacher")
        return (*names, "teacher") if may_choose else names

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if request.user.has_perm("classrooms.change_teacher"):
            return self.readonly_fields
        return (*self.readonly_fields, "teacher")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        classroom = kwargs.get("obj")
        user = cast(User, request.user)
        if classroom is not None and user.has_perm("classrooms.view_join_code", classroom):
            context |= {
                "code_card": selectors.code_state_of(classroom),
                "may_change_rules": user.has_perm("classrooms.change_joinrules", classroom),
                "waiting_query": urlencode({"classroom__id__exact": classroom.pk}),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Writing ---

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

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Rows edited inline go through the services too, so that the same rules hold."""
        actor, classroom = cast(User, request.user), form.instance
        formset.save(commit=False)  # says what is new, changed and deleted
        if formset.model is JoinRules:
            for row in formset.forms:
                changes = {name: row.cleaned_data[name] for name in row.changed_data}
                if changes:
                    services.join_rules_update(actor=actor, classroom=classroom, **changes)
            return
        for member in formset.deleted_objects:
            services.member_remove(actor=actor, member=member)
        for member, _ in formset.changed_objects:
            services.member_update(actor=actor, member=member, role=member.role)
        for member in cast(list[Member], formset.new_objects):
            add_member(actor, member)
