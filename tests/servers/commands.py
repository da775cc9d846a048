"""Commands of other programs: what they say is kept for the case that they fail."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from config.embedded.errors import EmbeddedError

SHOWN = 15  # lines of the output of a failed command


def run(
    argv: Sequence[str | Path],
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """Run a command to its end and return its output; raises EmbeddedError if it fails."""
    done = subprocess.run(
        argv,
        env=environ,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.rstrip().splitlines()[-SHOWN:])
        raise EmbeddedError(f"{Path(argv[0]).name} failed ({done.returncode}):\n{last}")
    return done.stdout
