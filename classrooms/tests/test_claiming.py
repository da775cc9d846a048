"""Accounts that a stranger made with a pupil's address, and that the school takes into a class."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from analytics.models import ActivityLogRow
from classrooms import services
from classrooms.models import Classroom, Member
from classrooms.tests.factories import ClassroomFactory
from classrooms.tests.people import School, make_school
from classrooms.tests.roster_files import csv_bytes

pytestmark = pytest.mark.django_db

PUPIL = "pupil@school.test"


@pytest.fixture
def school() -> School:
    return make_school()


def squatted(email: str = PUPIL) -> tuple[User, str]:
    """An account whose password a stranger knows, and the key of its confirmation mail."""
    user = UserFactory(email=email)
    EmailAddress.objects.filter(user=user).update(verified=False)
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    return user, EmailConfirmationHMAC(EmailAddress.objects.get(user=user)).key


def take_in(how: str, classroom: Classroom, email: str = PUPIL) -> None:
    teacher = classroom.teacher
    if how == "roster":
        data = csv_bytes(f"{email},A Pupil,")
        services.roster_import_file(classroom=classroom, data=data, filename="x.csv", actor=teacher)
    else:
        services.member_add_by_email(actor=teacher, classroom=classroom, email=email)


@pytest.mark.parametrize("how", ["roster", "by address"])
def test_the_stranger_gets_nothing(
    school: School, how: str, django_capture_on_commit_callbacks: Any
) -> None:
    user, key = squatted()
    session_hash = user.get_session_auth_hash()
    with django_capture_on_commit_callbacks(execute=True):
        take_in(how, school.classroom)
    user = User.objects.get(pk=user.pk)
    assert Member.objects.filter(user=user, classroom=school.classroom).exists()
    assert not user.has_usable_password()
    assert not user.check_password(PASSWORD)
    assert user.get_session_auth_hash() != session_hash  # whoever is signed in is no more
    assert not Authenticator.objects.filter(user=user).exists()
    assert EmailConfirmationHMAC.from_key(key) is None
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == (PUPIL, True, True)
    assert ActivityLogRow.objects.filter(action="account_claim").count() == 1
    [letter] = [letter for letter in mail.outbox if letter.to == [PUPIL]]
    assert "no password yet" in letter.body


@pytest.mark.parametrize("how", ["roster", "by address"])
def test_who_has_confirmed_keeps_their_password(school: School, how: str) -> None:
    user = UserFactory(email=PUPIL)
    take_in(how, school.classroom)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_check_says_so(school: School) -> None:
    squatted()
    outcome = services.roster_import_file(
        classroom=school.classroom,
        data=csv_bytes(f"{PUPIL},A Pupil,"),
        filename="x.csv",
        actor=school.teacher,
        dry_run=True,
    )
    assert dict(outcome.counts) == {"claim": 1}
    assert outcome.preview[0]["does"] == "claim"
    assert User.objects.get(email=PUPIL).has_usable_password()


def test_queries_do_not_grow_with_rows() -> None:
    counts = []
    for rows in (10, 400):
        classroom = ClassroomFactory()
        emails = [f"{classroom.pk}-{n}@school.test" for n in range(rows)]
        User.objects.bulk_create([User(email=email, password="x") for email in emails])
        data = csv_bytes(*[f"{email},," for email in emails])
        with CaptureQueriesContext(connection) as captured:
            outcome = services.roster_import_file(classroom=classroom, data=data, filename="x.csv")
        assert dict(outcome.counts) == {"claim": rows}
        counts.append(len(captured))
    assert counts[0] == counts[1]
