"""Bring .venv to the state of requirements/NAME.txt; does nothing if it is there already.

Called by `requirements/install` with NAME ("run" or "dev"), in the project's folder, by any
Python that is new enough, or by the one in .venv. Standard library only. Exit code 2 with
one clear line when something is missing.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
# There while an installation runs: if one is cut short, the folder is made anew.
UNFINISHED = VENV / ".unfinished"
# What the lock of each name contains besides itself.
INCLUDES = {"run": ["run"], "dev": ["dev", "run"]}


def main(name: str) -> int:
    with _one_at_a_time():
        if _is_current(name):
            return 0
        started = time.monotonic()
        try:
            _make_venv()
            _install(name)
        except Failure as failure:
            sys.stderr.write(f"error: {failure}\n")
            return 2
        except KeyboardInterrupt:
            sys.stderr.write("\ninterrupted: the next run begins anew\n")
            return 130
        _say(f"requirements: ready after {time.monotonic() - started:.0f} s")
    return 0


class Failure(Exception):
    """What the operator must mend, in one line."""


def _is_current(name: str) -> bool:
    stamp = VENV / f".lock-{name}"
    return (
        not UNFINISHED.exists() and stamp.is_file() and stamp.read_text() == _digest(name)
    ) and _works("import django")


def _digest(name: str) -> str:
    return hashlib.sha256(Path(f"requirements/{name}.txt").read_bytes()).hexdigest()


def _works(code: str) -> bool:
    try:
        return subprocess.run([PYTHON, "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def _make_venv() -> None:
    if VENV.exists() and not UNFINISHED.exists() and _works("import pip"):
        UNFINISHED.touch()
        return
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Failure(
            f"Python {version} has no venv: on Debian and Ubuntu "
            f"'apt-get install python3-venv' (or python{version}-venv)"
        )
    _say("requirements: making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    UNFINISHED.touch()
    made = subprocess.run(
        [_outer_python(), "-m", "venv", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if made.returncode != 0:
        raise Failure(f".venv can't be made: {' '.join(made.stdout.split())}")


def _outer_python() -> str:
    """The Python outside of .venv: the present one may just have been removed."""
    inside = sys.prefix != sys.base_prefix
    return getattr(sys, "_base_executable", sys.executable) if inside else sys.executable


def _install(name: str) -> None:
    lock = Path(f"requirements/{name}.txt")
    total = sum(1 for line in lock.read_text().splitlines() if "==" in line)
    _say(f"requirements: installing {lock} (up to {total} packages)")
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--require-hashes",
        "-r",
        lock,
    ]
    command += ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        lines = [line.rstrip() for line in _with_progress(pip.stdout, total)]
    if pip.returncode != 0:
        errors = [line for line in lines if line.startswith("ERROR")] or lines[-1:]
        raise Failure(f"pip failed ({pip.returncode}): {' '.join(errors)[:600]}")
    for included in INCLUDES[name]:
        (VENV / f".lock-{included}").write_text(_digest(included))
    UNFINISHED.unlink()


def _with_progress(output: Iterator[str], total: int) -> Iterator[str]:
    terminal = sys.stderr.isatty()
    seen = 0
    for line in output:
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            seen += 1
            package = line.replace("Requirement already satisfied: ", "Collecting ").split()[1]
            if terminal:
                sys.stderr.write(f"\r\033[K  {seen}/{total} {package}")
                sys.stderr.flush()
            elif seen % 10 == 0:
                _say(f"  {seen}/{total} {package}")
        elif line.startswith("Installing collected packages"):
            if terminal:
                sys.stderr.write("\r\033[K")
            _say(f"  {seen} packages are here, unpacking")
        yield line


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two installations at once would tear each other's files: the second waits."""
    with Path("requirements/install.py").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("requirements: another installation is running, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
