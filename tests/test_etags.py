"""Two people change the same thing: the second is told, and overwrites nothing."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.tests.clients import api_as
from assessments.models import Submission
from assessments.services import attempt_start, attempt_submit
from assessments.tests.factories import CHOICE, make_assessment, make_student
from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory
from progress.tests.factories import TopicFactory
from tests.matrix import ROWS
from tests.openapi import operations
from tests.scene import make_scene

API = "/api/v1"


def if_match(etag: str) -> dict[str, Any]:
    return {"headers": {"If-Match": etag}}


@pytest.mark.django_db
def test_the_second_writer_is_told() -> None:
    classroom = ClassroomFactory()
    api, path = api_as(classroom.teacher), f"{API}/classrooms/{classroom.pk}"
    read = api.get(path)["ETag"]
    first = api.patch(path, {"name": "First"}, **if_match(read))
    assert first.status_code == 200
    assert first["ETag"] not in ("", read)
    second = api.patch(path, {"name": "Second"}, **if_match(read))
    assert second.status_code == 412
    assert second.json()["code"] == "precondition_failed"
    assert second["Content-Type"] == "application/problem+json"
    assert Classroom.objects.get().name == "First"
    assert api.get(path)["ETag"] == first["ETag"]
    assert api.patch(path, {"name": "Third"}, **if_match(first["ETag"])).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("header", "status"),
    [("*", 200), ('"other", "nothing"', 412), ("", 412), ("W/{}", 412), ('"other", {}', 200)],
)
def test_what_the_header_may_say(header: str, status: int) -> None:
    classroom = ClassroomFactory()
    api, path = api_as(classroom.teacher), f"{API}/classrooms/{classroom.pk}"
    header = header.format(api.get(path)["ETag"])
    assert api.patch(path, {"name": "Changed"}, **if_match(header)).status_code == status


@pytest.mark.django_db
def test_without_the_header_the_last_writer_wins() -> None:
    classroom = ClassroomFactory()
    api, path = api_as(classroom.teacher), f"{API}/classrooms/{classroom.pk}"
    for name in ("First", "Second"):
        assert api.patch(path, {"name": name}).status_code == 200
    assert Classroom.objects.get().name == "Second"


@pytest.mark.django_db
def test_deleting_heeds_it_too() -> None:
    topic = TopicFactory()
    api, path = api_as(topic.created_by), f"{API}/topics/{topic.pk}"
    old = api.get(path)["ETag"]
    api.patch(path, {"name": "Changed"})
    admin = api_as(make_scene().school.admin)
    assert admin.delete(path, **if_match(old)).status_code == 412
    assert admin.delete(path, **if_match(admin.get(path)["ETag"])).status_code == 204


@pytest.mark.django_db
def test_what_is_deleted_before_the_lock_is_a_404() -> None:
    classroom = ClassroomFactory()
    api, path = api_as(classroom.teacher), f"{API}/classrooms/{classroom.pk}"
    etag = api.get(path)["ETag"]

    def delete_first(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "FOR NO KEY UPDATE" in sql:
            context["cursor"].execute("DELETE FROM classrooms WHERE id = %s", [classroom.pk])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(delete_first):
        assert api.patch(path, {"name": "Late"}, **if_match(etag)).status_code == 404


@pytest.mark.django_db
def test_an_error_under_the_lock_changes_nothing() -> None:
    classroom = ClassroomFactory()
    api, path = api_as(classroom.teacher), f"{API}/classrooms/{classroom.pk}"
    etag = api.get(path)["ETag"]
    assert api.patch(path, {"name": ""}, **if_match(etag)).status_code == 400
    assert api.get(path)["ETag"] == etag


@pytest.mark.django_db
def test_two_who_grade_one_submission() -> None:
    assessment = make_assessment(classroom=ClassroomFactory(), questions=(CHOICE,))
    student = make_student(assessment.classroom)
    attempt_submit(user=student, attempt=attempt_start(user=student, assessment=assessment))
    path = f"{API}/submissions/{Submission.objects.get().pk}"
    api = api_as(assessment.classroom.teacher)
    read = api.get(path)["ETag"]
    graded = api.post(f"{path}/grade", {"feedback": "Good."}, **if_match(read))
    assert graded.status_code == 200
    assert api.post(f"{path}/grade", {"feedback": "Bad."}, **if_match(read)).status_code == 412
    assert api.get(path)["ETag"] == graded["ETag"] != read
    # What a student reads does not tell that somebody grades.
    assert "ETag" not in api_as(student).get(path)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_one_changes_it() -> None:
    classroom = ClassroomFactory()
    path = f"{API}/classrooms/{classroom.pk}"
    etag = api_as(classroom.teacher).get(path)["ETag"]

    def change(number: int) -> int:
        try:
            api = api_as(classroom.teacher)
            return api.patch(path, {"name": f"Writer {number}"}, **if_match(etag)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(change, range(8)))
    assert answers == [200] + [412] * 7


@pytest.mark.django_db
def test_whatever_documents_if_match_heeds_it() -> None:
    scene = make_scene()
    tried = 0
    for method, path, operation in operations():
        named = [item.get("name") for item in operation.get("parameters", ())]
        if "If-Match" not in named:
            continue
        assert "412" in operation["responses"], (method, path)
        row = ROWS[f"{method} {path.removeprefix('/api/v1/')}"]
        url = path.replace("{id}", str(scene.ids[row.target]))
        body = row.body(scene) if row.body else None
        response = getattr(api_as(scene.school.teacher), method.lower())(
            url, body, format=row.format, **if_match('"stale"')
        )
        # A link of a topic is the one thing here that the teacher may not see.
        assert response.status_code in (412, 404), (method, path, response.content)
        tried += response.status_code == 412
    assert tried > 15
