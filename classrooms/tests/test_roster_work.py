"""An import's life: checked, confirmed, watched, cancelled; and workers that die."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from classrooms import services, tasks  # noqa: F401 - registers them
from classrooms.models import Member, RosterImport
from classrooms.tests.factories import ClassroomFactory
from classrooms.tests.people import School, make_school
from classrooms.tests.roster_files import csv_bytes, upload
from config import limits
from config.celery import app
from config.errors import Conflict

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 5000
WORKER = """
import django
django.setup()
from uuid import UUID
from classrooms.services import roster_import_work
roster_import_work(roster_import_id=UUID("{pk}"))
"""


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def _tasks_wait() -> Iterator[None]:
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


def start(school: School, *lines: str, **kwargs: Any) -> RosterImport:
    made = services.roster_upload(
        actor=kwargs.get("actor", school.teacher),
        classroom=school.classroom,
        file=upload(csv_bytes(*lines)),
    )
    return RosterImport.objects.get(pk=made.pk)


def confirm(roster_import: RosterImport, actor: User) -> RosterImport:
    services.roster_confirm(actor=actor, roster_import=roster_import)
    return RosterImport.objects.get(pk=roster_import.pk)


def files() -> list[str]:
    return default_storage.listdir("")[1] if default_storage.exists("") else []


def test_a_file_that_costs_every_worker_is_given_up(school: School, _tasks_wait: None) -> None:
    waiting = start(school, "new@school.test,New Person,")
    RosterImport.objects.update(starts=limits.ROSTER_STARTS_MAX)
    services.roster_import_work(roster_import_id=waiting.pk)
    given_up = RosterImport.objects.get()
    assert given_up.state == "failed"
    assert "again and again" in given_up.error
    assert not User.objects.filter(email="new@school.test").exists()


def test_from_upload_to_done(school: School) -> None:
    ready = start(school, "new@school.test,New Person,", f"{school.student.email},,assistant")
    assert (ready.state, ready.rows_total) == ("ready", 2)
    assert ready.counts == {"new_account": 1, "change_role": 1}
    assert len(ready.file.name) == 32  # nothing of the class or the people in it
    assert not User.objects.filter(email="new@school.test").exists()
    done = confirm(ready, school.co_teacher)
    assert (done.state, done.rows_done, done.created_by) == ("done", 2, school.co_teacher)
    assert done.finished_at is not None
    assert Member.objects.filter(user__email="new@school.test").exists()
    assert files() == []
    with pytest.raises(Conflict):
        services.roster_confirm(actor=school.teacher, roster_import=done)


def test_a_file_with_errors_is_not_confirmed(school: School) -> None:
    invalid = start(school, "a@school.test,,", "bad,,")
    assert (invalid.state, invalid.errors[0]["row"]) == ("invalid", 3)
    assert files() == []
    with pytest.raises(Conflict) as caught:
        services.roster_confirm(actor=school.teacher, roster_import=invalid)
    assert caught.value.code == "not_ready"
    unread = services.roster_upload(
        actor=school.teacher, classroom=school.classroom, file=upload(b"name\nAda\n")
    )
    unread.refresh_from_db()
    assert (unread.state, unread.errors[0]["row"]) == ("invalid", None)
    assert "no column email" in unread.error


def test_what_changes_between_check_and_import_is_checked_again(school: School) -> None:
    known = UserFactory(email="known@school.test")
    ready = start(school, "other@school.test,,", "known@school.test,,")
    User.objects.filter(pk=known.pk).update(is_active=False)
    failed = confirm(ready, school.teacher)
    assert (failed.state, failed.errors[0]["row"], failed.rows_done) == ("failed", 3, 0)
    assert "have changed" in failed.error
    assert not User.objects.filter(email="other@school.test").exists()


@pytest.mark.parametrize("change", ["signed up", "joined", "left"])
def test_what_is_not_what_was_shown_waits_for_another_look(school: School, change: str) -> None:
    late = UserFactory(email="late@school.test")
    rows = ("new@school.test,,", "late@school.test,,", f"{school.student.email},,assistant")
    ready = start(school, *rows)
    if change == "signed up":
        UserFactory(email="new@school.test")
    elif change == "joined":
        services.classroom_join(user=late, join_code=school.classroom.join_code or "")
    else:
        school.membership.delete()
    again = confirm(ready, school.teacher)
    assert (again.state, again.finished_at, again.counts != ready.counts) == ("ready", None, True)
    assert "look at it again" in again.error
    assert not Member.objects.filter(user__email="new@school.test").exists()
    assert not Member.objects.filter(role="assistant", user=school.student).exists()
    done = confirm(again, school.teacher)
    assert (done.state, done.error, done.counts) == ("done", "", again.counts)
    assert Member.objects.filter(role="assistant", user=school.student).exists()


@pytest.mark.usefixtures("_tasks_wait")
@pytest.mark.parametrize("change", ["archived", "demoted", "account closed", "file gone"])
def test_whoever_confirmed_must_still_be_allowed_to(school: School, change: str) -> None:
    made = start(school, "new@school.test,,", actor=school.co_teacher)
    services.roster_import_work(roster_import_id=made.pk)
    importing = confirm(RosterImport.objects.get(pk=made.pk), school.co_teacher)
    assert importing.state == "importing"
    if change == "archived":
        services.classroom_update(actor=school.admin, classroom=school.classroom, is_active=False)
    elif change == "demoted":
        Member.objects.filter(user=school.co_teacher).update(role="assistant")
    elif change == "account closed":
        User.objects.filter(pk=school.co_teacher.pk).update(is_active=False)
    else:
        default_storage.delete(importing.file.name)
    services.roster_import_work(roster_import_id=made.pk)
    importing.refresh_from_db()
    assert (importing.state, importing.error != "") == ("failed", True)
    assert not User.objects.filter(email="new@school.test").exists()


@pytest.mark.usefixtures("_tasks_wait")
def test_cancelling(school: School) -> None:
    checking = start(school, "a@school.test,,")
    assert (checking.state, len(files())) == ("checking", 1)
    services.roster_cancel(actor=school.co_teacher, roster_import=checking)
    assert (RosterImport.objects.count(), files()) == (0, [])
    services.roster_import_work(roster_import_id=checking.pk)  # its task comes late
    second = start(school, "a@school.test,,")
    services.roster_import_work(roster_import_id=second.pk)
    importing = confirm(RosterImport.objects.get(pk=second.pk), school.teacher)
    with pytest.raises(Conflict):
        services.roster_cancel(actor=school.teacher, roster_import=importing)
    services.roster_import_work(roster_import_id=second.pk)
    done = RosterImport.objects.get(pk=second.pk)
    services.roster_import_work(roster_import_id=second.pk)  # again: nothing
    assert RosterImport.objects.get(pk=second.pk).updated_at == done.updated_at
    services.roster_cancel(actor=school.teacher, roster_import=done)
    assert Member.objects.filter(user__email="a@school.test").exists()


@pytest.mark.usefixtures("_tasks_wait")
def test_progress_is_seen_while_nothing_else_is() -> None:
    importing = _importing()
    worker = Thread(target=_work, args=[importing])
    worker.start()
    seen: set[tuple[int, int]] = set()
    while worker.is_alive():
        importing.refresh_from_db()
        if importing.state == "importing":
            seen.add((importing.rows_done, Member.objects.count()))
        time.sleep(0.005)
    worker.join()
    between = {done for done, _ in seen if 0 < done < MANY}
    assert len(between) >= 3
    assert {members for done, members in seen if done < MANY} == {0}
    assert Member.objects.count() == MANY


@pytest.mark.usefixtures("_tasks_wait")
def test_a_worker_that_is_killed_leaves_nothing_and_another_takes_over() -> None:
    importing = _importing()
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{name}"
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(pk=importing.pk)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DATABASE_URL": url, "MEDIA_ROOT": str(settings.MEDIA_ROOT)},
    )
    try:
        until = time.monotonic() + 60
        while RosterImport.objects.get(pk=importing.pk).rows_done < limits.ROSTER_BATCH:
            assert time.monotonic() < until
            assert worker.poll() is None
            time.sleep(0.005)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    left = RosterImport.objects.get(pk=importing.pk)
    assert (left.state, 0 < left.rows_done <= MANY) == ("importing", True)
    assert (Member.objects.count(), User.objects.count()) == (0, 1)
    assert services.roster_imports_sweep()["requeued"] == 0  # it may still be at work
    _age(left, timedelta(seconds=limits.ROSTER_RETRY_AFTER + 1))
    app.conf.task_always_eager = True
    assert services.roster_imports_sweep()["requeued"] == 1
    left.refresh_from_db()
    assert (left.state, left.counts, Member.objects.count()) == (
        "done",
        {"new_account": MANY},
        MANY,
    )


@pytest.mark.usefixtures("_tasks_wait")
def test_two_workers_at_one_import_are_one(school: School) -> None:
    made = start(school, *[f"p{n}@school.test,," for n in range(1000)])
    services.roster_import_work(roster_import_id=made.pk)
    importing = confirm(RosterImport.objects.get(pk=made.pk), school.teacher)
    workers = [Thread(target=_work, args=[importing]) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    importing.refresh_from_db()
    assert (importing.state, importing.counts) == ("done", {"new_account": 1000})


def test_two_imports_with_the_same_new_people_at_once() -> None:
    """In opposite orders: they would wait for each other."""
    lines = [f"p{n}@school.test,," for n in range(1500)]
    classes = [ClassroomFactory(), ClassroomFactory()]
    outcomes: list[Any] = []

    def run(classroom: Any, rows: list[str]) -> None:
        try:
            outcomes.append(
                services.roster_import_file(
                    classroom=classroom, data=csv_bytes(*rows), filename="x.csv"
                )
            )
        finally:
            connection.close()

    threads = [
        Thread(target=run, args=[classroom, rows])
        for classroom, rows in zip(classes, (lines, lines[::-1]), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sorted(outcome.counts) for outcome in outcomes) == [["add"], ["new_account"]]
    assert [classroom.members.count() for classroom in classes] == [1500, 1500]


def test_who_joins_while_the_roster_is_imported_is_found_at_the_second_try(school: School) -> None:
    late = UserFactory(email="late@school.test")

    def join(done: int, total: int) -> None:
        if not Member.objects.filter(user=late).exists():
            thread = Thread(target=_join, args=[school, late])
            thread.start()
            thread.join()

    outcome = services.roster_import_file(
        classroom=school.classroom,
        data=csv_bytes("late@school.test,,assistant", "new@school.test,,"),
        filename="x.csv",
        on_progress=join,
    )
    assert dict(outcome.counts) == {"change_role": 1, "new_account": 1}
    assert Member.objects.get(user=late).role == "assistant"


def test_old_imports_are_forgotten_with_their_files(school: School) -> None:
    ready, fresh = start(school, "a@school.test,,"), start(school, "b@school.test,,")
    _age(ready, limits.ROSTER_RETENTION + timedelta(days=1))
    assert services.roster_imports_sweep() == {"requeued": 0, "forgotten": 1}
    assert list(RosterImport.objects.all()) == [fresh]
    assert files() == [fresh.file.name]


def test_a_class_that_is_deleted_takes_its_imports_along(school: School) -> None:
    start(school, "a@school.test,,")
    services.classroom_delete(actor=school.admin, classroom=school.classroom)
    assert not RosterImport.objects.exists()
    assert files() == []


def _importing() -> RosterImport:
    classroom = ClassroomFactory()
    lines = [f"p{n}@school.test,Person {n}," for n in range(MANY)]
    made = services.roster_upload(
        actor=classroom.teacher, classroom=classroom, file=upload(csv_bytes(*lines))
    )
    services.roster_import_work(roster_import_id=made.pk)
    return confirm(RosterImport.objects.get(pk=made.pk), classroom.teacher)


def _work(roster_import: RosterImport) -> None:
    try:
        services.roster_import_work(roster_import_id=roster_import.pk)
    finally:
        connection.close()


def _join(school: School, user: User) -> None:
    try:
        services.classroom_join(user=user, join_code=school.classroom.join_code or "")
    finally:
        connection.close()


def _age(roster_import: RosterImport, age: timedelta) -> None:
    RosterImport.objects.filter(pk=roster_import.pk).update(updated_at=timezone.now() - age)
