"""Importing rosters: from the upload to people in the class, all or nothing."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import TeacherFactory, UserFactory
from classrooms import services
from classrooms.models import JoinRequest, Member, RosterImport
from classrooms.rosters.resource import Outcome
from classrooms.selectors import roster_file
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from classrooms.tests.people import School, make_school
from classrooms.tests.roster_files import csv_bytes, upload, xlsx_bytes
from config import limits
from config.errors import Conflict, InvalidInput, NotAllowed, TooLarge

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school()


def run(school: School, *lines: str, dry_run: bool = False, actor: Any = None) -> Outcome:
    return services.roster_import_file(
        classroom=school.classroom,
        data=csv_bytes(*lines),
        filename="roster.csv",
        actor=actor or school.teacher,
        dry_run=dry_run,
    )


def test_what_rows_do(school: School) -> None:
    known = UserFactory(email="known@school.test", name="Known Already")
    lines = (
        "NEW@School.test,  New   Person ,",
        "known@school.test,Renamed,assistant",
        f"{school.student.email},,assistant",
        f"{school.assistant.email},,",
        f"{school.co_teacher.email},,TEACHER",
        f"{school.teacher.email},,student",
    )
    expected = {"new_account": 1, "add": 1, "change_role": 1, "nothing": 2, "skipped": 1}
    checked = run(school, *lines, dry_run=True)
    assert (dict(checked.counts), checked.errors) == (expected, [])
    assert not User.objects.filter(email="new@school.test").exists()
    assert Member.objects.get(user=school.student).role == "student"
    assert [(row["row"], row["was"], row["role"], row["does"]) for row in checked.preview] == [
        (2, None, "student", "new_account"),
        (3, None, "assistant", "add"),
        (4, "student", "assistant", "change_role"),
        (5, "assistant", "assistant", "nothing"),  # a role left out changes nobody's
        (6, "teacher", "teacher", "nothing"),
        (7, None, "student", "skipped"),
    ]
    done = run(school, *lines)
    assert dict(done.counts) == expected
    roles = dict(school.classroom.members.values_list("user__email", "role"))
    assert roles == {
        "new@school.test": "student",
        "known@school.test": "assistant",
        school.student.email: "assistant",
        school.assistant.email: "assistant",
        school.co_teacher.email: "teacher",
    }
    known.refresh_from_db()
    assert known.name == "Known Already"  # nobody is renamed
    assert dict(run(school, *lines).counts) == {"nothing": 5, "skipped": 1}


def test_a_new_account_is_whole(school: School) -> None:
    run(school, "new@school.test,New Person,")
    made = User.objects.get(email="new@school.test")
    assert (made.name, made.role, made.is_active) == ("New Person", "student", True)
    assert not made.has_usable_password()
    assert made.preferences.notification_email is True
    address = EmailAddress.objects.get(user=made)
    assert (address.email, address.verified, address.primary) == (made.email, True, True)


def test_errors_have_row_and_column_and_nothing_is_imported(school: School) -> None:
    gone = UserFactory(is_active=False)
    outcome = run(
        school,
        "good@school.test,Good,",
        ",Nobody,",
        "not an address,X,",
        "GOOD@school.test,Again,",
        f"{gone.email},,",
        f"long@school.test,{'x' * 101},",
        "role@school.test,X,king",
        "high@school.test,X,teacher",
        f"{school.student.email},,teacher",
        "many@school.test,X,,beyond",
        "bell@school.test,X\x07Y,",
        f"{'x' * 250}@school.test,X,",
    )
    found = [(error["row"], error["field"]) for error in outcome.errors]
    assert found == [
        (3, "email"),
        (4, "email"),
        (5, "email"),
        (6, "email"),
        (7, "name"),
        (8, "role"),
        (9, "role"),
        (10, "role"),
        (11, "row"),
        (12, "name"),
        (13, "email"),
    ]
    assert "row 2" in outcome.errors[2]["detail"]
    assert dict(outcome.counts) == {"errors": 11, "new_account": 1}
    assert not User.objects.filter(email="good@school.test").exists()
    assert school.classroom.members.count() == 3


def test_two_errors_in_a_row_are_both_told_and_many_are_counted(school: School) -> None:
    lines = ["bad,X,king"] * (limits.ROSTER_MAX_ERRORS + 1)
    outcome = run(school, *lines)
    assert outcome.counts["errors"] == 2 * len(lines)
    assert len(outcome.errors) == limits.ROSTER_MAX_ERRORS
    assert {error["field"] for error in outcome.errors} == {"email", "role"}


def test_an_address_that_is_somebodys_second_one(school: School) -> None:
    EmailAddress.objects.create(user=school.student, email="second@school.test", verified=True)
    outcome = run(school, "second@school.test,X,")
    assert "beside its own" in outcome.errors[0]["detail"]


def test_a_co_teacher_is_a_teacher_of_the_school(school: School) -> None:
    colleague = TeacherFactory()
    assert dict(run(school, f"{colleague.email},,teacher").counts) == {"add": 1}
    assert Member.objects.get(user=colleague).role == "teacher"


def test_who_is_imported_waits_no_more(school: School) -> None:
    request = JoinRequest.objects.create(classroom=school.classroom, user=school.outsider)
    other = JoinRequest.objects.create(classroom=school.classroom, user=UserFactory())
    run(school, f"{request.user.email},,", dry_run=True)
    assert JoinRequest.objects.count() == 2
    run(school, f"{request.user.email},,")
    assert list(JoinRequest.objects.all()) == [other]


# --- Export and back ---

NAMES = (
    'Lovelace, "Ada"',
    "Two\nLines",
    "Žofie Müller 王小明",
    "=HYPERLINK(1)",
    "+49 30",
    "-Minus",
    "@home",
    "'Quoted",
    "'=both",
    "x;=HYPERLINK(1)",
    "x;'+1;-2",
    "x\t@tab\n=line\r+return",
    "Bell\x07",
    "  spaces  ",
    None,
)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_importing_an_export_changes_nothing(school: School, kind: str) -> None:
    for number, name in enumerate(NAMES):
        user = UserFactory(email=f"{'+=-'[number % 3]}p{number}@school.test", name=name)
        MemberFactory(classroom=school.classroom, user=user, role="assistant")
    before = list(Member.objects.order_by("pk").values_list())
    file = roster_file(school.classroom, kind)
    outcome = services.roster_import_file(
        classroom=school.classroom, data=file.content, filename=file.filename, actor=school.teacher
    )
    assert (dict(outcome.counts), outcome.errors) == ({"nothing": len(NAMES) + 3}, [])
    assert list(Member.objects.order_by("pk").values_list()) == before
    if kind == "csv":
        text = file.content.decode("utf-8-sig")
        assert text.startswith('"email","name","role"\r\n')
        begins = [f"{begin}{sign}" for begin in ('"', ";", "\t", "\n", "\r") for sign in "=+-@"]
        assert not [cell for cell in begins if cell in text.replace('""', "")]


def test_exports_into_another_class(school: School) -> None:
    file = roster_file(school.classroom, "xlsx")
    outcome = services.roster_import_file(
        classroom=school.other, data=file.content, filename="x.xlsx", actor=school.other_teacher
    )
    assert dict(outcome.counts) == {"add": 3}
    roles = school.other.members.order_by("role").values_list("user", "role")
    assert {(school.co_teacher.pk, "teacher"), (school.assistant.pk, "assistant")} <= set(roles)


# --- Who may ---


def test_who_imports(school: School) -> None:
    for name in ("assistant", "student", "other_teacher", "outsider"):
        with pytest.raises(NotAllowed):
            services.roster_upload(
                actor=school.person(name), classroom=school.classroom, file=upload(csv_bytes("a"))
            )
    assert not RosterImport.objects.exists()
    for name in ("admin", "teacher", "co_teacher"):
        made = services.roster_upload(
            actor=school.person(name), classroom=school.classroom, file=upload(csv_bytes("a"))
        )
        assert set(RosterImport.objects.visible_to(school.person(name))) >= {made}
    for name in ("assistant", "student", "other_teacher"):
        assert not RosterImport.objects.visible_to(school.person(name)).exists()


def test_an_archived_class_takes_no_roster(school: School) -> None:
    services.classroom_update(actor=school.teacher, classroom=school.classroom, is_active=False)
    with pytest.raises(Conflict):
        run(school, "a@b.de,,")
    with pytest.raises(Conflict):
        services.roster_upload(
            actor=school.teacher, classroom=school.classroom, file=upload(csv_bytes("a"))
        )


def test_an_upload_that_is_refused_at_once_leaves_no_file(school: School) -> None:
    for data, error in ((b"", InvalidInput), (b"%PDF-1.4", InvalidInput)):
        with pytest.raises(error):
            services.roster_upload(
                actor=school.teacher, classroom=school.classroom, file=upload(data)
            )
    large = upload(b"x" * (limits.ROSTER_MAX_BYTES + 1))
    with pytest.raises(TooLarge):
        services.roster_upload(actor=school.teacher, classroom=school.classroom, file=large)
    assert not RosterImport.objects.exists()
    assert not default_storage.exists("") or default_storage.listdir("")[1] == []


# --- Many rows ---


def queries_of(rows: int, *, dry_run: bool) -> int:
    classroom = ClassroomFactory()
    data = csv_bytes(*[f"{classroom.pk}-{n}@school.test,Name {n}," for n in range(rows)])
    with CaptureQueriesContext(
        connection,
    ) as captured:
        outcome = services.roster_import_file(
            classroom=classroom,
            data=data,
            filename="x.csv",
            actor=classroom.teacher,
            dry_run=dry_run,
        )
    assert outcome.counts["new_account"] == rows
    return len(captured)


def test_queries_do_not_grow_with_rows() -> None:
    assert queries_of(10, dry_run=True) == queries_of(2000, dry_run=True)
    few, batch, more = (queries_of(rows, dry_run=False) for rows in (10, 500, 2000))
    assert few == batch
    assert more - batch <= 3 * 8  # four inserts a batch, with what Django sets around each


def test_queries_of_a_roster_that_changes_nothing_or_roles() -> None:
    counts = []
    for rows in (10, 400):
        classroom = ClassroomFactory()
        lines = [f"{classroom.pk}-{n}@school.test,," for n in range(rows)]
        data = csv_bytes(*lines)
        run_it: Any = {"classroom": classroom, "filename": "x.csv", "actor": classroom.teacher}
        services.roster_import_file(data=data, **run_it)
        with CaptureQueriesContext(connection) as nothing:
            services.roster_import_file(data=data, **run_it)
        changed = csv_bytes(*[f"{line[:-1]},assistant" for line in lines])
        with CaptureQueriesContext(connection) as roles:
            outcome = services.roster_import_file(data=changed, **run_it)
        assert outcome.counts["change_role"] == rows
        counts.append((len(nothing), len(roles)))
    assert counts[0] == counts[1]


def test_a_spreadsheet_is_imported(school: School) -> None:
    data = xlsx_bytes([("new@school.test", "New Person", "student")])
    outcome = services.roster_import_file(
        classroom=school.classroom, data=data, filename="x.xlsx", actor=school.teacher
    )
    assert dict(outcome.counts) == {"new_account": 1}
