"""A class in a real browser: its code, a student who joins and is removed, and a roster."""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User, UserPreferences
from accounts.tests.clients import api_as
from accounts.tests.factories import PASSWORD, TeacherFactory, UserFactory
from classrooms import services
from classrooms.models import Classroom, JoinRequest, Member, RosterImport
from classrooms.tests.factories import ClassroomFactory
from classrooms.tests.roster_files import csv_bytes
from config.celery import app
from tests.browser import open_browser, screenshot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _playwright_runs_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # Playwright's loop makes Django believe that the test itself is asynchronous.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def _tasks_wait() -> Iterator[None]:
    """Tasks go to the queue, as with a worker that is busy: the test sees an import wait."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


def sign_in(page: Page, url: str, user: User) -> None:
    page.goto(f"{url}/admin/")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign In", exact=True).click()
    expect(page.locator("[data-tile='Classes']")).to_be_visible()


def test_from_a_code_to_a_removal(live_server: LiveServer) -> None:
    teacher, student = TeacherFactory(name="Grace Hopper"), UserFactory(name="Ada Lovelace")
    api = api_as(student)
    with open_browser() as page:
        sign_in(page, live_server.url, teacher)
        page.goto(f"{live_server.url}/admin/classrooms/classroom/add/")
        page.get_by_label("Name").fill("Biology 7b")
        page.get_by_label("Subject").fill("Biology")
        page.get_by_role("button", name="Save and continue editing").click()
        classroom = Classroom.objects.get()
        code = classroom.join_code or ""
        expect(page.locator("#join-code")).to_have_text(code)
        screenshot(page, "class")

        page.get_by_role("link", name="Show the code").click()
        expect(page.locator("[data-join-code]")).to_have_text(code)
        screenshot(page, "class-code")
        typed = f"{code[:4].lower()}-{code[4:]}"
        assert api.post("/api/v1/classrooms/join", {"join_code": typed}).status_code == 200
        path = f"/api/v1/classrooms/{classroom.pk}"
        assert api.get(path).status_code == 200

        page.goto(f"{live_server.url}/admin/classrooms/classroom/{classroom.pk}/change/")
        page.get_by_role("link", name="Join rules").click()
        page.locator("#id_join_rules-0-requires_approval").check()
        screenshot(page, "class-joining")
        page.get_by_role("button", name="Save and continue editing").click()
        asking = UserFactory(name="Alan Turing")
        answer = api_as(asking).post("/api/v1/classrooms/join", {"join_code": code})
        assert answer.status_code == 202
        page.get_by_role("link", name="Who waits to be let in").click()
        expect(page.locator("#result_list")).to_contain_text("Alan Turing")
        screenshot(page, "join-requests")
        page.locator("#result_list tbody input[type=checkbox]").check()
        page.locator("select[name=action]").select_option(label="Let the selected people in")
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_text("Alan Turing is in Biology 7b.")).to_be_visible()
        assert not JoinRequest.objects.exists()

        page.goto(f"{live_server.url}/admin/classrooms/classroom/{classroom.pk}/change/")
        page.locator("#tabs-items a", has_text="Members").click()
        screenshot(page, "class-members")
        page.goto(f"{live_server.url}/admin/classrooms/member/")
        row = page.locator("#result_list tr", has_text="Ada Lovelace")
        row.locator("input[type=checkbox]").check()
        page.locator("select[name=action]").select_option(
            label="Remove the selected members and change the join code"
        )
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_text("Ada Lovelace is removed")).to_be_visible()
        screenshot(page, "member-removed")
        assert api.get(path).status_code == 404
        back = api.post("/api/v1/classrooms/join", {"join_code": code})
        assert (back.status_code, back.json()["code"]) == (404, "unknown_join_code")


@pytest.mark.usefixtures("_tasks_wait")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_roster(live_server: LiveServer, tmp_path: Path, theme: str) -> None:
    classroom = ClassroomFactory(name="Biology 7b")
    UserPreferences.objects.filter(user=classroom.teacher).update(theme=theme)
    known = UserFactory(name="Ada Lovelace", email="ada@school.test")
    services.classroom_join(user=known, join_code=classroom.join_code)
    bad, good = tmp_path / "bad.csv", tmp_path / "biology-7b.csv"
    bad.write_bytes(csv_bytes("ada@school.test,Ada,", "alan@school,Alan Turing,", "x@y.de,X,king"))
    people = ["Alan Turing", "Emmy Noether", "Katherine Johnson", "Žofie Müller"]
    lines = [f"person{n}@example.org,{name}," for n, name in enumerate(people)]
    good.write_bytes(csv_bytes(*lines, "ada@school.test,Ada,assistant"))
    with open_browser() as page:
        sign_in(page, live_server.url, classroom.teacher)
        for path in (bad, good):
            page.goto(f"{live_server.url}/admin/classrooms/classroom/{classroom.pk}/change/")
            page.locator("[x-data*=actionDropdownOpen] > a", has_text="Roster").click()
            screenshot(page, f"roster-menu-{theme}")
            page.get_by_role("link", name="Import roster").click()
            expect(page.locator("#id_classroom + .select2")).to_contain_text("Biology 7b")
            page.locator("input[type=file]").set_input_files(path)
            screenshot(page, f"roster-upload-{theme}")
            page.get_by_role("button", name="Save", exact=True).click()
            expect(page.get_by_role("status")).to_contain_text("Checking")
            screenshot(page, f"roster-checking-{theme}")
            work_like_a_worker()
            if path == bad:
                errors = page.locator("[data-roster-errors]")
                expect(errors).to_contain_text("Not an address: alan@school")
                expect(errors.locator("tbody tr").first).to_contain_text("3")
                screenshot(page, f"roster-errors-{theme}")
        expect(page.locator("[data-roster-rows]")).to_contain_text("Žofie Müller")
        expect(page.locator("[data-roster-rows]")).to_contain_text("student → assistant")
        screenshot(page, f"roster-preview-{theme}")
        assert not Member.objects.exclude(user=known).exists()
        page.get_by_role("link", name="Confirm and import").click()
        page.get_by_role("button", name="Import", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Importing")
        work_like_a_worker()
        expect(page.get_by_text("Done", exact=True)).to_be_visible()
        screenshot(page, f"roster-done-{theme}")
        page.goto(f"{live_server.url}/admin/classrooms/classroom/{classroom.pk}/change/")
        page.locator("[x-data*=actionDropdownOpen] > a", has_text="Roster").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Export roster (CSV)").click()
        exported = Path(download.value.path()).read_text("utf-8-sig")
    assert '"ada@school.test","Ada Lovelace","assistant"' in exported
    assert exported.count("\n") == len(people) + 2


def work_like_a_worker() -> None:
    """Run the worker's service in a thread with a connection of its own."""

    def work() -> None:
        try:
            for waiting in RosterImport.objects.filter(state__in=("checking", "importing")):
                services.roster_import_work(roster_import_id=waiting.pk)
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()
