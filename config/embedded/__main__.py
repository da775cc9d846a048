"""`python -m config.embedded run` (all of it) and `engines` (PostgreSQL and Redis alone)."""

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from config.embedded.console import Console
from config.embedded.errors import EmbeddedError
from config.embedded.launcher import PORT, Launcher
from config.embedded.ports import LOOPBACK

PROJECT = Path(__file__).resolve().parent.parent.parent
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    parser.add_argument("what", choices=["run", "engines"])
    parser.add_argument(
        "--stop-with-parent", action="store_true", help="end when the calling process has ended"
    )
    options = parser.parse_args()
    # Noted first: it may end while all is still starting.
    parent = os.getppid() if options.stop_with_parent else None
    console = Console()
    launcher = Launcher(PROJECT, Path(os.environ.get("LECTERN_VAR") or PROJECT / "var"), console)
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup stays in force
            signal.signal(number, _interrupt)
    try:
        if options.what == "run":
            launcher.run(parent)
        else:
            launcher.take_over()
            launcher.start_engines(f"http://{LOOPBACK}:{PORT}")
            console.say("manage.py reaches them from any terminal; Ctrl-C stops them")
            launcher.watch(parent)
    except KeyboardInterrupt:
        return 0
    except EmbeddedError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except OSError as error:  # another user's files, a full disk
        sys.stderr.write(f"error: {error.filename}: {error.strerror} (as user {os.geteuid()})\n")
        return 1
    finally:
        # From here on nothing may cut the stop short; it takes a bounded time.
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        launcher.stop()
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
