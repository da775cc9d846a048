"""Attempts and submissions."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.viewsets import ScopedViewSet
from assessments import services
from assessments.api.serializers.attempts import (
    AttemptSerializer,
    AttemptStartSerializer,
    AttemptSummarySerializer,
    AutosaveSerializer,
)
from assessments.api.serializers.submissions import (
    GradingSerializer,
    OwnSubmissionSerializer,
    SubmissionSerializer,
    TaughtSubmissionSerializer,
)
from assessments.models import Assessment, Attempt, Submission
from assessments.selectors import submissions_with_grades, taught_classroom_ids
from config.errors import NotFound

# Two forms of one answer: the grading for those who run the class, the results for the student.
_EITHER = PolymorphicProxySerializer(
    component_name="SubmissionDetail",
    serializers=[TaughtSubmissionSerializer, OwnSubmissionSerializer],
    resource_type_field_name=None,
)


class AttemptViewSet(mixins.ListModelMixin, ScopedViewSet):
    """The caller's attempts, and those in the classes that they run."""

    model = Attempt
    serializer_class = AttemptSummarySerializer
    filterset_fields = ("assessment", "user", "state")
    cursor_ordering = ("-started_at", "-pk")
    throttle_names = {"create": "exam_start"}
    etag_actions = ()  # its `revision` is what two tabs race on

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("assessment__classroom", "proctor_session")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.attempts_expire(user=self.caller)
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=AttemptSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        attempt = services.attempt_refresh(attempt=self.get_object())
        return Response(AttemptSerializer(attempt).data)

    @extend_schema(request=AttemptStartSerializer, responses={200: AttemptSerializer})
    def create(self, request: Request) -> Response:
        """Start, or come back to the attempt that is there."""
        data = AttemptStartSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        assessment = (
            Assessment.objects.visible_to(self.caller)
            .select_related("state", "classroom")
            .filter(pk=data.validated_data["assessment"])
            .first()
        )
        if assessment is None:
            raise NotFound("There is no such assessment.")
        attempt = services.attempt_start(user=self.caller, assessment=assessment)
        return Response(AttemptSerializer(attempt).data)

    @extend_schema(request=AutosaveSerializer, responses=AttemptSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Save some answers."""
        attempt = self.get_object()
        data = AutosaveSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        saved = services.attempt_autosave(user=self.caller, attempt=attempt, **data.validated_data)
        return Response(AttemptSerializer(saved).data)

    @extend_schema(request=None, responses=OwnSubmissionSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Hand in what is saved."""
        submission = services.attempt_submit(user=self.caller, attempt=self.get_object())
        return Response(OwnSubmissionSerializer(submission).data)


class SubmissionViewSet(mixins.ListModelMixin, ScopedViewSet):
    """One's own submissions, and those of the classes that one runs."""

    model = Submission
    serializer_class = SubmissionSerializer
    filterset_fields = {
        "assessment": ["exact"],
        "user": ["exact"],
        "assessment__classroom": ["exact"],
    }
    cursor_ordering = ("-submitted_at", "-pk")
    etag_actions = ("retrieve", "grade")

    def etag_rows(self, obj: Submission) -> Any:
        # A student's would tell that somebody grades, before the results are released.
        taught = self.caller.has_perm("assessments.change_submission", obj)
        return (obj, *obj.grades.all()) if taught else ()

    def get_queryset(self) -> Any:
        submissions = (
            super()
            .get_queryset()
            .select_related("user", "assessment__state", "assessment__classroom")
        )
        return submissions if self.action == "list" else submissions_with_grades(submissions)

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context["taught"] = taught_classroom_ids(self.caller)
        return context

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.attempts_expire(user=self.caller)
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=_EITHER)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._show(self.get_object())

    @extend_schema(request=GradingSerializer, responses=TaughtSubmissionSerializer)
    @action(detail=True, methods=["post"])
    def grade(self, request: Request, pk: str) -> Response:
        """Grade answers by hand and give feedback."""
        submission = self.get_object()
        data = GradingSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        services.submission_grade(
            actor=self.caller,
            submission=submission,
            grades=[
                services.GradeInput(**grade) for grade in data.validated_data.get("grades", ())
            ],
            feedback=data.validated_data.get("feedback"),
        )
        return self._show(self.get_object())

    def _show(self, submission: Submission) -> Response:
        context = self.get_serializer_context()
        teaches = submission.assessment.classroom_id in context["taught"]
        shown = TaughtSubmissionSerializer if teaches else OwnSubmissionSerializer
        return Response(shown(submission, context=context).data)
