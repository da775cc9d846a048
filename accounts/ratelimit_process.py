"""What counts requests while Redis is down: counters of this process, and when to ask again."""

import logging
import math
import threading
import time
from collections import OrderedDict

from django.conf import settings

from config import limits

logger = logging.getLogger(__name__)


class Outage:
    """Whether Redis is down, logged when it begins and when it ends. Safe for threads.

    A Redis that hangs answers nobody for RATE_LIMIT_TIMEOUT; with the pause between two tries
    only few requests wait for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0
        self._server = ""

    def pausing(self) -> bool:
        """Whether it failed less than RATE_LIMIT_PAUSE seconds ago."""
        return self._until > time.monotonic() and self._server == _server()

    def noticed(self, error: Exception) -> None:
        """A call failed."""
        with self._lock:
            begins = self._server != _server()
            self._server = _server()
            self._until = time.monotonic() + limits.RATE_LIMIT_PAUSE
        if begins:
            logger.warning("Redis is down, this process counts requests itself: %s", error)

    def ended(self) -> None:
        """A call was answered."""
        if not self._server:
            return
        with self._lock:
            was_down, self._server = self._server == _server(), ""
        if was_down:
            logger.warning("Redis is back, requests are counted there")


def _server() -> str:
    return str(settings.CACHES["default"]["LOCATION"])


class ProcessCounters:
    """Counters with a fixed window each, at most RATE_LIMIT_COUNTERS. Safe for threads.

    All windows have one length, so they end in the order in which they began: the first is
    always the next to go, and when there are too many it goes before its time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counters: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counters)

    def count(self, key: str, by: int) -> tuple[int, int]:
        """The count after adding `by`, and the seconds (rounded up) until its window ends."""
        now = time.monotonic()
        with self._lock:
            while self._counters:
                first, (end, _) = next(iter(self._counters.items()))
                if end > now:
                    break
                del self._counters[first]
            end, count = self._counters.get(key, (now + limits.RATE_LIMIT_WINDOW, 0))
            count += by
            if by:
                self._counters[key] = (end, count)
                if len(self._counters) > limits.RATE_LIMIT_COUNTERS:
                    self._counters.popitem(last=False)
        return count, math.ceil(end - now)
