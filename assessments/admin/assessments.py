"""Writing assessments: the questions on their page, publishing and releasing."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.admin import StackedInline
from unfold.decorators import action, display

from accounts.admin_base import ScopedInlineMixin, ScopedModelAdmin
from accounts.models import User
from assessments import services
from assessments.admin.forms import AssessmentForm, QuestionForm
from assessments.models import Assessment, Question
from classrooms.models import Classroom

_STATE_COLOURS = {"draft": "warning", "published": "info", "released": "success"}


class QuestionInline(ScopedInlineMixin, StackedInline):
    """The questions, on the assessment's page."""

    model = Question
    form = QuestionForm
    extra = 0
    tab = True
    fields = (
        "question_type",
        ("points", "order_index"),
        "question_text",
        "option_lines",
        "correct_answer",
        "explanation",
        "rubric",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("guide")


class AssessmentAdmin(ScopedModelAdmin):
    """The assessments of a person's classes."""

    form = AssessmentForm
    list_display = (
        "title",
        "classroom",
        "type",
        "shown_state",
        "total_points",
        "due_date",
        "handed_in",
    )
    list_filter = ("type", "is_proctored")
    list_select_related = ("classroom", "state")
    search_fields = ("title", "classroom__name")
    autocomplete_fields = ("classroom",)
    readonly_fields = ("total_points", "shown_state", "created_by", "created_at")
    fieldsets = (
        (None, {"fields": ("classroom", "title", "type", "description")}),
        (
            "How it is taken",
            {"fields": ("due_date", "time_limit_minutes", "is_proctored", "search_locked")},
        ),
        ("Where it stands", {"fields": readonly_fields}),
    )
    inlines = (QuestionInline,)
    actions_detail = ("publish", "release")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related("state", "classroom")
            .annotate(_handed_in=Count("submissions"))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj is None else ("classroom", *self.readonly_fields)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "classroom":
            kwargs["queryset"] = Classroom.objects.taught_by(cast(User, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @display(description="state", label=_STATE_COLOURS)
    def shown_state(self, assessment: Assessment) -> str:
        state = getattr(assessment, "state", None)
        if state is None or state.published_at is None:
            return "draft"
        return "released" if state.results_released_at else "published"

    @admin.display(description="handed in", ordering="_handed_in")
    def handed_in(self, assessment: Any) -> int:
        return int(assessment._handed_in)

    @action(
        description="Publish",
        permissions=["change"],
        icon="campaign",
        dialog={
            "title": "Publish the assessment?",
            "description": "The class sees it and can take it.",
            "form_class": None,
            "form_submit_text": "Publish",
        },
    )
    def publish(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Let the class see and take it."""

        def do(actor: User, assessment: Assessment) -> str:
            services.assessment_publish(actor=actor, assessment=assessment)
            return f"{assessment} is published."

        return self.act(request, object_id, do)

    @action(
        description="Release results",
        permissions=["change"],
        icon="grading",
        dialog={
            "title": "Release the results?",
            "description": "Students see scores, correct answers and feedback; nobody can "
            "start it any more.",
            "form_class": None,
            "form_submit_text": "Release",
        },
    )
    def release(self, request: HttpRequest, form: Form, object_id: str) -> HttpResponse:
        """Show students their results."""

        def do(actor: User, assessment: Assessment) -> str:
            services.results_release(actor=actor, assessment=assessment)
            return f"The results of {assessment} are released."

        return self.act(request, object_id, do)

    def service_create(self, actor: User, obj: Assessment, form: ModelForm) -> Assessment:
        return services.assessment_create(actor=actor, **self._values(form, form.fields))

    def service_update(self, actor: User, obj: Assessment, form: ModelForm) -> Assessment:
        return services.assessment_update(
            actor=actor, assessment=obj, **self._values(form, form.changed_data)
        )

    def service_delete(self, actor: User, obj: Assessment) -> None:
        services.assessment_delete(actor=actor, assessment=obj)

    def _values(self, form: ModelForm, names: Any) -> dict[str, Any]:
        return {name: form.cleaned_data[name] for name in names}

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Each question goes through its service."""
        actor = cast(User, request.user)
        formset.save(commit=False)
        for question in formset.deleted_objects:
            services.question_delete(actor=actor, question=question)
        for row in formset.forms:
            if row in formset.deleted_forms or not row.has_changed():
                continue
            if row.instance._state.adding:
                given = {name: row.cleaned_data[name] for name in _QUESTION_FIELDS}
                services.question_create(
                    actor=actor,
                    assessment=form.instance,
                    question=services.QuestionInput(**given),
                )
            else:
                services.question_update(actor=actor, question=row.instance, **row.changes())


_QUESTION_FIELDS = (
    "question_text",
    "question_type",
    "points",
    "options",
    "correct_answer",
    "explanation",
    "rubric",
    "order_index",
)


class QuestionAdmin(ScopedModelAdmin):
    """Questions across assessments, to look something up; they are written on its page."""

    list_display = ("question_text", "question_type", "points", "assessment")
    list_filter = ("question_type",)
    list_select_related = ("assessment",)
    search_fields = ("question_text", "assessment__title")
    fields = (
        "assessment",
        "question_text",
        "question_type",
        "points",
        "options",
        "correct_answer",
        "order_index",
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def service_delete(self, actor: User, obj: Question) -> None:
        services.question_delete(actor=actor, question=obj)
