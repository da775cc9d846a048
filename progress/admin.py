"""Topics and progress in the admin."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from progress import selectors, services
from progress.mastery import MASTERED
from progress.models import MasteryEvidence, Progress, QuestionTopic, Topic


@admin.register(Topic)
class TopicAdmin(ScopedModelAdmin):
    """The school's topics."""

    list_display = ("name", "subject", "created_by", "created_at")
    list_filter = ("subject",)
    list_select_related = ("created_by",)
    search_fields = ("name", "subject")
    autocomplete_fields = ("prerequisites",)
    fields = ("subject", "name", "prerequisites")

    def service_create(self, actor: User, obj: Topic, form: ModelForm) -> Topic:
        return services.topic_create(actor=actor, **form.cleaned_data)

    def service_update(self, actor: User, obj: Topic, form: ModelForm) -> Topic:
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        return services.topic_update(actor=actor, topic=obj, **changes)

    def service_delete(self, actor: User, obj: Topic) -> None:
        services.topic_delete(actor=actor, topic=obj)


@admin.register(QuestionTopic)
class QuestionTopicAdmin(ScopedModelAdmin):
    """Which questions test which topics."""

    list_display = ("question", "topic", "created_at")
    list_filter = ("topic__subject",)
    list_select_related = ("question", "topic")
    search_fields = ("question__question_text", "topic__name")
    autocomplete_fields = ("topic",)
    fields = ("question", "topic")

    def service_create(self, actor: User, obj: QuestionTopic, form: ModelForm) -> QuestionTopic:
        return services.question_topic_create(actor=actor, **form.cleaned_data)

    def service_delete(self, actor: User, obj: QuestionTopic) -> None:
        services.question_topic_delete(actor=actor, link=obj)


@admin.register(Progress)
class ProgressAdmin(ScopedModelAdmin):
    """How well whom masters what, and why the platform thinks so."""

    list_display = ("user", "topic", "mastery", "time_spent_minutes", "last_activity")
    list_filter = ("topic__subject",)
    list_select_related = ("user", "topic")
    search_fields = ("user__name", "user__email", "topic__name")
    fields = readonly_fields = (
        "user",
        "topic",
        "mastery_level",
        "time_spent_minutes",
        "last_activity",
        "reasons",
    )

    @display(
        description="mastery",
        ordering="mastery_level",
        label={"mastered": "success", "learning": "info", "weak": "warning"},
    )
    def mastery(self, row: Progress) -> tuple[str, str]:
        level = row.mastery_level or 0
        name = "mastered" if level >= MASTERED else "learning" if level >= MASTERED / 2 else "weak"
        return name, f"{level:.2f}"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Of those one teaches: one's own, which the API shows, waits for the release."""
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.exclude(user=request.user)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            found.explanation = selectors.progress_explain(
                caller=request.user,  # type: ignore[arg-type]
                progress=found,
            )
        return found

    @display(description="why")
    def reasons(self, row: Any) -> SafeString:
        """The graded answers that led to this level."""
        return render_to_string("progress/reasons.html", {"explanation": row.explanation})


@admin.register(MasteryEvidence)
class MasteryEvidenceAdmin(ScopedModelAdmin):
    """The graded answers behind the levels, as they were recorded."""

    list_display = ("user", "topic", "fraction", "mastery_after", "model_version", "answered_at")
    list_filter = ("topic__subject", "model_version")
    list_select_related = ("user", "topic")
    search_fields = ("user__name", "user__email", "topic__name")
