"""What a worker does with an error that nobody has thought of.

Work that was left behind comes again after a minute. That is right while an engine is down, and
wrong for a bug, of ours or a library's: the same file would fail for ever, and keep what stands
behind it waiting.
"""

import logging

from django.db import InterfaceError, OperationalError
from redis.exceptions import RedisError

from config import limits
from config.errors import DomainError, StoreUnavailable

# An engine is down: the same work succeeds later.
OUTAGES = (StoreUnavailable, OperationalError, InterfaceError, RedisError)

logger = logging.getLogger(__name__)


class Unexpected(DomainError):
    """A bug: the log has its traceback."""

    code = "unexpected"
    title = "It could not be read, for a reason that nobody expected: the server's log has it"


class TookTooLong(DomainError):
    """The worker's time for one task has passed."""

    code = "time_limit"
    title = f"It could not be read within {limits.TASK_SECONDS // 60} minutes"


def unexpected(error: Exception, what: str) -> Unexpected:
    """Log `error` with its traceback; returns what the row of `what` tells people."""
    logger.error("reading %s failed unexpectedly", what, exc_info=error)
    return Unexpected()
