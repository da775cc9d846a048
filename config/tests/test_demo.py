"""The demo school: its plan, its simulated people, and the whole of it made once."""

import stat
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Role, User
from accounts.tests.factories import UserFactory
from assessments.models import Assessment, Attempt, ProctorSession, QuestionType, Submission
from classrooms.models import Classroom
from config.demo.classes import CLASSES
from config.demo.clock import clock_at
from config.demo.dialogue import dialogue_read, dialogue_vtt
from config.demo.logins import FILENAME
from config.demo.make import demo_make
from config.demo.make_material import parts_of
from config.demo.people import DEMO_STUDENT, STUDENTS, TEACHERS, students_of
from config.demo.plan import MATERIAL
from config.demo.school import School
from config.demo.simulation import Course, Learner, day_events
from config.demo.sittings import due_at, published_at, sittings_of
from config.demo.students import answer_of, character_of
from config.errors import Conflict
from config.stores import stores
from meetings.models import Meeting, Recording
from meetings.stores.base import transcript_store
from meetings.vtt import vtt_parse
from progress.models import Progress, Topic
from retrieval.models import Document
from retrieval.services import search_documents
from retrieval.stores.base import document_vectors

COURSE = Course("/classes/1", "Biology", ("a.pdf",), ("Meeting",), ("Cells",))


def test_every_kind_of_question_is_asked_and_tests_a_topic_of_its_class() -> None:
    kinds = set()
    for plan in CLASSES:
        topics = {topic.name for topic in plan.topics}
        for assessment in plan.assessments:
            kinds |= {question.type for question in assessment.questions}
            assert {question.topic for question in assessment.questions} <= topics
    assert kinds == set(QuestionType.values)


def test_documents_have_their_text_and_dialogues_are_spoken_by_people_of_the_class() -> None:
    names = {teacher.handle: teacher.name for teacher in TEACHERS}
    for plan in CLASSES:
        for filename in plan.documents:
            assert (MATERIAL / plan.folder / filename).stat().st_size > 2000
            assert (MATERIAL / plan.folder / filename).with_suffix(".md").exists()
        present = {names[plan.teacher], *(person.name for person in students_of(plan.folder))}
        for meeting in plan.meetings:
            assert bool(meeting.dialogue) is (meeting.day < 0)
            if meeting.dialogue:
                lines = dialogue_read(meeting.dialogue)
                assert {speaker for speaker, _ in lines} <= present
                parsed = vtt_parse(dialogue_vtt(lines))
                assert [s.text for s in parsed.segments] == [words for _, words in lines]


def test_the_sources_of_pdf_and_docx_are_read_as_blocks() -> None:
    source = "# Title\n\nSome `code`.\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    parts = list(parts_of(source))
    assert [part.kind for part in parts] == ["heading", "paragraph", "code", "table"]
    assert parts[1].text == "Some `code`."
    assert parts[3].rows == (("a", "b"), ("1", "2"))


def test_a_day_is_the_same_whenever_it_is_simulated() -> None:
    email = STUDENTS[0].email
    learner = Learner(UUID(int=1), email, character_of(email), (COURSE,))
    days = [date(2026, 3, 2) + timedelta(days=number) for number in range(28)]
    first = [day_events(learner, day) for day in days]
    assert first == [day_events(learner, day) for day in days]
    events = [event for day in first for event in day]
    assert len({event.event_id for event in events}) == len(events) > 50
    for day, found in zip(days, first, strict=True):
        assert all(event.event_time.astimezone(UTC).date() == day for event in found)


def test_attempts_lie_between_publication_and_today_and_leave_one_for_the_demo_student() -> None:
    for hour in (0, 23):
        now = datetime(2026, 3, 2, hour, 5, tzinfo=UTC)
        school = School(today=now.date(), now=now)
        for plan in CLASSES:
            for assessment in plan.assessments:
                found = sittings_of(school, plan, assessment)
                assert len(found) > 3
                for sitting in found:
                    assert published_at(school, assessment) < sitting.started_at
                    assert sitting.started_at < sitting.submitted_at
                    assert sitting.submitted_at < min(now, due_at(school, assessment))
                if assessment.due > 0:
                    assert DEMO_STUDENT.handle not in {sitting.handle for sitting in found}


def test_the_able_answer_better() -> None:
    question = CLASSES[0].assessments[0].questions[0]
    by_ability = sorted(STUDENTS, key=lambda person: character_of(person.email).ability)
    right = [
        answer_of(question, person.email) == {"true": True, "false": False}[question.answer]
        for person in by_ability
    ]
    assert sum(right[15:]) > sum(right[:15])


def test_the_clock_goes_on_after_an_error() -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(ZeroDivisionError), clock_at(past):
        assert timezone.now() == past
        raise ZeroDivisionError
    assert timezone.now().year > 2020


@pytest.mark.django_db
def test_a_database_in_use_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    UserFactory()
    with pytest.raises(Conflict, match="--force"):
        call_command("make_demo_school")
    out = StringIO()
    call_command("make_demo_school", "--if-empty", stdout=out)
    assert "no demo school was made" in out.getvalue()
    assert User.objects.count() == 1
    assert not (tmp_path / FILENAME).exists()


class Interrupted(Exception):
    """Stands for Ctrl-C in the middle of the work."""


@pytest.mark.django_db(transaction=True)
def test_the_school_is_made_once(settings: Settings, tmp_path: Path) -> None:
    """One long test: making the school takes longer than all that is asked of it."""
    settings.VAR_DIR = tmp_path
    # Thirty-three Argon2 hashes would be a third of the time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logins = tmp_path / FILENAME
    try:
        _interrupt(logins)
        assert not logins.exists()
        call_command("make_demo_school", stdout=StringIO())
        _check_logins(logins)
        _check_classes()
        _check_assessments()
        _check_search()
        _check_analytics()
        _check_again(logins)
    finally:
        document_vectors().delete(list(Document.objects.values_list("pk", flat=True)))


def _interrupt(logins: Path) -> None:
    def say(step: str, line: str) -> None:
        if "genetics" in line and step == "assessments":
            raise Interrupted

    with pytest.raises(Interrupted):
        demo_make(now=timezone.now(), logins=logins, say=say)


def _check_logins(logins: Path) -> None:
    assert stat.S_IMODE(logins.stat().st_mode) == 0o600
    roles = []
    for line in logins.read_text().splitlines()[1:]:
        role, email, password = line.split()
        assert User.objects.get(email=email, role=role).check_password(password)
        roles.append(role)
    assert roles == ["admin", "teacher", "student"]


def _check_classes() -> None:
    counts = {role: User.objects.filter(role=role).count() for role in Role.values}
    assert counts == {"admin": 1, "teacher": 2, "student": 30}
    assert Classroom.objects.count() == 3
    assert {doc.filename.rpartition(".")[2] for doc in Document.objects.all()} == {
        "pdf",
        "docx",
        "md",
    }
    assert Document.objects.filter(state="ready").count() == 9
    assert 100 <= document_vectors().count() <= 250
    past = Meeting.objects.filter(status="ended")
    assert past.count() == Recording.objects.count() == 6
    assert Meeting.objects.filter(scheduled_at__gt=timezone.now()).count() == 3
    for meeting in past:
        transcript = transcript_store().get(meeting.pk)
        assert transcript is not None
        assert all(segment.speaker_id for segment in transcript.segments)
    assert Topic.objects.filter(prerequisites__isnull=False).exists()


def _check_assessments() -> None:
    assert Assessment.objects.count() == sum(len(plan.assessments) for plan in CLASSES)
    released = Assessment.objects.filter(state__results_released_at__isnull=False)
    assert 0 < released.count() < Assessment.objects.count()
    assert Submission.objects.filter(graded_at__isnull=True).exists()
    assert Submission.objects.filter(graded_by__isnull=False, feedback__gt="").exists()
    student = User.objects.get(email=DEMO_STUDENT.email)
    open_now = Assessment.objects.visible_to(student).filter(due_date__gt=timezone.now())
    assert open_now.exists()
    assert not Attempt.objects.filter(assessment__in=open_now, user=student).exists()
    levels = {
        report.risk_level
        for session in ProctorSession.objects.all()
        if (report := stores["proctoring_reports"].get(session.pk))
    }
    assert levels == {"low", "medium", "high"}
    assert Progress.objects.filter(user=student, mastery_level__gt=0).exists()


def _check_search() -> None:
    student = User.objects.get(email=DEMO_STUDENT.email)
    for query, filename in (
        ("which enzyme binds carbon dioxide", "photosynthesis.pdf"),
        ("why is a list a bad default value for a parameter", "functions-and-tests.docx"),
        ("what should I ask about the author of a source", "reading-sources.md"),
    ):
        assert search_documents(user=student, query=query).hits[0].passage.filename == filename


def _check_analytics() -> None:
    student = User.objects.get(email=DEMO_STUDENT.email)
    history = stores["user_engagement"].history(student.pk)
    today = timezone.now().astimezone(UTC).date()
    assert history[-1].date < today - timedelta(days=20)
    assert history[0].date >= today - timedelta(days=7)
    assert any(row.engagement_score > 20 for row in history)
    progress = [
        row
        for plan in CLASSES
        for row in stores["learning_progress"].in_subject(student.pk, plan.subject)
    ]
    assert len({row.week_start for row in progress}) >= 4
    assert any(row.average_score is not None for row in progress)
    for days in (2, 10, 25):
        assert stores["page_view_stats"].of_date(today - timedelta(days=days))


def _check_again(logins: Path) -> None:
    """Said again it does nothing; without the file of logins it gives new passwords only."""
    before = _census()
    content = logins.read_text()
    out = StringIO()
    call_command("make_demo_school", stdout=out)
    assert out.getvalue().count("\n") == 1
    assert logins.read_text() == content
    logins.unlink()
    call_command("make_demo_school", stdout=StringIO())
    assert logins.read_text() != content
    assert _census() == before


def _census() -> dict[str, int]:
    day = timezone.now().astimezone(UTC).date() - timedelta(days=12)
    return {
        "users": User.objects.count(),
        "passages": document_vectors().count(),
        "meetings": Meeting.objects.count(),
        "submissions": Submission.objects.count(),
        "progress": sum(row.time_spent_minutes or 0 for row in Progress.objects.all()),
        "views": sum(row.view_count for row in stores["page_view_stats"].of_date(day)),
    }
