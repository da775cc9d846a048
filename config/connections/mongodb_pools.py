"""What happens in the pools of a MongoDB client, counted from the driver's own events."""

import threading
from dataclasses import dataclass, field

from pymongo import monitoring

from config.connections.base import PoolState


@dataclass(slots=True)
class _Counts:
    size: int = 0
    in_use: int = 0
    waiting: int = 0
    waits: int = 0
    wait_seconds: float = 0.0
    ready: set[int] = field(default_factory=set)  # the numbers of those that can be used

    @property
    def free(self) -> int:
        """How many connections nobody uses or is about to get."""
        return len(self.ready) - self.in_use - self.waiting


class PoolWatch(monitoring.ConnectionPoolListener):
    """Counts by server; who finds no idle connection waits, for another's or for a new one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, int | None], _Counts] = {}
        self._here = threading.local()  # whether this thread waits

    def states(self, limit: int | None) -> list[PoolState]:
        """Every pool at this moment; `limit` is what each may open."""
        with self._lock:
            return [
                PoolState(
                    pool=f"{host}:{port}" if port else host,
                    size=counts.size,
                    in_use=counts.in_use,
                    limit=limit,
                    waiting=counts.waiting,
                    waits=counts.waits,
                    wait_seconds=counts.wait_seconds,
                )
                for (host, port), counts in self._pools.items()
            ]

    def pool_created(self, event: monitoring.PoolCreatedEvent) -> None:
        with self._lock:
            self._pools.setdefault(event.address, _Counts())

    def pool_closed(self, event: monitoring.PoolClosedEvent) -> None:
        with self._lock:
            self._pools.pop(event.address, None)

    def connection_created(self, event: monitoring.ConnectionCreatedEvent) -> None:
        with self._lock:
            self._of(event).size += 1

    def connection_closed(self, event: monitoring.ConnectionClosedEvent) -> None:
        with self._lock:
            counts = self._of(event)
            counts.size -= 1
            counts.ready.discard(event.connection_id)

    def connection_check_out_started(
        self, event: monitoring.ConnectionCheckOutStartedEvent
    ) -> None:
        with self._lock:
            counts = self._of(event)
            self._here.waits = counts.free <= 0
            counts.waiting += self._here.waits

    def connection_checked_out(self, event: monitoring.ConnectionCheckedOutEvent) -> None:
        with self._lock:
            self._of(event).in_use += 1
            self._end_wait(event)

    def connection_check_out_failed(self, event: monitoring.ConnectionCheckOutFailedEvent) -> None:
        with self._lock:
            self._end_wait(event)

    def connection_checked_in(self, event: monitoring.ConnectionCheckedInEvent) -> None:
        with self._lock:
            self._of(event).in_use -= 1

    def pool_ready(self, event: monitoring.PoolReadyEvent) -> None:
        """Nothing to count."""

    def pool_cleared(self, event: monitoring.PoolClearedEvent) -> None:
        """Nothing to count: every connection is closed with an event of its own."""

    def connection_ready(self, event: monitoring.ConnectionReadyEvent) -> None:
        with self._lock:
            self._of(event).ready.add(event.connection_id)

    def _of(self, event: monitoring._ConnectionEvent) -> _Counts:
        # A connection may be closed after its pool.
        return self._pools.get(event.address) or _Counts()

    def _end_wait(self, event: monitoring._ConnectionDurationEvent) -> None:
        if self._here.waits:
            counts = self._of(event)
            counts.waiting -= 1
            counts.waits += 1
            counts.wait_seconds += event.duration or 0.0
