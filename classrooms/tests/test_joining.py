"""Joining by code: what a code does, and guessing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.tests.clients import api_as
from accounts.tests.factories import UserFactory
from classrooms import services
from classrooms.models import JoinRules, Member, MemberRole
from classrooms.tests.factories import ClassroomFactory
from classrooms.tests.people import School, make_school
from config import limits
from config.errors import Conflict, NotFound, RateLimitExceeded

pytestmark = pytest.mark.django_db

CLASSROOMS = "/api/v1/classrooms"
JOIN = f"{CLASSROOMS}/join"
REQUESTS = "/api/v1/join-requests"


@pytest.fixture
def school() -> School:
    return make_school()


# --- Codes ---


def test_a_new_code_ends_the_old_one(school: School) -> None:
    old = school.classroom.join_code
    services.join_code_regenerate(actor=school.teacher, classroom=school.classroom)
    assert school.classroom.join_code != old
    with pytest.raises(NotFound):
        services.classroom_join(user=UserFactory(), join_code=old)


def test_joining(school: School) -> None:
    newcomer = UserFactory()
    code = f"  {school.classroom.join_code.lower()} "
    first = services.classroom_join(user=newcomer, join_code=code)
    again = services.classroom_join(user=newcomer, join_code=code)
    assert (first.pk, first.role, first.classroom) == (again.pk, "student", school.classroom)
    assert Member.objects.filter(user=newcomer).count() == 1


def test_joining_again_keeps_the_role(school: School) -> None:
    services.classroom_join(user=school.assistant, join_code=school.classroom.join_code)
    assert Member.objects.get(user=school.assistant).role == MemberRole.ASSISTANT


@pytest.mark.django_db(transaction=True)
def test_joining_ten_times_at_once_is_joining_once() -> None:
    classroom, user = ClassroomFactory(), UserFactory()

    def join(_: int) -> object:
        try:
            return services.classroom_join(user=user, join_code=classroom.join_code).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        assert len(set(threads.map(join, range(10)))) == 1
    assert classroom.members.count() == 1


def test_codes_that_let_nobody_in(school: School) -> None:
    user = UserFactory()
    for code in ("", "NOTHING8", "' OR 1=1"):
        with pytest.raises(NotFound):
            services.classroom_join(user=user, join_code=code)
    services.classroom_update(actor=school.teacher, classroom=school.classroom, is_active=False)
    with pytest.raises(NotFound):
        services.classroom_join(user=user, join_code=school.classroom.join_code)
    with pytest.raises(Conflict):
        services.classroom_join(user=school.other_teacher, join_code=school.other.join_code)


@pytest.mark.parametrize(
    "spelling", ["abcd-2345", " ABCD 2345 ", "a b c d – 2 3 4 5", "abcd\u20102345"]
)
def test_a_code_as_people_type_it(spelling: str) -> None:
    classroom = ClassroomFactory(join_code="ABCD2345")
    assert services.classroom_join(user=UserFactory(), join_code=spelling).classroom == classroom


def test_every_code_that_lets_nobody_in_is_answered_alike(school: School) -> None:
    """Nobody learns by the answer that a class has this code."""
    classroom, client = school.classroom, api_as(UserFactory())
    rules = {"actor": school.teacher, "classroom": classroom}
    answers = [client.post(JOIN, {"join_code": "WRONG234"}).json()]
    services.join_rules_update(**rules, enabled=False)
    answers.append(client.post(JOIN, {"join_code": classroom.join_code}).json())
    services.join_rules_update(**rules, enabled=True)
    JoinRules.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answers.append(client.post(JOIN, {"join_code": classroom.join_code}).json())
    services.join_rules_update(**rules, expires_at=None)
    services.classroom_update(**rules, is_active=False)
    answers.append(client.post(JOIN, {"join_code": classroom.join_code}).json())
    assert {(answer["status"], answer["code"], answer["detail"]) for answer in answers} == {
        (404, "unknown_join_code", "No class has this code.")
    }
    services.classroom_update(**rules, is_active=True)
    assert client.post(JOIN, {"join_code": classroom.join_code}).status_code == 200


def test_a_new_code_with_and_without_an_end(school: School) -> None:
    client = api_as(school.teacher)
    path = f"{CLASSROOMS}/{school.classroom.pk}"
    end = timezone.now() + timedelta(hours=1)
    first = client.post(f"{path}/join-code", {"expires_at": end.isoformat()}).json()
    rules = client.get(f"{path}/join-rules").json()
    assert rules["expires_at"].startswith(end.isoformat()[:19])
    past = client.post(f"{path}/join-code", {"expires_at": "2020-01-01T00:00:00Z"})
    assert past.status_code == 400
    JoinRules.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    second = client.post(f"{path}/join-code").json()
    assert second["join_code"] != first["join_code"]
    assert client.get(f"{path}/join-rules").json()["expires_at"] is None
    assert api_as(UserFactory()).post(JOIN, {"join_code": second["join_code"]}).status_code == 200


def test_who_sees_and_changes_the_rules(school: School) -> None:
    path = f"{CLASSROOMS}/{school.classroom.pk}/join-rules"
    default = {"enabled": True, "expires_at": None, "requires_approval": False}
    for name, expected in (
        ("admin", 200),
        ("teacher", 200),
        ("co_teacher", 200),
        ("assistant", 403),
        ("student", 403),
        ("outsider", 404),
        ("other_teacher", 404),
    ):
        client = api_as(school.person(name))
        assert client.get(path).status_code == expected, name
        assert client.patch(path, {"enabled": True}).status_code == expected, name
    client = api_as(school.teacher)
    assert client.get(path).json() == default
    changed = client.patch(path, {"requires_approval": True}).json()
    assert changed == {**default, "requires_approval": True}
    for body in ({"enabled": None}, {"expires_at": "2020-01-01T00:00:00Z"}, {"open": True}):
        assert client.patch(path, body).status_code == 400
    assert client.get(path).json() == changed


# --- Guessing ---


@pytest.mark.parametrize(
    ("rate", "addresses"),
    [("join_misses", ["192.0.2.1"]), ("join_misses_all", ["192.0.2.2", "192.0.2.3", "192.0.2.4"])],
)
def test_misses_lock_out_who_has_missed_and_nobody_else(
    school: School,
    rate: str,
    addresses: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(limits.RATE_LIMITS, rate, 3)
    code = school.classroom.join_code or ""
    for _ in range(5):  # right codes cost nothing
        services.classroom_join(user=UserFactory(), join_code=code, address=addresses[0])
    guessers = UserFactory.create_batch(3)
    for number, guesser in enumerate(guessers):
        where = addresses[number % len(addresses)]
        with pytest.raises(NotFound):
            services.classroom_join(user=guesser, join_code="WRONG234", address=where)
    assert ("3 wrong join codes" in caplog.text) == (rate == "join_misses_all")
    for guesser in guessers:  # a right guess is not answered either, wherever it is from
        for where in (addresses[0], "192.0.2.9"):
            if rate == "join_misses" and where != addresses[0]:
                continue
            with pytest.raises(RateLimitExceeded):
                services.classroom_join(user=guesser, join_code=code, address=where)
    with pytest.raises(RateLimitExceeded):
        services.classroom_join(user=UserFactory(), join_code="WRONG234", address=addresses[0])
    honest = UserFactory()
    where = addresses[0] if rate == "join_misses" else "192.0.2.8"
    assert services.classroom_join(user=honest, join_code=code, address=where)
    if rate == "join_misses_all":  # from where somebody missed nobody new guesses on
        with pytest.raises(RateLimitExceeded):
            services.classroom_join(user=UserFactory(), join_code=code, address=addresses[1])


def test_the_api_counts_misses_by_address(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.RATE_LIMITS, "join_misses", 2)
    guesser, code = api_as(UserFactory()), school.classroom.join_code
    assert [guesser.post(JOIN, {"join_code": "WRONG234"}).status_code for _ in "ab"] == [404, 404]
    response = guesser.post(JOIN, {"join_code": code})
    assert (response.status_code, int(response["Retry-After"]) > 0) == (429, True)
    assert api_as(UserFactory()).post(JOIN, {"join_code": "WRONG234"}).status_code == 429
    assert api_as(UserFactory()).post(JOIN, {"join_code": code}).status_code == 200


# --- Races ---


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["archived", "new code", "switched off"])
def test_who_joins_while_the_class_changes_does_not_get_in(change: str) -> None:
    classroom, user = ClassroomFactory(), UserFactory()
    code, teacher = classroom.join_code or "", classroom.teacher

    def join() -> object:
        try:
            return services.classroom_join(user=user, join_code=code)
        except NotFound as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            if change == "archived":
                services.classroom_update(actor=teacher, classroom=classroom, is_active=False)
            elif change == "new code":
                services.join_code_regenerate(actor=teacher, classroom=classroom)
            else:
                services.join_rules_update(actor=teacher, classroom=classroom, enabled=False)
            joining = threads.submit(join)
            with pytest.raises(TimeoutError):
                joining.result(timeout=0.5)  # it waits for what the change comes to
        assert isinstance(joining.result(timeout=10), NotFound)
    assert not classroom.members.exists()
