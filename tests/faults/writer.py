"""Writes events from eight threads and says of each what became of it: run as a process.

    python -m tests.faults.writer COUNT

Lines: `kept ID` once a write has returned, `refused ID` when it raised StoreUnavailable.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID, uuid5

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import close_old_connections  # noqa: E402

from analytics.stores.events.base import Event  # noqa: E402
from config.errors import StoreUnavailable  # noqa: E402
from config.stores import stores  # noqa: E402

THREADS = 8
NAMESPACE = UUID(int=1)


def write(number: int) -> None:
    """One write, as a request does it: with a connection that is looked at before and after."""
    event_id = uuid5(NAMESPACE, str(number))
    moment = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    try:
        stores["events"].add([Event(event_id, moment, "page_view", None, {"page": "/"})])
        outcome = "kept"
    except StoreUnavailable:
        outcome = "refused"
    finally:
        close_old_connections()
    # Not by sys.stdout, which loses lines when several threads write.
    os.write(sys.stdout.fileno(), f"{outcome} {event_id}\n".encode())


if __name__ == "__main__":
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(write, range(int(sys.argv[1]))))
