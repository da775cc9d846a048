"""ETags of rows, so that nobody overwrites what somebody else has changed meanwhile.

A GET of one object answers with its `ETag`. A change that sends it back as `If-Match` is done
only if the object is still the same, and refused with 412 otherwise; without `If-Match` the last
writer wins. While such a change runs the row is locked, so that two can't both find it unchanged.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.response import Response

from config.errors import PreconditionFailed

_SAFE = ("GET", "HEAD", "OPTIONS")


def rows_etag(rows: Iterable[models.Model | None]) -> str:
    """The strong ETag of what the columns of these rows hold.

    Keyed, because some columns are not for everyone's eyes: a plain hash could be guessed at.
    """
    columns = [
        [getattr(row, field.attname) for field in row._meta.concrete_fields] if row else None
        for row in rows
    ]
    text = json.dumps(columns, cls=DjangoJSONEncoder, default=str)
    return f'"{salted_hmac("lectern.etags", text, algorithm="sha256").hexdigest()[:32]}"'


def if_match_holds(header: str, etag: str) -> bool:
    """Whether `If-Match` names this ETag. A weak one never matches (RFC 9110, 13.1.1)."""
    wanted = [part.strip() for part in header.split(",")]
    return "*" in wanted or etag in wanted


class ConditionalMixin:
    """For viewsets of models: sends ETags, and heeds `If-Match` where one object is changed."""

    # The actions that answer with an ETag; a viewset with none does not heed `If-Match` either.
    etag_actions: tuple[str, ...] = ("retrieve", "partial_update")
    _checked = False

    def etag_rows(self, obj: Any) -> Iterable[models.Model | None]:
        """The rows whose columns make the object what it is; none for a caller who gets no ETag."""
        return (obj,)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if not self._heeds(request):
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        with transaction.atomic():  # the lock of get_object holds until the change is done
            response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response

    def get_object(self) -> Any:
        obj = super().get_object()  # type: ignore[misc]
        if self._heeds(self._request) and not self._checked:
            self._checked = True  # what an action reads again to show it has changed, by itself
            # No key changes, so rows that refer to it may come meanwhile. What was deleted a
            # moment ago is a 404 to the second look.
            rows = type(obj)._default_manager.select_for_update(no_key=True)
            rows.filter(pk=obj.pk).first()
            obj = super().get_object()  # type: ignore[misc] # as it is under the lock
            etag = rows_etag(self.etag_rows(obj))
            if not if_match_holds(self._request.headers["If-Match"], etag):
                raise PreconditionFailed()
        self._shown = obj
        return obj

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(  # type: ignore[misc]
            request, response, *args, **kwargs
        )
        shown = getattr(self, "_shown", None)
        done = isinstance(response, Response) and response.status_code == 200
        if shown is not None and done and getattr(self, "action", None) in self.etag_actions:
            if request.method not in _SAFE:  # as it was saved, if the caller still sees it
                shown = self.get_queryset().filter(pk=shown.pk).first()  # type: ignore[attr-defined]
            rows = tuple(self.etag_rows(shown)) if shown is not None else ()
            if rows:
                response["ETag"] = rows_etag(rows)
        return response

    def _heeds(self, request: Any) -> bool:
        return (
            bool(self.etag_actions)
            and request.method not in _SAFE
            and "If-Match" in request.headers
        )

    @property
    def _request(self) -> Request:
        found: Request = self.request  # type: ignore[attr-defined]
        return found
