"""How fast the stores are on their engines, beside the engines' bare drivers.

    python bench/stores.py [--json] [--engine NAME] [--store NAME] [--repeats N] [--count N]
    python bench/stores.py --copy [--json] [--engine NAME] [--store NAME] [--copy-rows N,N]

PostgreSQL is started for this in a temporary folder. MongoDB, Cassandra and Qdrant are those of
MONGODB_URL, CASSANDRA_URL and QDRANT_URL, else those of `make engines`; without a server Qdrant is
its client's local mode, and the others are left out. Databases there are this command's own.

With --copy it is `manage.py copy_store` that is measured: its memory for few and for many records.

With --json stdout is one JSON list of rows; everything else goes to stderr. Exit code 2: the input
can't be used, and one line says why.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import NoReturn

# Started as a file, Python looks for modules in this very folder, whose names are others'.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from bench.platform import embedded_platform
from bench.store_engines import ENGINES, StoreEngine, opened_engine, take_addresses
from bench.table import tables
from config.commands import EXIT_BAD_INPUT, EXIT_FAILED
from config.embedded.errors import EmbeddedError
from config.errors import DomainError, NotFound, StoreUnavailable
from config.store_settings import EMBEDDED

Row = dict[str, object]

# By their names: their modules need the platform's models, so Django must have started.
_MEASURE_STORE = "bench.store_speed.measure_store"
_MEASURE_COPIES = "bench.store_copies.measure_copies"

REPEATS = 5
COUNT = 200
COPY_ENGINE, COPY_STORE = "mongodb", "activity_logs"
COPY_ROWS = (10_000, 1_000_000)


def main() -> None:
    options = parsed()
    try:
        # Whatever a library prints must not stand among the rows.
        with redirect_stdout(sys.stderr):
            addresses = take_addresses()
            with embedded_platform():
                rows = list(
                    copies(options, addresses) if options.copy else speeds(options, addresses)
                )
    except (StoreUnavailable, EmbeddedError) as error:
        fail(str(error), EXIT_FAILED)
    except (DomainError, ImproperlyConfigured) as error:
        fail(str(error), EXIT_BAD_INPUT)
    print(json.dumps(rows) if options.json else "\n".join(tables(rows)))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print the rows as one JSON list")
    parser.add_argument("--engine", choices=sorted(ENGINES), action="append")
    parser.add_argument("--store", choices=list(EMBEDDED), action="append")
    parser.add_argument(
        "--repeats",
        type=int,
        choices=range(1, 10),
        default=REPEATS,
        metavar="N",
        help=f"runs that a speed is taken from ({REPEATS})",
    )
    parser.add_argument(
        "--count",
        type=int,
        choices=range(1, 10_001),
        default=COUNT,
        metavar="N",
        help=f"single operations in a run ({COUNT})",
    )
    parser.add_argument("--copy", action="store_true", help="measure copy_store instead")
    parser.add_argument(
        "--copy-rows",
        type=numbers,
        default=COPY_ROWS,
        metavar="N,N",
        help=f"records that are copied ({','.join(map(str, COPY_ROWS))})",
    )
    return parser.parse_args()


def numbers(text: str) -> tuple[int, ...]:
    """`10000,1000000`"""
    return tuple(int(number) for number in text.split(","))


def fail(message: str, code: int) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)


def speeds(options: argparse.Namespace, addresses: dict[str, str]) -> Iterator[Row]:
    """The rows of every engine and store that were asked for."""
    measure: Callable[[StoreEngine, str, int, int], Iterator[Row]] = import_string(_MEASURE_STORE)
    wanted = options.store or list(EMBEDDED)
    for name in chosen(options.engine or list(ENGINES), addresses):
        with opened_engine(name, addresses[name]) as engine:
            held = [store for store in wanted if store in engine.configs]
            if not held:
                print(f"{name}: it never holds {' or '.join(wanted)}", file=sys.stderr)
            for store in held:
                print(f"{name}: {store}", file=sys.stderr)
                yield from measure(engine, store, options.repeats, options.count)


def copies(options: argparse.Namespace, addresses: dict[str, str]) -> Iterator[Row]:
    """The rows of copying out of the embedded engine."""
    measure: Callable[[StoreEngine, str, tuple[int, ...]], Iterator[Row]]
    measure = import_string(_MEASURE_COPIES)
    for name in chosen(options.engine or [COPY_ENGINE], addresses):
        with opened_engine(name, addresses[name]) as engine:
            for store in options.store or [COPY_STORE]:
                yield from measure(engine, store, options.copy_rows)


def chosen(wanted: list[str], addresses: dict[str, str]) -> list[str]:
    """The engines to measure; says which ones have no server."""
    missing = [name for name in wanted if name not in addresses]
    if missing == wanted:
        raise NotFound(f"no server of {' and none of '.join(missing)}: 'make engines'")
    for name in missing:
        print(f"{name}: no server, so it is left out", file=sys.stderr)
    return [name for name in wanted if name not in missing]


if __name__ == "__main__":
    main()
