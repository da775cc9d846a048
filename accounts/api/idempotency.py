"""`Idempotency-Key`: a creation that is sent twice is done once.

A client that got no answer sends the same request with the same key again. The answer is kept
in the transaction of what the request did, so that there is either both or neither; a second
request that comes while the first is under way waits for it, at the key's unique index. Only
what succeeded is kept: after an error the same key may try again. Who has lost the right to see
what was made gets no answer out of the store either.
"""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import QueryDict
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotencyKey, User
from config import limits
from config.errors import IdempotencyKeyReused, InvalidInput, NotFound

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"

Method = TypeVar("Method", bound=Callable[..., Response])


def idempotent(method: Method) -> Method:
    """Let a view's method be sent twice with one `Idempotency-Key`; the caller is signed in.

    A view whose answers must not outlive what they are from has two methods: `kept(data)` gives
    what is kept of an answer, `replayed(kept)` the answer again, as it can be shown then.
    """

    @wraps(method)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return method(view, request, *args, **kwargs)
        _check(key)
        with transaction.atomic():
            row, kept = _claim(request, key)
            if kept:
                _still_sees(view, kwargs, row.body)
                body = _hook(view, "replayed")(row.body)
                return Response(body, status=row.status, headers={REPLAYED: "true"})
            response = method(view, request, *args, **kwargs)
            if response.status_code >= 400:  # most errors are raised, and roll back by themselves
                transaction.set_rollback(True)
                return response
            row.status = response.status_code
            kept_data = _hook(view, "kept")(response.data)
            row.body = json.loads(JSONRenderer().render(kept_data) or b"null")
            row.save(update_fields=["status", "body"])
            return response

    wrapper.idempotent = True  # type: ignore[attr-defined] # for the OpenAPI document
    return cast(Method, wrapper)


def _hook(view: Any, name: str) -> Callable[[Any], Any]:
    """A method that the view may have; else what is given is what comes back."""
    return cast(Callable[[Any], Any], getattr(view, name, None) or (lambda given: given))


def _still_sees(view: Any, kwargs: dict[str, Any], body: Any) -> None:
    """Raise NotFound if what was made, or what it was made in, is gone from the caller's eyes."""
    if kwargs:
        view.get_object()
        return
    made = _made(view, body) if isinstance(body, dict) else []
    if made and not view.get_queryset().filter(pk__in=made).exists():
        raise NotFound()


def _made(view: Any, body: dict[str, Any]) -> list[Any]:
    """The ids of what was made: the answer's own, and those in the lists that the view names."""
    listed = (item for name in getattr(view, "made_lists", ()) for item in body.get(name, ()))
    return [item["id"] for item in (body, *listed) if item.get("id") is not None]


def _check(key: str) -> None:
    if not (0 < len(key) <= limits.IDEMPOTENCY_KEY_MAX and key.isascii() and key.isprintable()):
        raise InvalidInput(
            errors={HEADER: [f"One to {limits.IDEMPOTENCY_KEY_MAX} printable ASCII characters."]}
        )


def _claim(request: Request, key: str) -> tuple[IdempotencyKey, bool]:
    """The row of this key, and whether it holds an answer already."""
    digest, user = _digest(request), cast(User, request.user)
    row = IdempotencyKey(user=user, key=key, request_sha256=digest, status=0)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
        return row, False
    except IntegrityError:
        row = IdempotencyKey.objects.get(user=user, key=key)
    if row.request_sha256 != digest:
        raise IdempotencyKeyReused()
    return row, True


def _digest(request: Request) -> str:
    """SHA-256 of method, path and body. Of an uploaded file: its name and what is in it."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data: Any = request.data
    if isinstance(data, QueryDict):
        for name in sorted(data):
            for value in data.getlist(name):
                _add(digest, name, value)
    else:
        digest.update(json.dumps(data, sort_keys=True).encode())
    return digest.hexdigest()


def _add(digest: Any, name: str, value: Any) -> None:
    if not isinstance(value, UploadedFile):
        digest.update(json.dumps([name, value]).encode())
        return
    digest.update(json.dumps([name, value.name, value.size]).encode())
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
