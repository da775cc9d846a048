"""Processes: find those that an earlier run has left, and end them."""

import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")

MARKER = "LECTERN_LAUNCHER"  # set in the environment of all that a launcher starts


def working_in(folder: Path, names: Iterable[str]) -> list[psutil.Process]:
    """Processes with one of `names` whose working folder is `folder`.

    Both engines change into their data folder; it names them surely, where a process id in
    a stale file may belong to a stranger by now.
    """
    wanted = set(names)
    real = str(folder.resolve())
    return [
        process
        for process in psutil.process_iter()
        if _read(process, psutil.Process.name) in wanted
        and _read(process, psutil.Process.cwd) == real
    ]


def marked(folder: Path) -> list[psutil.Process]:
    """Processes that a launcher of this `var` folder has started (it set MARKER)."""
    real = str(folder.resolve())
    present = psutil.Process()
    ours = {present.pid, *(parent.pid for parent in present.parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in ours
        and (_read(process, psutil.Process.environ) or {}).get(MARKER) == real
    ]


def end(processes: Iterable[psutil.Process], *, patience: float) -> None:
    """Ask processes that are not our children to end; after `patience` seconds kill them."""
    remaining = list(processes)
    for process in remaining:
        _quietly(process.terminate)
    _, remaining = psutil.wait_procs(remaining, timeout=patience)
    for process in remaining:
        _quietly(process.kill)
    psutil.wait_procs(remaining, timeout=5)


def stop_child(process: subprocess.Popen[bytes], steps: Iterable[tuple[int, float]]) -> None:
    """Send each step's signal and wait that many seconds, until the child has ended."""
    for signal_number, patience in steps:
        if process.poll() is not None:
            return
        process.send_signal(signal_number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    if process.poll() is None:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool], *, timeout: float, every: float = 0.05) -> bool:
    """Whether `condition` came true within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def _read(process: psutil.Process, what: Callable[[psutil.Process], T]) -> T | None:
    try:
        return what(process)
    except (psutil.Error, OSError):  # it has ended, or is another user's
        return None


def _quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except psutil.Error:  # it has ended in the meantime
        return
