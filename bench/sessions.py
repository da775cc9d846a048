"""How fast sessions and rate limits are, beside the bare round trips that they need.

    python bench/sessions.py [--json] [--repeats N] [--count N]

PostgreSQL and Redis are started for this in a temporary folder. Bare is redis-py, with a script
that does no more than it must; Django's own engine is `backends.cache` on django-redis. All of a
row are measured in one run, in turns.

With --json stdout is one JSON list of rows; everything else goes to stderr. Exit code 1: an engine
does not start.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import NoReturn

# Started as a file, Python looks for modules in this very folder, whose names are others'.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.utils.module_loading import import_string

from bench.platform import embedded_platform
from bench.table import tables
from bench.turns import in_turn, seconds
from config.commands import EXIT_FAILED
from config.embedded.errors import EmbeddedError

Row = dict[str, object]
Work = Callable[[], object]

# By its name: its module needs the platform's models, so Django must have started.
_PAIRS = "bench.session_pairs.pairs"

REPEATS = 9
COUNT = 1000


def main() -> None:
    options = parsed()
    try:
        # Whatever a library prints must not stand among the rows.
        with redirect_stdout(sys.stderr), embedded_platform():
            rows = list(measured(options.repeats, options.count))
    except EmbeddedError as error:
        fail(str(error), EXIT_FAILED)
    print(json.dumps(rows) if options.json else "\n".join(tables(rows)))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print the rows as one JSON list")
    parser.add_argument(
        "--repeats",
        type=int,
        choices=range(1, 100),
        default=REPEATS,
        metavar="N",
        help=f"runs that a time is the median of ({REPEATS})",
    )
    parser.add_argument(
        "--count",
        type=int,
        choices=range(1, 100_001),
        default=COUNT,
        metavar="N",
        help=f"operations in a run ({COUNT})",
    )
    return parser.parse_args()


def fail(message: str, code: int) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)


def measured(repeats: int, count: int) -> Iterator[Row]:
    """A row for each pair of works: ours, and what it is measured by."""
    pairs: Callable[[], Iterator[tuple[str, str, float, Work, Work]]] = import_string(_PAIRS)
    for operation, baseline, goal, ours, other in pairs():
        ours(), other()  # scripts are known, connections are open
        times: dict[Work, list[float]] = {ours: [], other: []}
        for turn in range(repeats):
            for work in in_turn(ours, other, turn):
                times[work].append(seconds(partial(_often, work, count)) / count)
        mine, theirs = statistics.median(times[ours]), statistics.median(times[other])
        ratios = [a / b for a, b in zip(times[ours], times[other], strict=True)]
        ratio = round(statistics.median(ratios), 2)
        yield {
            "operation": operation,
            "measure": baseline,
            "us": round(mine * 1e6, 1),
            "baseline_us": round(theirs * 1e6, 1),
            "ratio": ratio,
            "goal": goal,
            "met": ratio <= goal,
        }


def _often(work: Work, count: int) -> None:
    for _ in range(count):
        work()


if __name__ == "__main__":
    main()
