"""The admin's home page: what is in a person's classes, what waits for them, who was active.

It puts the apps together, so it stands in `config` beside the URLs.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, User
from analytics.admin.charts import chart
from analytics.admin.page import Chart
from assessments.models import Assessment, Submission
from classrooms.models import Classroom, Member, MemberRole
from config import limits
from config.errors import StoreUnavailable
from config.stores import stores
from meetings.models import Meeting
from retrieval.models import Document, IngestState


@dataclass(frozen=True)
class Tile:
    """A number on the home page; `note` says what of it needs attention."""

    label: str
    value: int
    href: str
    icon: str
    note: str = ""


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The theme's hook: add what the home page shows to its context."""
    user = cast(User, request.user)
    classrooms = list(Classroom.objects.visible_to(user).filter(is_active=True).order_by("name"))
    return {
        **context,
        "title": "Home",
        "tiles": _tiles(user, classrooms),
        **_charts(classrooms),
        "upcoming": list(
            Meeting.objects.filter(classroom__in=classrooms, scheduled_at__gte=timezone.now())
            .select_related("classroom")
            .order_by("scheduled_at")[: limits.HOME_ROWS]
        ),
        "to_grade": list(
            _ungraded(classrooms)
            .select_related("assessment", "user")
            .order_by("submitted_at")[: limits.HOME_ROWS]
        ),
    }


def _tiles(user: User, classrooms: Sequence[Classroom]) -> list[Tile]:
    documents = Document.objects.filter(classroom__in=classrooms)
    states = Counter(documents.values_list("state", flat=True))
    busy = sum(states[state] for state in IngestState.busy())
    failed = states[IngestState.FAILED]
    notes = [f"{busy} in work"] if busy else []
    notes += [f"{failed} failed"] if failed else []
    found = [
        Tile("Classes", len(classrooms), _list("classrooms_classroom"), "school"),
        Tile("Students", len(_students(classrooms)), _list("classrooms_member"), "groups"),
        Tile(
            "Documents",
            sum(states.values()),
            _list("retrieval_document"),
            "description",
            ", ".join(notes),
        ),
        Tile(
            "Assessments",
            Assessment.objects.filter(classroom__in=classrooms).count(),
            _list("assessments_assessment"),
            "quiz",
        ),
        Tile(
            "Submissions to grade",
            _ungraded(classrooms).count(),
            _list("assessments_submission"),
            "grading",
        ),
    ]
    if user.role == Role.ADMIN:
        people = User.objects.filter(is_active=True).count()
        found.insert(0, Tile("People", people, _list("accounts_user"), "person"))
    return found


def _charts(classrooms: Sequence[Classroom]) -> dict[str, Any]:
    """The home page is there without its chart when the chart's store is down."""
    try:
        return {"charts": [_activity(classrooms)] if classrooms else []}
    except StoreUnavailable as down:
        return {"charts": [], "missing": f"No chart of activity now: {down}."}


def _activity(classrooms: Sequence[Classroom]) -> Chart:
    """How many of the classes' students were active on each of the last days (UTC)."""
    today = timezone.now().date()
    days = [today - timedelta(days=ago) for ago in range(limits.HOME_DAYS - 1, -1, -1)]
    active: Counter[date] = Counter()
    histories = stores["user_engagement"].histories(_students(classrooms), limit=limits.HOME_DAYS)
    for history in histories.values():
        active.update(row.date for row in history if row.total_events)
    return chart(
        f"Active students a day, the last {limits.HOME_DAYS} days",
        "bar",
        [f"{day:%d %b}" for day in days],
        [active[day] for day in days],
        label="active students",
    )


def _students(classrooms: Sequence[Classroom]) -> set[Any]:
    return set(
        Member.objects.filter(classroom__in=classrooms, role=MemberRole.STUDENT).values_list(
            "user_id", flat=True
        )
    )


def _ungraded(classrooms: Sequence[Classroom]) -> Any:
    return Submission.objects.filter(assessment__classroom__in=classrooms, graded_at__isnull=True)


def _list(name: str) -> str:
    return reverse(f"admin:{name}_changelist")
