"""Private files: no file has an address of its own, only links that are signed and short-lived.

A link names the kind of file, the object and the user it was made for. Following it needs
that user's session, and the app that owns the file checks again that they may have it, so
a link in the wrong hands, or of a student who has left the class, opens nothing.
"""

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.text import get_valid_filename
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from config import limits
from config.errors import DomainError
from config.problems import describe, problem, problem_response

_SALT = "lectern.files"
# What a browser shows by itself without running it in our origin; all else is downloaded.
_INLINE = ("application/pdf", "text/plain", "text/vtt", "image/png", "image/jpeg", "image/webp")
_INLINE_FAMILIES = ("audio/", "video/")


@dataclass(frozen=True)
class PrivateFile:
    """An open file and the name to save it under."""

    content: IO[bytes] | Any
    filename: str


Opener = Callable[[User, UUID], PrivateFile]
_openers: dict[str, Opener] = {}


def register_file_kind(kind: str, opener: Opener) -> None:
    """Let `opener(user, object_id)` open files of a kind.

    It raises NotFound or NotAllowed when the user may not have the file.
    """
    _openers[kind] = opener


def file_link(*, kind: str, object_id: UUID, filename: str, user: User) -> str:
    """A path that opens the file for this user for FILE_LINK_TTL seconds."""
    if kind not in _openers:
        raise LookupError(f"no opener for files of kind {kind!r}")
    token = signing.dumps([kind, str(object_id), str(user.pk)], salt=_SALT, compress=True)
    try:
        name = get_valid_filename(filename)
    except SuspiciousFileOperation:  # nothing of the name is left
        name = kind
    return reverse("private-file", kwargs={"token": token, "filename": name})


@never_cache
@require_safe
def private_file(request: HttpRequest, token: str, filename: str) -> HttpResponseBase:
    """Open the file of a signed link."""
    if not request.user.is_authenticated:
        return problem_response(problem(401, "Not signed in", "not_authenticated"))
    try:
        kind, object_id, user_id = signing.loads(token, salt=_SALT, max_age=limits.FILE_LINK_TTL)
    except signing.SignatureExpired:
        return problem_response(problem(410, "This link has expired", "link_expired"))
    except signing.BadSignature:
        return problem_response(problem(404, "Not found", "not_found"))
    if user_id != str(request.user.pk):
        return problem_response(problem(403, "This link is someone else's", "permission_denied"))
    try:
        opened = _openers[kind](request.user, UUID(object_id))
    except DomainError as error:
        found = describe(error)
        assert found is not None
        return problem_response(*found)
    return _serve(opened)


def _serve(opened: PrivateFile) -> FileResponse:
    content_type = mimetypes.guess_type(opened.filename)[0] or "application/octet-stream"
    inline = content_type in _INLINE or content_type.startswith(_INLINE_FAMILIES)
    response = FileResponse(
        opened.content,
        as_attachment=not inline,
        filename=opened.filename,
        content_type=content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; media-src 'self'; sandbox"
    return response
