"""How fast a store is on an engine, beside the engine's bare driver on the same server."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, islice
from statistics import median
from typing import Any

from bench.store_cases.base import Side
from bench.store_cases.platform import PlatformSide, plain
from bench.store_cases.records import BATCH, batches, singles
from bench.store_engines import StoreEngine
from bench.turns import in_turn, seconds

Row = dict[str, object]

WRITE, READ, WRITE_BATCH = "single write", "single read", f"batch of {BATCH}"
GOAL = 0.8
# Which of the events are new, Cassandra has to be asked before they are written.
EVENTS_GOAL = 0.7


def measure_store(engine: StoreEngine, name: str, repeats: int, count: int) -> Iterator[Row]:
    """A row for each operation: medians of `repeats` runs.

    Each run has `count` single operations of both sides, or the batches that make about as many
    records as BATCH of them; the two take turns operation by operation.
    """
    store = engine.open(name)
    ours, bare = PlatformSide(name, store), engine.side(name)
    fresh, together = singles(name), batches(name)
    there = list(islice(fresh, max(count, BATCH)))
    for first in range(0, len(there), BATCH):
        ours.write_batch(there[first : first + BATCH])
    _check(ours, bare, [there[-1], *islice(fresh, 1)], next(together))
    known = cycle(there)
    operations: list[tuple[str, Iterator[Any], Callable[[Side[Any], Any], object], int]] = [
        (WRITE, fresh, lambda side, record: side.write(record), count),
        (READ, known, lambda side, record: side.read(record), count),
        (
            WRITE_BATCH,
            together,
            lambda side, records: side.write_batch(records),
            max(1, count // 20),
        ),
    ]
    for operation, given, work, times in operations:
        goal = _goal(store.engine, name, operation)
        per_call = BATCH if operation == WRITE_BATCH else 1
        rates = [
            tuple(per_call * rate for rate in _run(ours, bare, given, work, times))
            for _ in range(repeats)
        ]
        ratio = round(median(one / other for one, other in rates), 3)
        yield {
            "store": name,
            "engine": store.engine,
            "operation": operation,
            "per_s": round(median(one for one, _ in rates), 1),
            "raw_per_s": round(median(other for _, other in rates), 1),
            "ratio": ratio,
            "goal": goal,
            "met": None if goal is None else ratio >= goal,
        }


def _run(
    ours: Side[Any],
    bare: Side[Any],
    given: Iterator[Any],
    work: Callable[[Side[Any], Any], object],
    times: int,
) -> tuple[float, float]:
    """Operations per second of the platform and of the bare driver.

    Those of the middle operation: where somebody else had the processor, that is nobody's.
    """
    ours_seconds: list[float] = []
    bare_seconds: list[float] = []
    for number in range(times):
        for side, taken in in_turn((ours, ours_seconds), (bare, bare_seconds), number):
            taken.append(seconds(partial(work, side, next(given))))
    return 1 / median(ours_seconds), 1 / median(bare_seconds)


def _check(ours: Side[Any], bare: Side[Any], records: Sequence[Any], batch: Sequence[Any]) -> None:
    """Both sides must have read and written the same; it warms them up too."""
    bare.write(records[-1])
    bare.write_batch(batch)
    for record in [*records, batch[0]]:
        found, expected = ours.read(record), bare.read(record)
        if not found or plain(found) != plain(expected):
            raise RuntimeError(f"the platform has read {found}, and the driver {expected}")


def _goal(engine: str, name: str, operation: str) -> float | None:
    if operation == WRITE:
        return None
    return (
        EVENTS_GOAL if (engine, name, operation) == ("cassandra", "events", WRITE_BATCH) else GOAL
    )
