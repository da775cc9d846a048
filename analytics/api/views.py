"""Events in; the activity log and the rollups out."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from analytics import services
from analytics.api.serializers import (
    ActivityPageSerializer,
    ActivityQuerySerializer,
    EngagementPageSerializer,
    EngagementQuerySerializer,
    EventBatchSerializer,
    EventEnvelopeSerializer,
    LearningProgressPageSerializer,
    LearningQuerySerializer,
    PageViewsPageSerializer,
    PageViewsQuerySerializer,
    VerdictsSerializer,
)
from analytics.selectors import activity, rollups
from analytics.stores.activity.base import Position
from config import limits
from config.api.pagination import cursor_key, next_link, rows_page
from config.api.serializers import Serializer


def _query(request: Request, form: type[Serializer]) -> dict[str, Any]:
    """The request's query parameters, checked."""
    data = form(data=request.query_params.dict())
    data.is_valid(raise_exception=True)
    return cast(dict[str, Any], data.validated_data)


def _page(
    request: Request,
    shown: type[Serializer],
    rows: Iterable[Any],
    key: Callable[[Any], str],
    query: dict[str, Any],
) -> Response:
    page, following = rows_page(
        request, rows, key=key, cursor=query.get("cursor"), page_size=query["page_size"]
    )
    return Response(shown({"next": following, "previous": None, "results": page}).data)


class EventsView(APIView):
    """Takes events of the signed-in person."""

    throttle_name = "events"

    @extend_schema(
        operation_id="events_create",
        request=EventBatchSerializer,
        responses={202: VerdictsSerializer},
    )
    def post(self, request: Request) -> Response:
        """Each event gets its own verdict; accepted ones are durable."""
        data = EventEnvelopeSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        verdicts = services.events_accept(
            actor=cast(User, request.user), events=data.validated_data["events"]
        )
        body = VerdictsSerializer({"verdicts": verdicts}).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


class ActivityView(APIView):
    """The activity log."""

    @extend_schema(
        operation_id="activity_list",
        parameters=[ActivityQuerySerializer],
        responses=ActivityPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """One's own entries; a teacher's also of their students, an admin's of everyone."""
        query = _query(request, ActivityQuerySerializer)
        after = query.pop("cursor", None)
        limit = query.pop("page_size")
        page = activity.activity_find(
            caller=cast(User, request.user),
            limit=limit,
            after=Position.parse(cursor_key(after)) if after else None,
            **query,
        )
        link = page.next and next_link(request, str(page.next))
        found = {"next": link, "previous": None, "results": page.entries}
        return Response(ActivityPageSerializer(found).data)


class PageViewsView(APIView):
    """Page views by hour, live."""

    @extend_schema(
        operation_id="analytics_page_views_list",
        parameters=[PageViewsQuerySerializer],
        responses=PageViewsPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """The day's views, the latest hour first; for teachers and admins."""
        query = _query(request, PageViewsQuerySerializer)
        rows = rollups.page_views_of(caller=cast(User, request.user), day=query["date"])
        return _page(
            request, PageViewsPageSerializer, rows, lambda row: f"{row.hour} {row.page}", query
        )


class EngagementView(APIView):
    """A person's engagement by day."""

    @extend_schema(
        operation_id="analytics_engagement_list",
        parameters=[EngagementQuerySerializer],
        responses=EngagementPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """The last days, newest first; the rollup of a day comes in the night after it."""
        query = _query(request, EngagementQuerySerializer)
        rows = rollups.engagement_history(
            caller=cast(User, request.user),
            user=query.get("user"),
            limit=limits.ENGAGEMENT_DAYS_MAX,
        )
        return _page(
            request, EngagementPageSerializer, rows, lambda row: row.date.isoformat(), query
        )


class LearningProgressView(APIView):
    """A person's learning progress by week."""

    @extend_schema(
        operation_id="analytics_learning_progress_list",
        parameters=[LearningQuerySerializer],
        responses=LearningProgressPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """The weeks in a subject, newest first."""
        query = _query(request, LearningQuerySerializer)
        rows = rollups.learning_progress_of(
            caller=cast(User, request.user), subject=query["subject"], user=query.get("user")
        )
        return _page(
            request,
            LearningProgressPageSerializer,
            rows,
            lambda row: row.week_start.isoformat(),
            query,
        )
