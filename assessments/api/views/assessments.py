"""Assessments and their questions."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from assessments import services
from assessments.api.serializers.assessments import (
    AssessmentCreateSerializer,
    AssessmentSerializer,
    AssessmentUpdateSerializer,
    QuestionCreateSerializer,
    QuestionSerializer,
    QuestionWriteSerializer,
    TaughtAssessmentSerializer,
)
from assessments.models import Assessment, Question
from config.api.serializers import Serializer

# Two forms of one answer: with the questions for those who run the class, without for others.
_EITHER = PolymorphicProxySerializer(
    component_name="AssessmentDetail",
    serializers=[TaughtAssessmentSerializer, AssessmentSerializer],
    resource_type_field_name=None,
)


class AssessmentViewSet(mixins.ListModelMixin, ScopedViewSet):
    """The assessments of the caller's classes; students meet questions in an attempt only."""

    model = Assessment
    serializer_class = AssessmentSerializer
    filterset_fields = ("classroom", "type", "is_proctored")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("state", "classroom")

    def etag_rows(self, obj: Assessment) -> Any:
        return (obj, obj.state)

    @extend_schema(responses=_EITHER)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._show(self.get_object())

    @extend_schema(request=AssessmentCreateSerializer, responses={201: TaughtAssessmentSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        values = self._validated(AssessmentCreateSerializer)
        questions = [services.QuestionInput(**item) for item in values.pop("questions", ())]
        values["description"] = values.get("description") or ""
        created = services.assessment_create(actor=self.caller, questions=questions, **values)
        return self._show(created, status.HTTP_201_CREATED)

    @extend_schema(request=AssessmentUpdateSerializer, responses=TaughtAssessmentSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        assessment = self.get_object()
        values = self._validated(AssessmentUpdateSerializer, partial=True)
        updated = services.assessment_update(actor=self.caller, assessment=assessment, **values)
        return self._show(updated)

    def destroy(self, request: Request, pk: str) -> Response:
        services.assessment_delete(actor=self.caller, assessment=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=TaughtAssessmentSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Let the class see and take it."""
        assessment = services.assessment_publish(actor=self.caller, assessment=self.get_object())
        return self._show(assessment)

    @extend_schema(request=None, responses=TaughtAssessmentSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Show students their scores, the correct answers and the feedback."""
        assessment = services.results_release(actor=self.caller, assessment=self.get_object())
        return self._show(assessment)

    def _validated(self, serializer: type[Serializer], *, partial: bool = False) -> dict[str, Any]:
        data = serializer(
            data=self.request.data, partial=partial, context=self.get_serializer_context()
        )
        data.is_valid(raise_exception=True)
        return dict(data.validated_data)

    def _show(self, assessment: Assessment, code: int = status.HTTP_200_OK) -> Response:
        teaches = self.caller.has_perm("assessments.view_question", assessment)
        shown = TaughtAssessmentSerializer if teaches else AssessmentSerializer
        return Response(shown(assessment).data, status=code)


class QuestionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Questions with their answer keys, for those who run the class; for others there are none."""

    model = Question
    serializer_class = QuestionSerializer
    filterset_fields = ("assessment", "question_type")
    cursor_ordering = ("order_index", "pk")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("guide", "assessment__classroom")

    def etag_rows(self, obj: Question) -> Any:
        return (obj, getattr(obj, "guide", None))

    @extend_schema(request=QuestionCreateSerializer, responses={201: QuestionSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        data = QuestionCreateSerializer(data=request.data, context=self.get_serializer_context())
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        created = services.question_create(
            actor=self.caller,
            assessment=values.pop("assessment"),
            question=services.QuestionInput(**values),
        )
        return Response(QuestionSerializer(created).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=QuestionWriteSerializer, responses=QuestionSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        question = self.get_object()
        data = QuestionWriteSerializer(data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        updated = services.question_update(
            actor=self.caller, question=question, **data.validated_data
        )
        return Response(QuestionSerializer(updated).data)

    def destroy(self, request: Request, pk: str) -> Response:
        services.question_delete(actor=self.caller, question=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
