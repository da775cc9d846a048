"""Every endpoint of the OpenAPI document, asked by everyone.

A new endpoint needs a row here: what each person is answered, and what is sent. The objects
are those of `tests.scene`: they belong to one class and to its student.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.tests.clients import api_as
from accounts.tests.factories import PASSWORD
from analytics.tests.factories import raw_event
from classrooms.tests.factories import MemberFactory
from tests.openapi import operations
from tests.scene import Scene, make_scene, picture_file, text_file, vtt_file

pytestmark = pytest.mark.django_db

Body = Callable[[Scene], dict[str, Any]]

# The columns: not signed in, a student of the class, a student of another class, the class's
# teacher, the teacher of another class, an admin.
PEOPLE = ("", "student", "outsider", "teacher", "other_teacher", "admin")


@dataclass(frozen=True)
class Row:
    """The statuses for PEOPLE; the object that `{id}` is; query and body of the request."""

    statuses: str
    target: str = ""
    body: Body | None = None
    query: str = ""
    format: str = "json"


EVERYONE = "401 200 200 200 200 200"
IN_CLASS = "401 200 404 200 404 200"
RUNNING = "401 403 404 200 404 200"
RUNNING_MADE = "401 403 400 201 400 201"  # the class is in the body: for others it is none
RUNNING_GONE = "401 403 404 204 404 204"
HIDDEN = "401 404 404 200 404 200"
OWN = "401 200 404 404 404 404"

ROWS: dict[str, Row] = {
    # accounts
    "GET auth/csrf": Row("204 204 204 204 204 204"),
    "POST auth/session": Row(
        "200 200 200 200 200 200",
        body=lambda s: {"email": s.newcomer.email, "password": PASSWORD},
    ),
    "DELETE auth/session": Row("204 204 204 204 204 204"),
    "GET me": Row(EVERYONE),
    "PATCH me": Row(EVERYONE, body=lambda s: {"name": "Changed"}),
    "GET me/preferences": Row(EVERYONE),
    "PATCH me/preferences": Row(EVERYONE, body=lambda s: {"theme": "dark"}),
    "GET users": Row(EVERYONE),
    "GET users/{id}": Row(IN_CLASS, "student"),
    # classrooms
    "GET classrooms": Row(EVERYONE),
    "POST classrooms": Row("401 403 403 201 201 201", body=lambda s: {"name": "New"}),
    "GET classrooms/{id}": Row(IN_CLASS, "classroom"),
    "PATCH classrooms/{id}": Row(RUNNING, "classroom", lambda s: {"name": "Changed"}),
    "POST classrooms/{id}/join-code": Row(RUNNING, "classroom"),
    "POST classrooms/join": Row(
        "401 200 200 409 200 200", body=lambda s: {"join_code": s.classroom.join_code}
    ),
    "GET members": Row(EVERYONE),
    "POST members": Row(
        RUNNING_MADE,
        body=lambda s: {"classroom": str(s.classroom.pk), "email": s.newcomer.email},
    ),
    "GET members/{id}": Row(IN_CLASS, "membership"),
    "DELETE members/{id}": Row("401 204 404 204 404 204", "membership"),
    # meetings
    "GET meetings": Row(EVERYONE),
    "POST meetings": Row(
        RUNNING_MADE,
        body=lambda s: {
            "classroom": str(s.classroom.pk),
            "title": "Lesson",
            "scheduled_at": "2027-01-11T09:00:00Z",
        },
    ),
    "GET meetings/{id}": Row(IN_CLASS, "meeting"),
    "PATCH meetings/{id}": Row(RUNNING, "meeting", lambda s: {"title": "Changed"}),
    "DELETE meetings/{id}": Row(RUNNING_GONE, "meeting"),
    "POST meetings/{id}/start": Row(RUNNING, "meeting"),
    "POST meetings/{id}/cancel": Row(RUNNING, "meeting"),
    "POST meetings/{id}/end": Row(RUNNING, "live"),
    "GET meetings/{id}/transcript": Row(IN_CLASS, "transcript"),
    "PUT meetings/{id}/transcript": Row(
        RUNNING, "transcript", lambda s: {"file": vtt_file()}, format="multipart"
    ),
    "DELETE meetings/{id}/transcript": Row(RUNNING_GONE, "transcript"),
    "GET recordings": Row(EVERYONE),
    "POST recordings": Row(
        RUNNING_MADE,
        body=lambda s: {
            "meeting": str(s.ids["meeting"]),
            "url": "https://video.school.test/lesson.mp4",
        },
    ),
    "GET recordings/{id}": Row(IN_CLASS, "recording"),
    "DELETE recordings/{id}": Row(RUNNING_GONE, "recording"),
    "GET transcripts/search": Row(EVERYONE, query="q=sugar"),
    # assessments
    "GET assessments": Row(EVERYONE),
    "POST assessments": Row(
        "401 400 400 201 400 201",
        body=lambda s: {"classroom": str(s.classroom.pk), "title": "New", "type": "quiz"},
    ),
    "GET assessments/{id}": Row(IN_CLASS, "assessment"),
    "PATCH assessments/{id}": Row(RUNNING, "assessment", lambda s: {"title": "Changed"}),
    "DELETE assessments/{id}": Row("401 404 404 204 404 204", "draft"),
    "POST assessments/{id}/publish": Row(HIDDEN, "draft"),
    "POST assessments/{id}/release": Row(RUNNING, "done"),
    "GET questions": Row(EVERYONE),
    "POST questions": Row(
        "401 400 400 201 400 201",
        body=lambda s: {
            "assessment": str(s.ids["draft"]),
            "question_text": "Zero is even.",
            "question_type": "true_false",
            "points": 1,
            "correct_answer": "true",
        },
    ),
    "GET questions/{id}": Row(HIDDEN, "question"),
    "PATCH questions/{id}": Row(HIDDEN, "question", lambda s: {"points": 3}),
    "DELETE questions/{id}": Row("401 404 404 204 404 204", "question"),
    "GET attempts": Row(EVERYONE),
    "POST attempts": Row(
        "401 200 404 403 404 403", body=lambda s: {"assessment": str(s.ids["assessment"])}
    ),
    "GET attempts/{id}": Row(IN_CLASS, "attempt"),
    "PATCH attempts/{id}": Row(
        "401 200 404 403 404 403", "attempt", lambda s: {"revision": 0, "answers": {}}
    ),
    "POST attempts/{id}/submit": Row("401 200 404 403 404 403", "attempt"),
    "GET submissions": Row(EVERYONE),
    "GET submissions/{id}": Row(IN_CLASS, "submission"),
    "POST submissions/{id}/grade": Row(RUNNING, "submission", lambda s: {"feedback": "Good."}),
    "GET proctoring/sessions/{id}": Row(HIDDEN, "session"),
    "POST proctoring/sessions/{id}/violations": Row(
        OWN, "session", lambda s: {"type": "gaze_deviation"}
    ),
    "POST proctoring/sessions/{id}/snapshots": Row(
        "401 201 404 404 404 404",
        "session",
        lambda s: {"image": picture_file()},
        format="multipart",
    ),
    "GET proctoring/reports": Row(EVERYONE),
    "GET proctoring/reports/{session_id}": Row(HIDDEN, "session"),
    # retrieval
    "GET documents": Row(EVERYONE),
    "POST documents": Row(
        "401 403 400 202 400 202",
        body=lambda s: {"classroom": str(s.classroom.pk), "file": text_file()},
        format="multipart",
    ),
    "GET documents/{id}": Row(IN_CLASS, "document"),
    "DELETE documents/{id}": Row(RUNNING_GONE, "document"),
    "GET documents/{id}/passages": Row(IN_CLASS, "document"),
    "POST documents/{id}/retry": Row("401 403 404 202 404 202", "document"),
    "GET search": Row(EVERYONE, query="q=sugar"),
    "GET search/web": Row(EVERYONE, query="q=sugar"),
    "GET chat/sessions": Row(EVERYONE),
    "POST chat/sessions": Row(
        "401 201 400 201 400 403", body=lambda s: {"classroom": str(s.classroom.pk)}
    ),
    "GET chat/sessions/{id}": Row(OWN, "chat"),
    "GET chat/sessions/{id}/messages": Row(OWN, "chat"),
    "POST chat/sessions/{id}/messages": Row(OWN, "chat", lambda s: {"question": "What is sugar?"}),
    # progress
    "GET topics": Row(EVERYONE),
    "POST topics": Row(
        "401 403 403 201 201 201", body=lambda s: {"subject": "Mathematics", "name": "New"}
    ),
    "GET topics/{id}": Row(EVERYONE, "topic"),
    "PATCH topics/{id}": Row("401 403 403 200 403 200", "topic", lambda s: {"name": "Changed"}),
    "DELETE topics/{id}": Row("401 403 403 403 403 204", "unused_topic"),
    "POST topics/{id}/time-spent": Row(EVERYONE, "topic", lambda s: {"minutes": 5}),
    "GET question-topics": Row(EVERYONE),
    "POST question-topics": Row(
        "401 400 400 201 400 201",
        body=lambda s: {"question": str(s.ids["question"]), "topic": str(s.ids["topic"])},
    ),
    "GET question-topics/{id}": Row(HIDDEN, "link"),
    "DELETE question-topics/{id}": Row("401 404 404 204 404 204", "link"),
    "GET progress": Row(EVERYONE),
    "GET progress/{id}": Row(IN_CLASS, "progress"),
    "GET progress/{id}/explanation": Row(IN_CLASS, "progress"),
    # analytics
    "POST events": Row("401 202 202 202 202 202", body=lambda s: {"events": [_page_view()]}),
    "GET activity": Row(EVERYONE),
    "GET analytics/page-views": Row("401 403 403 200 200 200", query="date=2026-03-04"),
    "GET analytics/engagement": Row(EVERYONE),
    "GET analytics/learning-progress": Row(EVERYONE, query="subject=Mathematics"),
}


def _page_view() -> dict[str, Any]:
    return raw_event(timezone.now())


def test_every_endpoint_has_a_row() -> None:
    found = {f"{method} {path.removeprefix('/api/v1/')}" for method, path, _ in operations()}
    assert found - set(ROWS) == set(), "these endpoints need a row"
    assert set(ROWS) - found == set(), "these rows have no endpoint"


@pytest.mark.parametrize("key", ROWS)
def test_who_may(key: str) -> None:
    row, scene = ROWS[key], make_scene()
    people = [scene.school.person(name) if name else None for name in PEOPLE]
    answers = [_ask(key, row, scene, person) for person in people]
    assert dict(zip(PEOPLE, answers, strict=True)) == dict(
        zip(PEOPLE, map(int, row.statuses.split()), strict=True)
    )


PERSONAL = ("attempt", "submission", "session", "chat", "progress")


@pytest.mark.parametrize("key", [key for key, row in ROWS.items() if row.target in PERSONAL])
def test_a_classmate_may_not(key: str) -> None:
    """What belongs to a student is nothing to the others of the class."""
    scene = make_scene()
    MemberFactory(classroom=scene.classroom, user=scene.newcomer)
    assert _ask(key, ROWS[key], scene, scene.newcomer) == 404


def _ask(key: str, row: Row, scene: Scene, person: User | None) -> int:
    """Ask as this person, and take back what it did."""
    method, path = key.split()
    if "{" in path:
        path = f"{path[: path.index('{')]}{scene.ids[row.target]}{path[path.index('}') + 1 :]}"
    with transaction.atomic():
        response = getattr(api_as(person), method.lower())(
            f"/api/v1/{path}?{row.query}",
            **({"data": row.body(scene), "format": row.format} if row.body else {}),
        )
        transaction.set_rollback(True)
    return response.status_code
