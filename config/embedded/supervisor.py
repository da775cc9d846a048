"""The platform's own processes: started, watched, started again, stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import files, processes
from config.embedded.privileges import PRESENT

RESTART_DELAYS = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds, by deaths in a row
STEADY_AFTER = 60.0  # seconds after which a death counts as the first again


@dataclass
class Service:
    """One long-running process; `stop_steps` are signals and the patience after each (s)."""

    name: str
    argv: Sequence[str | Path]
    environ: Mapping[str, str]
    cwd: Path
    log: Path
    stop_steps: tuple[tuple[int, float], ...]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    deaths: int = field(default=0, init=False)
    started: float = field(default=0.0, init=False)
    start_again_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C is for the launcher alone."""
        with files.open_log(self.log) as log:
            self.process = subprocess.Popen(
                PRESENT.command(self.argv, die_with_parent=signal.SIGTERM),
                cwd=self.cwd,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.pass_fds,
                start_new_session=True,
            )
        self.started = time.monotonic()

    def end_group(self) -> None:
        """Kill what is left of its session, as workers whose parent was killed."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """Keeps services running; call `tick` again and again, `stop` at the end."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._services: list[Service] = []

    def start(self, service: Service) -> None:
        """Start a service and watch it from now on."""
        service.start()
        self._services.append(service)

    def tick(self) -> None:
        """Start again what has died, later each time it dies again."""
        now = time.monotonic()
        for service in self._services:
            if service.process is None:
                if now >= service.start_again_at:
                    service.start()
            elif service.process.poll() is not None:
                self._note_death(service, service.process.returncode, now)

    def dying(self, limit: int) -> Service | None:
        """A service that has died `limit` times in a row, if there is one."""
        return next((one for one in self._services if one.deaths >= limit), None)

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the service `name`, if it runs."""
        for service in self._services:
            if service.name == name and service.process is not None:
                service.process.send_signal(number)

    def stop(self) -> None:
        """Ask all to stop at once, then wait for each; none is left behind."""
        running = [service for service in self._services if service.process is not None]
        for service in running:
            assert service.process is not None
            if service.process.poll() is None:
                service.process.send_signal(service.stop_steps[0][0])
        for service in running:
            assert service.process is not None
            with suppress(subprocess.TimeoutExpired):
                service.process.wait(service.stop_steps[0][1])
            processes.stop_child(service.process, service.stop_steps[1:])
            service.end_group()
        self._services = []

    def _note_death(self, service: Service, code: int, now: float) -> None:
        service.end_group()
        service.process = None
        if now - service.started > STEADY_AFTER:
            service.deaths = 0
        delay = RESTART_DELAYS[min(service.deaths, len(RESTART_DELAYS) - 1)]
        service.deaths += 1
        service.start_again_at = now + delay
        when = f"in {delay:.0f} s" if delay else "now"
        self._say(f"{service.name} ended ({how(code)}), starting again {when}; see {service.log}")


def how(code: int) -> str:
    """An exit code in words."""
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
