"""Taking an assessment: the server's clock, saves, handing in, races."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from assessments import services
from assessments.models import Assessment, Attempt, AttemptState, Submission
from assessments.tasks import expire_attempts
from assessments.tests.factories import by_type, make_assessment, make_student, right_answers
from classrooms.models import Member
from config import limits
from config.errors import Conflict, InvalidInput, NotAllowed

NOW = timezone.now()
LIMIT = timedelta(minutes=30)
GRACE = limits.ATTEMPT_GRACE


def test_a_second_tab_gets_the_same_attempt(assessment: Assessment, student: User) -> None:
    first = services.attempt_start(user=student, assessment=assessment)
    assert services.attempt_start(user=student, assessment=assessment) == first
    services.attempt_submit(user=student, attempt=first)
    again = services.attempt_start(user=student, assessment=assessment)
    assert (again, again.state) == (first, AttemptState.SUBMITTED)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("limit", "due", "expected"),
    [
        (30, None, NOW + LIMIT),
        (None, NOW + timedelta(hours=1), NOW + timedelta(hours=1)),
        (30, NOW + timedelta(minutes=10), NOW + timedelta(minutes=10)),
        (None, None, None),
    ],
)
def test_the_end_is_the_earlier_of_limit_and_due_date(
    limit: int | None, due: datetime | None, expected: datetime | None
) -> None:
    assessment = make_assessment(time_limit_minutes=limit, due_date=due)
    student = make_student(assessment.classroom)
    attempt = services.attempt_start(user=student, assessment=assessment, now=NOW)
    assert (attempt.started_at, attempt.expires_at) == (NOW, expected)


def test_who_can_not_start(assessment: Assessment, student: User) -> None:
    with pytest.raises(NotAllowed):
        services.attempt_start(user=assessment.classroom.teacher, assessment=assessment)
    Member.objects.filter(user=student).delete()
    with pytest.raises(NotAllowed):
        services.attempt_start(user=student, assessment=assessment)


@pytest.mark.django_db
def test_nobody_starts_after_the_due_date_or_in_an_archived_class() -> None:
    assessment = make_assessment(due_date=NOW + LIMIT)
    student = make_student(assessment.classroom)
    with pytest.raises(Conflict):
        services.attempt_start(user=student, assessment=assessment, now=NOW + LIMIT)
    assessment.classroom.is_active = False
    assessment.classroom.save()
    with pytest.raises(Conflict, match="archived"):
        services.attempt_start(user=student, assessment=assessment)


def test_saves_merge_and_count(assessment: Assessment, student: User) -> None:
    attempt = services.attempt_start(user=student, assessment=assessment)
    choice, essay = (str(by_type(assessment)[kind].pk) for kind in ("multiple_choice", "essay"))

    def save(answers: dict[str, Any], revision: int) -> Attempt:
        return services.attempt_autosave(
            user=student, attempt=attempt, answers=answers, revision=revision
        )

    assert save({choice: "a"}, 0).revision == 1
    assert save({essay: "So"}, 1).answers == {choice: "a", essay: "So"}
    assert save({choice: None}, 2).answers == {essay: "So"}
    # The answer to the last save was lost, and the client sends it again.
    assert save({choice: None}, 2).revision == 3
    with pytest.raises(Conflict) as caught:  # the other tab
        save({essay: "Other"}, 1)
    assert caught.value.code == "stale_revision"
    with pytest.raises(InvalidInput) as wrong:
        save({choice: "z", "nothing": 1, essay: "Kept out"}, 3)
    assert set(wrong.value.errors) == {f"answers.{choice}", "answers.nothing"}
    attempt.refresh_from_db()
    assert attempt.answers == {essay: "So"}


def test_another_student_can_not_touch_it(assessment: Assessment, student: User) -> None:
    attempt = services.attempt_start(user=student, assessment=assessment)
    for person in (make_student(assessment.classroom), assessment.classroom.teacher):
        with pytest.raises(NotAllowed):
            services.attempt_autosave(user=person, attempt=attempt, answers={}, revision=0)
        with pytest.raises(NotAllowed):
            services.attempt_submit(user=person, attempt=attempt)


@pytest.mark.django_db
def test_what_comes_within_the_grace_counts_and_later_the_rest_is_submitted() -> None:
    assessment = make_assessment(time_limit_minutes=30)
    student = make_student(assessment.classroom)
    attempt = services.attempt_start(user=student, assessment=assessment, now=NOW)
    choice = str(by_type(assessment)["multiple_choice"].pk)
    end = NOW + LIMIT

    def save(answer: str, revision: int, now: datetime) -> Attempt:
        return services.attempt_autosave(
            user=student, attempt=attempt, answers={choice: answer}, revision=revision, now=now
        )

    save("a", 0, end + GRACE)
    with pytest.raises(Conflict) as caught:
        save("b", 1, end + GRACE + timedelta(seconds=1))
    assert caught.value.code == "attempt_ended"
    submission = Submission.objects.get(user=student)
    assert submission.answers == {choice: "a"}
    assert submission.submitted_at == end
    assert submission.score == 2  # the essay that was not written waits for nobody
    attempt.refresh_from_db()
    assert (attempt.state, attempt.ended_at) == (AttemptState.EXPIRED, end)
    assert services.attempt_submit(user=student, attempt=attempt) == submission


@pytest.mark.django_db
def test_the_job_submits_what_is_overdue_and_nothing_else() -> None:
    assessment = make_assessment(time_limit_minutes=30)
    over, running = (make_student(assessment.classroom) for _ in range(2))
    services.attempt_start(user=over, assessment=assessment, now=NOW)
    services.attempt_start(user=running, assessment=assessment, now=NOW)
    long_ago = timezone.now() - timedelta(minutes=1)
    Attempt.objects.filter(user=over).update(expires_at=long_ago)
    assert expire_attempts() == 1
    assert expire_attempts() == 0
    assert [submission.user for submission in Submission.objects.all()] == [over]
    assert Submission.objects.get().score == 0


def test_submitting_again_changes_nothing(assessment: Assessment, student: User) -> None:
    attempt = services.attempt_start(user=student, assessment=assessment)
    first = services.attempt_submit(user=student, attempt=attempt)
    assert services.attempt_submit(user=student, attempt=attempt) == first
    with pytest.raises(Conflict):
        services.attempt_autosave(
            user=student, attempt=attempt, answers=right_answers(assessment), revision=0
        )


def in_threads(calls: list[Callable[[], Any]]) -> list[Any]:
    """What the calls return, each in a thread and a connection of its own; errors as values."""

    def run(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Conflict as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_tabs_that_start_save_and_submit_at_once() -> None:
    assessment = make_assessment()
    student = make_student(assessment.classroom)

    def start() -> Attempt:
        return services.attempt_start(user=student, assessment=assessment)

    attempts = in_threads([start] * 6)
    assert len({attempt.pk for attempt in attempts}) == 1
    attempt, choice = attempts[0], str(by_type(assessment)["multiple_choice"].pk)

    def save(answer: str) -> Callable[[], Attempt]:
        return lambda: services.attempt_autosave(
            user=student, attempt=attempt, answers={choice: answer}, revision=0
        )

    saved = in_threads([save(answer) for answer in "abc"])
    assert sum(isinstance(outcome, Conflict) for outcome in saved) == 2

    def submit() -> Submission:
        return services.attempt_submit(user=student, attempt=attempt)

    submissions = in_threads([submit] * 6)
    assert len({submission.pk for submission in submissions}) == 1
    assert Submission.objects.count() == 1
    assert Submission.objects.get().grades.count() == 6


@pytest.mark.django_db(transaction=True)
def test_nobody_starts_while_results_are_released() -> None:
    assessment = make_assessment()
    students = [make_student(assessment.classroom) for _ in range(4)]
    teacher = assessment.classroom.teacher
    outcomes = in_threads(
        [
            lambda: services.results_release(actor=teacher, assessment=assessment),
            *(
                lambda who=who: services.attempt_start(user=who, assessment=assessment)
                for who in students
            ),
        ]
    )
    released = not isinstance(outcomes[0], Conflict)
    assert Attempt.objects.count() == sum(isinstance(item, Attempt) for item in outcomes[1:])
    assert not released or not Attempt.objects.exists()
