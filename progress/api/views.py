"""Topics, the questions that test them, and progress."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.viewsets import ScopedViewSet
from accounts.models import User
from progress import selectors, services
from progress.api.serializers import (
    ExplanationSerializer,
    ProgressSerializer,
    QuestionTopicSerializer,
    TimeSpentSerializer,
    TopicSerializer,
)
from progress.models import Progress, QuestionTopic, Topic


class TopicViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """The school's topics."""

    model = Topic
    serializer_class = TopicSerializer
    filterset_fields = ("subject", "name")
    cursor_ordering = ("subject", "name", "pk")

    def get_queryset(self) -> Any:
        return super().get_queryset().prefetch_related("prerequisites")

    @idempotent
    def create(self, request: Request) -> Response:
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        topic = services.topic_create(actor=self.caller, **data.validated_data)
        return Response(self.get_serializer(topic).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str) -> Response:
        topic = self.get_object()
        data = self.get_serializer(topic, data=request.data, partial=True)
        data.is_valid(raise_exception=True)
        services.topic_update(actor=self.caller, topic=topic, **data.validated_data)
        return Response(self.get_serializer(self.get_object()).data)

    def destroy(self, request: Request, pk: str) -> Response:
        services.topic_delete(actor=self.caller, topic=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=TimeSpentSerializer, responses=ProgressSerializer)
    @action(detail=True, methods=["post"], url_path="time-spent")
    @idempotent
    def time_spent(self, request: Request, pk: str) -> Response:
        """Add to the caller's own time on the topic."""
        data = TimeSpentSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        row = services.time_spent_record(
            user=self.caller, topic=self.get_object(), **data.validated_data
        )
        return Response(_shown(self.caller, selectors.progress_seen_by(self.caller).get(pk=row.pk)))


class QuestionTopicViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Which questions of the caller's classes test which topics."""

    model = QuestionTopic
    serializer_class = QuestionTopicSerializer
    filterset_fields = ("question", "topic", "question__assessment")

    @idempotent
    def create(self, request: Request) -> Response:
        data = self.get_serializer(data=request.data)
        data.is_valid(raise_exception=True)
        link = services.question_topic_create(actor=self.caller, **data.validated_data)
        return Response(self.get_serializer(link).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str) -> Response:
        services.question_topic_delete(actor=self.caller, link=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shown(caller: User, row: Any) -> Any:
    return ProgressSerializer(selectors.progress_as_seen(caller=caller, rows=[row])[0]).data


class ProgressViewSet(mixins.ListModelMixin, ScopedViewSet):
    """One's own progress, by released results; a teacher's also that of their students."""

    model = Progress
    serializer_class = ProgressSerializer
    filterset_fields = ("user", "topic", "topic__subject")
    etag_actions = ()  # it moves before the results are released
    cursor_ordering = ("-seen_at", "-pk")

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return selectors.progress_seen_by(self.caller)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset) or []
        return selectors.progress_as_seen(caller=self.caller, rows=page)

    @extend_schema(responses=ProgressSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(_shown(self.caller, self.get_object()))

    @extend_schema(responses=ExplanationSerializer)
    @action(detail=True, methods=["get"])
    def explanation(self, request: Request, pk: str) -> Response:
        """Why the mastery level is what it is."""
        found = selectors.progress_explain(caller=self.caller, progress=self.get_object())
        return Response(ExplanationSerializer(found).data)
