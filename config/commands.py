"""The one way in for management commands: a clear line instead of a traceback.

`manage.py` calls `run_command_line`. A domain error or an engine that is down ends the
command with one line on standard error. Exit codes: 1 for something that failed while
running (an engine is down), 2 for input that the operator can mend.
"""

import logging
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility
from django.db import DatabaseError, InterfaceError
from redis.exceptions import RedisError

from config.errors import DomainError, StoreUnavailable

EXIT_FAILED = 1
EXIT_BAD_INPUT = 2


def counted(number: int, thing: str) -> str:
    """A number with its thing, as "1 page" or "3 pages"."""
    return f"{number:d} {thing}{'s' * (number != 1)}"


def run_command_line(argv: list[str]) -> int:
    """Run a management command and return the exit code of the process."""
    # What is down is said once: by the command itself.
    logging.getLogger("config.connections").setLevel(logging.ERROR)
    try:
        ManagementUtility(argv).execute()
    except StoreUnavailable as error:
        return _say(str(error), EXIT_FAILED)
    except DomainError as error:
        return _say(str(error), EXIT_BAD_INPUT)
    except ImproperlyConfigured as error:
        return _say(f"settings: {error}", EXIT_BAD_INPUT)
    except (DatabaseError, InterfaceError) as error:
        return _say(f"PostgreSQL: {_first_line(error)}", EXIT_FAILED)
    except RedisError as error:
        return _say(f"Redis: {_first_line(error)}", EXIT_FAILED)
    except KeyboardInterrupt:
        return _say("interrupted", 130)
    return 0


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"error: {message}\n")
    return code


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", 1)[0] or type(error).__name__
