"""`make run`: engines, preparation, web, workers and beat, until Ctrl-C."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from config.embedded import envfile, files, ports, prepared, processes
from config.embedded.console import Console
from config.embedded.engines import POSTGRES, REDIS, STOPPING, EmbeddedEngines
from config.embedded.errors import EmbeddedError
from config.embedded.privileges import PRESENT
from config.embedded.supervisor import Service, Supervisor, how

PORT = 8000
READY_TIMEOUT = 90.0  # seconds
TICK = 0.2  # seconds
DEATHS_AT_START = 3  # of one service, after which the start is given up
LOCK_PATIENCE = 1.0  # seconds; a launcher whose `make` was killed begins to stop within that
STOP_PATIENCE = 60.0  # seconds for a launcher that is stopping
ENGINE_RETRY = 5.0  # seconds until an engine that did not come back is tried again
STORES_STEP = ("stores", "prepare_stores")
ENGINE_URLS = ("MONGODB_URL", "QDRANT_URL", "CASSANDRA_URL")
PREPARATION = (
    ("database tables", "migrate"),
    STORES_STEP,
    # A database of one's own that people use already stays as it is.
    ("demo school", "make_demo_school", "--if-empty"),
)
DEMO_LOGINS = "demo-logins.txt"


class Launcher:
    """One run of the platform from `project`, with everything it keeps in `var`."""

    def __init__(self, project: Path, var: Path, console: Console) -> None:
        self._project = project
        self._console = console
        external = {POSTGRES: "DATABASE_URL", REDIS: "REDIS_URL"}
        self._engines = EmbeddedEngines(
            var,
            only=[name for name, key in external.items() if not os.environ.get(key)],
            say=console.say,
        )
        self._var = self._engines.var
        self._log = self._var / "log"
        self._supervisor = Supervisor(console.say)
        self._environ: dict[str, str] = {}
        self._retry_at: dict[str, float] = {}

    def take_over(self) -> None:
        """Be the only launcher of this folder, and end what a killed one has left running."""
        deadline = time.monotonic() + LOCK_PATIENCE
        while not self._engines.lock():
            stopping = STOPPING in self._engines.holder
            if time.monotonic() > deadline + (STOP_PATIENCE if stopping else 0):
                raise EmbeddedError(
                    f"{self._var} is in use: already started by {self._engines.holder}"
                )
            time.sleep(TICK)
        processes.end(processes.marked(self._var), patience=5)

    def start_engines(self, public_url: str) -> None:
        """The engines, and `embedded.env` for commands in other terminals."""
        with self._console.step("PostgreSQL and Redis"):
            self._engines.start()
        content = envfile.write(self._var, self._engines.environ, public_url=public_url)
        self._environ = {
            **os.environ,
            # The real environment wins, unless it only names a variable.
            **{key: value for key, value in content.items() if not os.environ.get(key)},
            "LECTERN_VAR": str(self._var),
            "PYTHONUNBUFFERED": "1",
            processes.MARKER: str(self._var),
        }

    def run(self, parent: int | None) -> None:
        """Start all, then `watch`."""
        started = time.monotonic()
        self.take_over()
        with self._web_socket() as web:
            url = f"http://{ports.LOOPBACK}:{web.getsockname()[1]}"
            self.start_engines(url)
            self._prepare()
            with self._console.step("web, workers, beat"):
                for service in self._services(web):
                    self._supervisor.start(service)
                self._wait_until_ready(web.getsockname()[1])
            self._welcome(url, time.monotonic() - started)
            self.watch(parent)

    def watch(self, parent: int | None) -> None:
        """Start again what dies, until KeyboardInterrupt or the end of process `parent`."""
        while parent in (None, os.getppid()):
            self._supervisor.tick()
            self._revive_engines()
            time.sleep(TICK)

    def stop(self) -> None:
        """Stop all in order, the engines last; harmless if little was started."""
        self._engines.announce_stop()
        self._supervisor.stop()
        self._engines.stop()

    def _web_socket(self) -> socket.socket:
        """Bound once and handed to every web process: the port can't be lost in between."""
        wanted = _wanted_port()
        port = ports.free_port(wanted)
        if port != wanted:
            self._console.say(f"port {wanted} is taken: the site uses {port}")
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((ports.LOOPBACK, port))
        return found

    def _prepare(self) -> None:
        digest = prepared.code_digest(self._project)
        embedded = self._engines.environ.get("DATABASE_URL")
        # A database of one's own is always asked; only ours carries the stamp.
        if not (
            embedded
            and (self._var / DEMO_LOGINS).exists()
            and prepared.is_prepared(embedded, digest)
        ):
            for title, *command in PREPARATION:
                self._manage(title, *command)
            if embedded:
                prepared.mark_prepared(embedded, digest)
        elif any(self._environ.get(name) for name in ENGINE_URLS):
            # The stamp is on our own database and knows nothing of other servers.
            self._manage(*STORES_STEP)
        stamp = self._var / "static.json"
        if files.read_json(stamp) != {"code": digest} or not (self._var / "static").is_dir():
            self._manage("static files", "collectstatic", "--noinput", "--verbosity", "0")
            files.write_json(stamp, {"code": digest})

    def _manage(self, title: str, *command: str) -> None:
        log_path = self._log / f"{command[0]}.log"
        with self._console.step(title), files.open_log(log_path) as log:
            begin = log.tell()
            process = subprocess.Popen(
                PRESENT.command(
                    [sys.executable, "manage.py", *command], die_with_parent=signal.SIGTERM
                ),
                cwd=self._project,
                env={**self._environ, "POSTGRES_POOL": "0"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                while process.poll() is None:
                    time.sleep(0.05)
                    self._console.during(_last_line(log_path, begin))
            finally:
                processes.stop_child(process, ((signal.SIGTERM, 5.0),))
            if process.returncode != 0:
                raise EmbeddedError(
                    f"manage.py {command[0]} failed ({how(process.returncode)}), "
                    f"log in {log_path}:\n{files.tail(log_path)}"
                )

    def _services(self, web: socket.socket) -> list[Service]:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "config"]
        # A pool that is open across the fork of a prefork worker hangs.
        unpooled = {**self._environ, "POSTGRES_POOL": "0"}
        gunicorn = [*python, "gunicorn", "config.wsgi:application"]
        gunicorn += ["--bind", f"fd://{web.fileno()}", "--worker-class", "gthread"]
        gunicorn += ["--workers", "1", "--threads", "8", "--timeout", "120"]
        gunicorn += ["--graceful-timeout", "3", "--access-logfile", "-", "--no-control-socket"]
        gunicorn += ["--logger-class", "config.logs.AccessLogger"]
        workers = [*celery, "worker", "--pool", "prefork", "--concurrency", "2"]
        workers += ["--loglevel", "INFO", "--without-gossip", "--without-mingle", "--queues"]
        worker = [*workers, "celery"]
        # Documents and web pages have workers of their own: nothing else waits behind them.
        ingestion = [*workers, "ingestion", "--hostname", "ingestion@%h"]
        beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""]
        beat += ["--schedule", str(self._var / "celerybeat-schedule")]
        term, cold = (signal.SIGTERM, 4.0), (signal.SIGQUIT, 5.0)
        return [
            self._service("web", gunicorn, self._environ, (term,), pass_fds=(web.fileno(),)),
            # A task that does not end in time goes back to the queue by a cold shutdown.
            self._service("worker", worker, unpooled, (term, cold)),
            self._service("ingestion", ingestion, unpooled, (term, cold)),
            self._service("beat", beat, unpooled, (term,)),
        ]

    def _service(
        self,
        name: str,
        argv: list[str],
        environ: Mapping[str, str],
        stop_steps: tuple[tuple[int, float], ...],
        pass_fds: tuple[int, ...] = (),
    ) -> Service:
        log = self._log / f"{name}.log"
        return Service(name, argv, environ, self._project, log, stop_steps, pass_fds)

    def _wait_until_ready(self, port: int) -> None:
        deadline = time.monotonic() + READY_TIMEOUT
        while not (answer := _ready(port)).startswith("200"):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"/health/ready does not answer 200 within {READY_TIMEOUT:.0f} s "
                    f"({answer}); web log:\n{files.tail(self._log / 'web.log')}"
                )
            self._supervisor.tick()
            if broken := self._supervisor.dying(DEATHS_AT_START):
                raise EmbeddedError(f"{broken.name} does not start:\n{files.tail(broken.log)}")
            time.sleep(0.1)

    def _revive_engines(self) -> None:
        for name, pid in self._engines.pids.items():
            if pid is not None or time.monotonic() < self._retry_at.get(name, 0.0):
                continue
            self._console.say(f"{name} ended, starting it again; see {self._log}")
            try:
                self._engines.revive(name)
            except EmbeddedError as error:
                self._retry_at[name] = time.monotonic() + ENGINE_RETRY
                self._console.say(str(error))
                continue
            if name == POSTGRES:
                # The pool would try its dead connections one by one, ever more slowly: a
                # graceful reload gives the web process a new one.
                self._supervisor.send("web", signal.SIGHUP)

    def _welcome(self, url: str, seconds: float) -> None:
        say = self._console.say
        say(f"\nLectern is ready after {seconds:.1f} s")
        say(f"  site and admin  {url}/admin/")
        say(f"  API             {url}/api/v1/docs")
        logins = self._var / DEMO_LOGINS
        if logins.exists():
            say("\n" + logins.read_text(encoding="utf-8").rstrip())
        say(f"\nCtrl-C stops everything; logs are in {self._log}")


def _wanted_port() -> int:
    text = os.environ.get("PORT") or str(PORT)
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise EmbeddedError(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _ready(port: int) -> str:
    """The status code and body of /health/ready, or why there is none."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=3)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        return f"{response.status} {json.dumps(response.read().decode(errors='replace')[:300])}"
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        connection.close()


def _last_line(path: Path, begin: int) -> str:
    with path.open("rb") as log:
        log.seek(max(begin, path.stat().st_size - 300))
        lines = log.read().decode(errors="replace").replace("\r", "\n").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
