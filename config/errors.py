"""The errors that services raise. Each carries its machine code and its HTTP status.

The API turns them into problem details (RFC 9457), the admin into a message, a command
into one line and an exit code. No other error is meant for a user's eyes.
"""

from collections.abc import Mapping

from config import limits


class DomainError(Exception):
    """Something that the caller can understand and usually mend.

    `retry_after`: seconds after which to try again, where that may help.
    """

    code = "error"
    status = 400
    title = "The request could not be carried out"
    retry_after: int | None = None

    def __init__(self, detail: str = "", *, code: str | None = None) -> None:
        self.detail = detail or self.title
        if code is not None:
            self.code = code
        super().__init__(self.detail)

    def __str__(self) -> str:
        return self.detail


class InvalidInput(DomainError):
    """The input breaks a rule; `errors` maps a field's name to what is wrong with it."""

    code = "invalid"
    title = "The input is not valid"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Mapping[str, list[str]] | None = None,
        code: str | None = None,
    ) -> None:
        self.errors = dict(errors or {})
        if not detail and self.errors:
            detail = "; ".join(f"{name}: {' '.join(why)}" for name, why in self.errors.items())
        super().__init__(detail, code=code)


class NotAllowed(DomainError):
    """The caller is known and may see the object, but may not do this to it."""

    code = "permission_denied"
    status = 403
    title = "You may not do this"


class NotFound(DomainError):
    """No such object, or none that the caller may know of."""

    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(DomainError):
    """The object's state does not allow this now."""

    code = "conflict"
    status = 409
    title = "The current state does not allow this"


class PreconditionFailed(DomainError):
    """The object is no longer what the caller's `If-Match` says."""

    code = "precondition_failed"
    status = 412
    title = "Somebody else has changed it meanwhile: read it again"


class IdempotencyKeyReused(DomainError):
    """An `Idempotency-Key` that another request has used."""

    code = "idempotency_key_reused"
    status = 422
    title = "This idempotency key belongs to another request"


class TooLarge(DomainError):
    """A file or a batch is over its limit."""

    code = "too_large"
    status = 413
    title = "Too large"


class RateLimitExceeded(DomainError):
    """More requests than the limit allows; `retry_after` is in seconds.

    `endpoint` is the name of the rate in `limits.RATE_LIMITS`.
    """

    code = "rate_limit_exceeded"
    status = 429
    title = "Too many requests"

    def __init__(
        self, detail: str = "", *, limit: int, retry_after: int, endpoint: str = "default"
    ) -> None:
        self.limit = limit
        self.retry_after = retry_after
        self.endpoint = endpoint
        super().__init__(detail or f"Too many requests: try again in {retry_after} seconds")


class StoreUnavailable(DomainError):
    """An engine that the request needs is down; `retry_after` is in seconds."""

    code = "store_unavailable"
    status = 503
    title = "A store is unavailable"
    retry_after = limits.RETRY_AFTER
