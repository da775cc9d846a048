"""Who may do what by the API: one row for every operation of the OpenAPI document.

A new endpoint needs a row here: what each person is answered, and what is sent. The objects
are those of `tests.scene`: they belong to one class and to its student.
"""

from typing import Any, cast
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django_redis import get_redis_connection

from accounts.models import User
from accounts.tests.clients import api_as
from analytics.tests.factories import raw_event
from retrieval.services.chat.messages import CitationRef, StoredMessage, remember
from tests.matrix_auth import AUTH_ROWS
from tests.matrix_row import Row
from tests.scene import Scene, picture_file, roster_file, text_file, vtt_file, zip_file

# The columns: not signed in, a student of the class, a student of another class, the class's
# teacher, its co-teacher, its assistant, the teacher of another class, an admin.
PEOPLE = (
    "",
    "student",
    "outsider",
    "teacher",
    "co_teacher",
    "assistant",
    "other_teacher",
    "admin",
)
API = "/api/v1/"


EVERYONE = "401 200 200 200 200 200 200 200"
IN_CLASS = "401 200 404 200 200 200 404 200"
TEACHING = "401 403 404 200 200 200 404 200"
OWNING = "401 403 404 200 200 403 404 200"
TEACHING_GONE = "401 403 404 204 204 204 404 204"
HIDDEN = "401 404 404 200 200 200 404 200"
HIDDEN_OWNING = "401 404 404 200 200 403 404 200"
HIDDEN_GONE = "401 404 404 204 204 403 404 204"
OWN = "401 200 404 404 404 404 404 404"
# Students don't see what it is made in: for them it is none either.
OWNING_MADE = "401 400 400 201 201 403 400 201"
# The class is in the body: for others it is none.
TEACHING_MADE = "401 403 400 201 201 201 400 201"

ROWS: dict[str, Row] = {
    # accounts
    "GET auth/csrf": Row("200 200 200 200 200 200 200 200"),
    "GET me": Row(EVERYONE),
    "PATCH me": Row(EVERYONE, body=lambda s: {"name": "Changed"}),
    "GET me/preferences": Row(EVERYONE),
    "PATCH me/preferences": Row(EVERYONE, body=lambda s: {"theme": "dark"}),
    "GET me/sessions": Row(EVERYONE),
    "DELETE me/sessions": Row("401 204 204 204 204 204 204 204"),
    # One of somebody else; ending one's own is in accounts/tests/test_live_sessions.py.
    "DELETE me/sessions/{handle}": Row("401 404 404 404 404 404 404 404", "nothing"),
    "GET users": Row(EVERYONE),
    "GET users/{id}": Row(IN_CLASS, "student"),
    "GET invitations": Row(EVERYONE),
    "POST invitations": Row(
        "401 403 403 403 403 403 403 201",
        body=lambda s: {"email": "new.teacher@school.test", "role": "teacher"},
    ),
    "GET invitations/{id}": Row("401 404 404 404 404 404 404 200", "invitation"),
    "DELETE invitations/{id}": Row("401 404 404 404 404 404 404 204", "invitation"),
    "POST invitations/{id}/resend": Row("401 404 404 404 404 404 404 200", "invitation"),
    "POST invitations/accept": Row(
        "401 400 400 400 400 400 400 400", body=lambda s: {"token": "of-nobody"}
    ),
    # classrooms
    "GET classrooms": Row(EVERYONE),
    "POST classrooms": Row("401 403 403 201 201 403 201 201", body=lambda s: {"name": "New"}),
    "GET classrooms/{id}": Row(IN_CLASS, "classroom"),
    "PATCH classrooms/{id}": Row(OWNING, "classroom", lambda s: {"name": "Changed"}),
    "POST classrooms/{id}/join-code": Row(OWNING, "classroom"),
    "POST classrooms/join": Row(
        "401 200 200 409 200 200 200 200", body=lambda s: {"join_code": s.classroom.join_code}
    ),
    "GET classrooms/{id}/join-rules": Row(OWNING, "classroom"),
    "PATCH classrooms/{id}/join-rules": Row(OWNING, "classroom", lambda s: {"enabled": False}),
    "GET classrooms/{id}/roster": Row(OWNING, "classroom"),
    "GET join-requests": Row(EVERYONE),
    "GET join-requests/{id}": Row(HIDDEN, "join_request"),
    "POST join-requests/{id}/approve": Row(HIDDEN_OWNING, "join_request"),
    "DELETE join-requests/{id}": Row(HIDDEN_GONE, "join_request"),
    "GET roster-imports": Row(EVERYONE),
    "POST roster-imports": Row(
        "401 403 400 202 202 403 400 202",
        body=lambda s: {"classroom": str(s.classroom.pk), "file": roster_file()},
        format="multipart",
    ),
    # Addresses are for those who may add people: to an assistant there is no import.
    "GET roster-imports/{id}": Row("401 404 404 200 200 404 404 200", "roster_import"),
    "POST roster-imports/{id}/confirm": Row("401 404 404 202 202 404 404 202", "roster_import"),
    "DELETE roster-imports/{id}": Row("401 404 404 204 204 404 404 204", "roster_import"),
    "GET members": Row(EVERYONE),
    "POST members": Row(
        "401 403 400 201 201 403 400 201",
        body=lambda s: {"classroom": str(s.classroom.pk), "email": s.newcomer.email},
    ),
    "GET members/{id}": Row(IN_CLASS, "membership"),
    "PATCH members/{id}": Row(OWNING, "membership", lambda s: {"role": "assistant"}),
    "DELETE members/{id}": Row("401 204 404 204 204 403 404 204", "membership"),
    # meetings
    "GET meetings": Row(EVERYONE),
    "POST meetings": Row(
        TEACHING_MADE,
        body=lambda s: {
            "classroom": str(s.classroom.pk),
            "title": "Lesson",
            "scheduled_at": "2027-01-11T09:00:00Z",
        },
    ),
    "GET meetings/{id}": Row(IN_CLASS, "meeting"),
    "PATCH meetings/{id}": Row(TEACHING, "meeting", lambda s: {"title": "Changed"}),
    "DELETE meetings/{id}": Row(TEACHING_GONE, "meeting"),
    "POST meetings/{id}/start": Row(TEACHING, "meeting"),
    "POST meetings/{id}/cancel": Row(TEACHING, "meeting"),
    "POST meetings/{id}/end": Row(TEACHING, "live"),
    "GET meetings/{id}/transcript": Row(IN_CLASS, "transcript"),
    "PUT meetings/{id}/transcript": Row(
        TEACHING, "transcript", lambda s: {"file": vtt_file()}, format="multipart"
    ),
    "DELETE meetings/{id}/transcript": Row(TEACHING_GONE, "transcript"),
    "GET recordings": Row(EVERYONE),
    "POST recordings": Row(
        TEACHING_MADE,
        body=lambda s: {
            "meeting": str(s.ids["meeting"]),
            "url": "https://video.school.test/lesson.mp4",
        },
    ),
    "GET recordings/{id}": Row(IN_CLASS, "recording"),
    "DELETE recordings/{id}": Row(TEACHING_GONE, "recording"),
    "GET transcripts/search": Row(EVERYONE, query="q=sugar"),
    # assessments
    "GET assessments": Row(EVERYONE),
    "POST assessments": Row(
        OWNING_MADE,
        body=lambda s: {"classroom": str(s.classroom.pk), "title": "New", "type": "quiz"},
    ),
    "GET assessments/{id}": Row(IN_CLASS, "assessment"),
    "PATCH assessments/{id}": Row(OWNING, "assessment", lambda s: {"title": "Changed"}),
    "DELETE assessments/{id}": Row(HIDDEN_GONE, "draft"),
    "POST assessments/{id}/publish": Row(HIDDEN_OWNING, "draft"),
    "POST assessments/{id}/release": Row(OWNING, "done"),
    "GET questions": Row(EVERYONE),
    "POST questions": Row(
        OWNING_MADE,
        body=lambda s: {
            "assessment": str(s.ids["draft"]),
            "question_text": "Zero is even.",
            "question_type": "true_false",
            "points": 1,
            "correct_answer": "true",
        },
    ),
    "GET questions/{id}": Row(HIDDEN, "question"),
    "PATCH questions/{id}": Row(HIDDEN_OWNING, "question", lambda s: {"points": 3}),
    "DELETE questions/{id}": Row(HIDDEN_GONE, "question"),
    "GET attempts": Row(EVERYONE),
    "POST attempts": Row(
        "401 200 404 403 403 403 404 403", body=lambda s: {"assessment": str(s.ids["assessment"])}
    ),
    "GET attempts/{id}": Row(IN_CLASS, "attempt"),
    "PATCH attempts/{id}": Row(
        "401 200 404 403 403 403 404 403", "attempt", lambda s: {"revision": 0, "answers": {}}
    ),
    "POST attempts/{id}/submit": Row("401 200 404 403 403 403 404 403", "attempt"),
    "GET submissions": Row(EVERYONE),
    "GET submissions/{id}": Row(IN_CLASS, "submission"),
    "POST submissions/{id}/grade": Row(TEACHING, "submission", lambda s: {"feedback": "Good."}),
    "GET proctoring/sessions/{id}": Row(HIDDEN, "session"),
    "POST proctoring/sessions/{id}/violations": Row(
        OWN, "session", lambda s: {"type": "gaze_deviation"}
    ),
    "POST proctoring/sessions/{id}/snapshots": Row(
        "401 201 404 404 404 404 404 404",
        "session",
        lambda s: {"image": picture_file()},
        format="multipart",
    ),
    "GET proctoring/reports": Row(EVERYONE),
    "GET proctoring/reports/{session_id}": Row(HIDDEN, "session"),
    # retrieval
    "GET documents": Row(EVERYONE),
    "POST documents": Row(
        "401 403 400 202 202 202 400 202",
        body=lambda s: {"classroom": str(s.classroom.pk), "file": text_file()},
        format="multipart",
    ),
    "POST documents/archive": Row(
        "401 403 400 202 202 202 400 202",
        body=lambda s: {"classroom": str(s.classroom.pk), "file": zip_file()},
        format="multipart",
    ),
    "GET documents/{id}": Row(IN_CLASS, "document"),
    "DELETE documents/{id}": Row(TEACHING_GONE, "document"),
    "GET documents/{id}/passages": Row(IN_CLASS, "document"),
    "POST documents/{id}/cancel": Row(TEACHING, "queued_document"),
    "POST documents/{id}/retry": Row("401 403 404 202 202 202 404 202", "document"),
    "GET search": Row(EVERYONE, query="q=sugar"),
    "GET search/web": Row(EVERYONE, query="q=sugar"),
    "GET web-pages": Row(EVERYONE),
    "POST web-pages": Row(
        "401 403 403 202 202 403 202 202",
        body=lambda s: {"urls": ["https://example.org/new"], "topic": "Sugar"},
    ),
    # They belong to the school: to those who teach in it, wherever.
    "GET web-pages/{id}": Row("401 404 404 200 200 404 200 200", "web_page"),
    "DELETE web-pages/{id}": Row("401 404 404 204 403 404 403 204", "web_page"),
    "POST web-pages/{id}/refresh": Row("401 404 404 202 202 404 202 202", "web_page"),
    "POST web-pages/{id}/retry": Row("401 404 404 202 202 404 202 202", "web_page"),
    "POST web-pages/{id}/cancel": Row("401 404 404 200 200 404 200 200", "waiting_web_page"),
    "GET chat/sessions": Row(EVERYONE),
    "POST chat/sessions": Row(
        "401 201 400 201 201 201 400 403", body=lambda s: {"classroom": str(s.classroom.pk)}
    ),
    "GET chat/sessions/{id}": Row(OWN, "chat"),
    "GET chat/sessions/{id}/messages": Row(OWN, "chat"),
    "DELETE chat/sessions/{id}": Row("401 204 404 404 404 404 404 404", "chat"),
    "POST chat/sessions/{id}/messages": Row(OWN, "chat", lambda s: {"question": "What is sugar?"}),
    "POST chat/sessions/{id}/messages/stream": Row(
        OWN, "chat", lambda s: {"question": "What is sugar?"}
    ),
    # The message has the id of its conversation.
    "PUT chat/sessions/{id}/messages/{message_id}/feedback": Row(
        OWN, "chat", lambda s: answered(s, {"helpful": True})
    ),
    "POST chat/sessions/{id}/messages/{message_id}/clicks": Row(
        "401 204 404 404 404 404 404 404", "chat", lambda s: answered(s, {"number": 1})
    ),
    # progress
    "GET topics": Row(EVERYONE),
    "POST topics": Row(
        "401 403 403 201 201 403 201 201", body=lambda s: {"subject": "Mathematics", "name": "New"}
    ),
    "GET topics/{id}": Row(EVERYONE, "topic"),
    "PATCH topics/{id}": Row(
        "401 403 403 200 403 403 403 200", "topic", lambda s: {"name": "Changed"}
    ),
    "DELETE topics/{id}": Row("401 403 403 403 403 403 403 204", "unused_topic"),
    "POST topics/{id}/time-spent": Row(EVERYONE, "topic", lambda s: {"minutes": 5}),
    "GET question-topics": Row(EVERYONE),
    "POST question-topics": Row(
        OWNING_MADE,
        body=lambda s: {"question": str(s.ids["question"]), "topic": str(s.ids["topic"])},
    ),
    "GET question-topics/{id}": Row(HIDDEN, "link"),
    "DELETE question-topics/{id}": Row(HIDDEN_GONE, "link"),
    "GET progress": Row(EVERYONE),
    "GET progress/{id}": Row(IN_CLASS, "progress"),
    "GET progress/{id}/explanation": Row(IN_CLASS, "progress"),
    # analytics
    "POST events": Row(
        "401 202 202 202 202 202 202 202", body=lambda s: {"events": [_page_view()]}
    ),
    "GET activity": Row(EVERYONE),
    "GET analytics/page-views": Row("401 403 403 200 200 403 200 200", query="date=2026-03-04"),
    "GET analytics/engagement": Row(EVERYONE),
    "GET analytics/learning-progress": Row(EVERYONE, query="subject=Mathematics"),
    **AUTH_ROWS,
}


def _page_view() -> dict[str, Any]:
    return raw_event(timezone.now())


def answered(scene: Scene, body: dict[str, Any]) -> dict[str, Any]:
    """The body, once the student's conversation has an answer that cites the document."""
    cited = CitationRef(1, str(uuid4()), str(scene.ids["document"]), "", 0, 0.9)
    now = timezone.now().isoformat()
    messages = (
        StoredMessage(str(uuid4()), "user", "What is sugar?", now),
        StoredMessage(
            str(scene.ids["chat"]), "assistant", "Sweet. [1]", now, answered=True, citations=[cited]
        ),
    )
    remember(cast("UUID", scene.ids["chat"]), messages)
    return body


def key_of(method: str, path: str) -> str:
    """The name of an operation's row."""
    return f"{method} {path.removeprefix(API)}"


def ask(key: str, scene: Scene, person: User | None) -> int:
    """Ask as this person, and take back what it did; returns the status."""
    row = ROWS[key]
    method, path = key.split()
    while "{" in path:
        path = f"{path[: path.index('{')]}{scene.ids[row.target]}{path[path.index('}') + 1 :]}"
    url = path if path.startswith("/") else f"{API}{path}"
    redis = get_redis_connection("default")
    for counter in [*redis.keys("ratelimit:*"), *redis.keys("cache:*")]:
        redis.delete(counter)  # nobody is limited by who came before
    with transaction.atomic():
        response = getattr(api_as(person), method.lower())(
            f"{url}?{row.query}",
            **({"data": row.body(scene), "format": row.format} if row.body else {}),
        )
        transaction.set_rollback(True)
    return int(response.status_code)
