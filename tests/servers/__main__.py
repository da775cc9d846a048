"""`python -m tests.servers start`, `stop` and `status`: the servers of the contract tests."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from config.embedded.errors import EmbeddedError
from config.embedded.ports import LOOPBACK
from tests.servers.errors import Missing
from tests.servers.fleet import NAMES, Fleet

BASE = Path(__file__).resolve().parent.parent.parent / "var" / "servers"


def main(arguments: Sequence[str] | None = None, base: Path = BASE) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    start = commands.add_parser("start", help="install what is missing, start what does not run")
    start.add_argument("--only", nargs="+", metavar="NAME", default=NAMES, help=", ".join(NAMES))
    commands.add_parser("stop", help="end all of them")
    commands.add_parser("status", help="what runs; exit code 1 if one is down")
    options = parser.parse_args(arguments)
    fleet = Fleet(base)
    try:
        if options.what == "start":
            _refuse_unknown(options.only)
            fleet.start(options.only)
        elif options.what == "stop":
            fleet.stop()
        else:
            return _show(fleet)
    except EmbeddedError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2 if isinstance(error, Missing) else 1
    return 0


def _refuse_unknown(names: Sequence[str]) -> None:
    if unknown := [name for name in names if name not in NAMES]:
        raise Missing(f"no server {', '.join(unknown)}; there are {', '.join(NAMES)}")


def _show(fleet: Fleet) -> int:
    states = fleet.status()
    for state in states:
        address = f"{LOOPBACK}:{state.port}" if state.port else "-"
        pid, version = state.pid or "-", state.version or "-"
        up = "up" if state.up else "down"
        sys.stdout.write(f"{state.name:<11} {version:<8} {address:<16} pid {pid:<8} {up}\n")
    return 0 if all(state.up for state in states) else 1


if __name__ == "__main__":
    sys.exit(main())
