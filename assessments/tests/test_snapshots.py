"""Pictures of proctored attempts: what is taken, and who may open them."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from accounts.files import file_link
from accounts.models import User
from assessments import services
from assessments.models import ProctorSession, ProctorSnapshot
from assessments.snapshots import FILE_KIND
from assessments.tests.factories import picture
from config import limits
from config.errors import InvalidInput, TooLarge

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_get_random_names_and_are_private(session: ProctorSession, kind: str) -> None:
    snapshot = services.snapshot_add(
        user=session.attempt.user, session=session, content=picture(kind)
    )
    assert UUID(snapshot.image.name.removeprefix("proctoring/").partition(".")[0])
    assert Path(snapshot.image.path).stat().st_mode & 0o077 == 0


def test_only_the_teacher_s_link_opens_a_picture(session: ProctorSession, client: Any) -> None:
    snapshot = services.snapshot_add(user=session.attempt.user, session=session, content=picture())
    teacher = session.classroom.teacher

    def follow(made_for: User, signed_in: User) -> Any:
        client.force_login(signed_in)
        link = file_link(
            kind=FILE_KIND, object_id=snapshot.pk, filename=str(snapshot.pk), user=made_for
        )
        return client.get(link)

    opened = follow(teacher, teacher)
    assert (opened.status_code, opened["Content-Type"]) == (200, "image/png")
    assert b"".join(opened.streaming_content) == picture()
    student = session.attempt.user
    assert follow(student, student).status_code == 404
    assert follow(teacher, student).status_code == 403
    default_storage.delete(snapshot.image.name)
    assert follow(teacher, teacher).status_code == 404


def big() -> bytes:
    return picture(size=(limits.SNAPSHOT_MAX_SIDE + 1, 1))


def gif() -> bytes:
    content = BytesIO()
    Image.new("RGB", (8, 8)).save(content, "GIF")
    return content.getvalue()


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: b"", InvalidInput),
        (lambda: b"<script>alert(1)</script>", InvalidInput),
        (lambda: picture("JPEG", (64, 64))[:300], InvalidInput),
        (lambda: picture("PNG", (64, 64))[:-30], InvalidInput),
        (gif, InvalidInput),
        (big, InvalidInput),
        (lambda: picture() + b"x" * limits.SNAPSHOT_MAX_BYTES, TooLarge),
    ],
)
def test_what_is_no_picture_is_refused(
    session: ProctorSession, make: Callable[[], bytes], error: type[Exception]
) -> None:
    with pytest.raises(error):
        services.snapshot_add(user=session.attempt.user, session=session, content=make())
    assert not ProctorSnapshot.objects.exists()
