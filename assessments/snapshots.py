"""The pictures of proctored attempts: what is taken, and how it is opened.

A picture has no address of its own. `accounts.files` signs a link for one teacher, and
following it comes back to `snapshot_open`, which asks again whether they may see it.
"""

import warnings
from io import BytesIO
from uuid import UUID

from PIL import Image, UnidentifiedImageError

from accounts.files import PrivateFile
from accounts.models import User
from assessments.models import ProctorSnapshot
from config import limits
from config.errors import InvalidInput, NotFound, TooLarge

FILE_KIND = "proctor_snapshot"
_EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}
_URL_PREFIX = "private://proctor-snapshots/"


def image_extension(content: bytes) -> str:
    """The extension of a picture that really is PNG, JPEG or WebP and can be decoded.

    TooLarge over SNAPSHOT_MAX_BYTES; InvalidInput for anything that is not such a picture,
    is cut off, or is over SNAPSHOT_MAX_SIDE pixels wide or high (asked before decoding).
    """
    if len(content) > limits.SNAPSHOT_MAX_BYTES:
        raise TooLarge(f"A picture has at most {limits.SNAPSHOT_MAX_BYTES} bytes.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=tuple(_EXTENSIONS)) as image:
                if max(image.size) > limits.SNAPSHOT_MAX_SIDE:
                    raise _refused(f"at most {limits.SNAPSHOT_MAX_SIDE} pixels wide and high")
                image.load()
                return _EXTENSIONS[image.format or ""]
    except (UnidentifiedImageError, Image.DecompressionBombWarning):
        raise _refused("a PNG, JPEG or WebP picture") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise _refused("a whole picture: this one is damaged") from None


def snapshot_url(snapshot_id: UUID) -> str:
    """What a report keeps of a picture: a name, not an address."""
    return f"{_URL_PREFIX}{snapshot_id}"


def snapshot_id_of(image_url: str) -> UUID:
    """The picture that a report's `image_url` names."""
    return UUID(image_url.removeprefix(_URL_PREFIX))


def snapshot_open(user: User, snapshot_id: UUID) -> PrivateFile:
    """Open a picture for someone who runs the class; NotFound for anybody else."""
    snapshot = ProctorSnapshot.objects.select_related(
        "session__attempt__assessment__classroom"
    ).filter(pk=snapshot_id)
    found = snapshot.first()
    if found is None or not user.has_perm("assessments.view_proctorsnapshot", found):
        raise NotFound()
    try:
        content = found.image.open("rb")
    except FileNotFoundError:
        raise NotFound("The picture's file is gone.") from None
    return PrivateFile(content=content, filename=str(found.image.name).rpartition("/")[2])


def _refused(wanted: str) -> InvalidInput:
    return InvalidInput(errors={"image": [f"Send {wanted}."]})
