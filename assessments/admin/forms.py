"""Forms of the admin; what they refuse is what the services would refuse."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from assessments.answers import key_clean, options_clean
from assessments.models import Assessment, Question, QuestionGrade
from config.errors import InvalidInput

_LABELLED = re.compile(r"([A-Za-z0-9_-]{1,36})\)\s+(.*)")


class AssessmentForm(forms.ModelForm):
    """An assessment and whether it locks the search."""

    # The spec's column may be null; a switch is on or off.
    is_proctored = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)
    search_locked = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="While a student's attempt runs, they may not search the class's material.",
    )

    class Meta:
        model = Assessment
        fields = (
            "classroom",
            "title",
            "type",
            "description",
            "due_date",
            "time_limit_minutes",
            "is_proctored",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = getattr(self.instance, "state", None)
        if state is not None:
            self.fields["search_locked"].initial = state.search_locked


class QuestionForm(forms.ModelForm):
    """A question; its options are written one a line."""

    option_lines = forms.CharField(
        label="Options",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text='One a line, as "a) Paris"; a line without its letter gets the next free one.',
    )
    explanation = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Why the answer is right; students see it with their results.",
    )
    rubric = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="How to grade it; only graders see it.",
    )

    class Meta:
        model = Question
        fields = ("question_text", "question_type", "points", "correct_answer", "order_index")
        widgets = {
            "question_text": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "correct_answer": UnfoldAdminTextareaWidget(attrs={"rows": 1}),
        }
        help_texts = {
            "correct_answer": (
                'The letter of an option, or several as "a, c"; true or false; a number or '
                '"3.14 +- 0.01"; accepted texts, one a line; a model essay.'
            ),
            "order_index": "Its place; left empty, the end.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order_index"].required = False
        if self.instance.pk and not self.instance._state.adding:
            guide = self.instance.guide
            self.fields["option_lines"].initial = "\n".join(
                f"{option['id']}) {option['text']}" for option in self.instance.options or []
            )
            self.fields["explanation"].initial = guide.explanation
            self.fields["rubric"].initial = guide.rubric

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("question_type")
        if kind is None:
            return data
        lines = [line.strip() for line in data.get("option_lines", "").splitlines()]
        try:
            options = options_clean(kind, [_option(line) for line in lines if line])
            key_clean(kind, options, data.get("correct_answer"))
        except InvalidInput as error:
            for name, why in error.errors.items():
                self.add_error("option_lines" if name == "options" else name, why)
        else:
            data["options"] = options
        return data

    def changes(self) -> dict[str, Any]:
        """What `question_update` takes: the fields that were changed."""
        names = {name: name for name in self.changed_data} | {"option_lines": "options"}
        found = {
            names[name]: self.cleaned_data[names[name]]
            for name in self.changed_data
            if names[name] in self.cleaned_data
        }
        if found.get("order_index", 0) is None:
            del found["order_index"]
        return found


def _option(line: str) -> str | dict[str, str]:
    labelled = _LABELLED.fullmatch(line)
    return {"id": labelled[1], "text": labelled[2]} if labelled else line


class GradeForm(forms.ModelForm):
    """A grade by hand: the points and a word on them."""

    points = forms.DecimalField(
        required=False,
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        widget=UnfoldAdminDecimalFieldWidget,
    )
    comment = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))

    class Meta:
        model = QuestionGrade
        fields = ("points", "comment")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        points = data.get("points")
        most = self.instance.question.points
        if points is None and self.has_changed() and "points" not in self.errors:
            self.add_error("points", "Give the points.")
        elif points is not None and points > most:
            self.add_error("points", f"At most {most}.")
        return data
