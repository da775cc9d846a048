"""Submissions, and the form that grades them."""

import json
from decimal import Decimal
from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import StackedInline
from unfold.decorators import display

from accounts.admin_base import ScopedInlineMixin, ScopedModelAdmin
from accounts.models import User
from assessments import services
from assessments.admin.forms import GradeForm
from assessments.models import QuestionGrade, QuestionType, Submission

_STATE_COLOURS = {"to grade": "warning", "graded": "success"}


class GradeInline(ScopedInlineMixin, StackedInline):
    """Every answer, its grade, and what helps to give one."""

    model = QuestionGrade
    form = GradeForm
    extra = 0
    max_num = 0
    can_delete = False
    fields = ("question_text", "answer", "key", "rubric", "most", ("points", "comment"))
    readonly_fields = ("question_text", "answer", "key", "rubric", "most")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        grades = super().get_queryset(request)
        return grades.select_related("question__guide", "submission")

    @admin.display(description="question")
    def question_text(self, grade: QuestionGrade) -> str:
        return grade.question.question_text

    @admin.display(description="answer")
    def answer(self, grade: QuestionGrade) -> str:
        given = grade.submission.answers.get(str(grade.question_id))
        if given is None:
            return "(none)"
        return _named(grade, given if isinstance(given, list) else [given])

    @admin.display(description="correct answer")
    def key(self, grade: QuestionGrade) -> str:
        correct = grade.question.correct_answer or ""
        if grade.question.question_type == QuestionType.MULTIPLE_SELECT:
            return _named(grade, json.loads(correct))
        return _named(grade, [correct])

    @admin.display(description="rubric")
    def rubric(self, grade: QuestionGrade) -> str:
        return grade.question.guide.rubric

    @admin.display(description="points at most")
    def most(self, grade: QuestionGrade) -> int:
        return grade.question.points


def _named(grade: QuestionGrade, chosen: list[Any]) -> str:
    """Options by their texts, anything else as it is."""
    texts = {option["id"]: option["text"] for option in grade.question.options or []}
    return ", ".join(str(texts.get(item, item)) for item in chosen)


class SubmissionAdmin(ScopedModelAdmin):
    """What was handed in in a person's classes."""

    list_display = ("user", "assessment", "submitted_at", "shown_state", "score", "graded_by")
    list_filter = ("assessment__type",)
    search_fields = ("user__email", "user__name", "assessment__title")
    readonly_fields = ("assessment", "user", "submitted_at", "score", "graded_at", "graded_by")
    fields = (*readonly_fields, "feedback")
    inlines = (GradeInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        waiting = Count("grades", filter=Q(grades__points__isnull=True))
        # Not `list_select_related`: the admin heeds it only where nothing else is selected.
        submissions = (
            super()
            .get_queryset(request)
            .select_related("user", "graded_by", "assessment__classroom")
        )
        return submissions.annotate(_waiting=waiting)

    @display(description="state", label=_STATE_COLOURS)
    def shown_state(self, submission: Any) -> str:
        return "to grade" if submission._waiting else "graded"

    def service_update(self, actor: User, obj: Submission, form: ModelForm) -> Submission:
        if "feedback" not in form.changed_data:
            return obj
        feedback = form.cleaned_data["feedback"] or ""
        return services.submission_grade(actor=actor, submission=obj, feedback=feedback)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The changed grades go through the service, together."""
        formset.save(commit=False)
        grades = [
            services.GradeInput(
                question_id=row.instance.question_id,
                points=cast(Decimal, row.cleaned_data["points"]),
                comment=row.cleaned_data["comment"],
            )
            for row in formset.forms
            if row.has_changed()
        ]
        if grades:
            services.submission_grade(
                actor=cast(User, request.user), submission=form.instance, grades=grades
            )
