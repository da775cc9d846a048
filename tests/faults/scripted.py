"""A server over HTTP that says what a test tells it to, or nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Self


@dataclass(frozen=True)
class Request:
    """What was asked; `body` is parsed JSON."""

    method: str
    path: str
    body: Any
    headers: Mapping[str, str]


class ScriptedServer(ThreadingHTTPServer):
    """`answer` is JSON or text, or a function of the request that gives JSON."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.answer: Any = {}
        self.headers: dict[str, str] = {}
        self.requests: list[Request] = []
        self.silent = Event()  # takes requests and does not answer
        self.over = Event()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def _reply(self) -> None:
        script = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        request = Request(self.command, path, json.loads(body or b"null"), dict(self.headers))
        script.requests.append(request)
        if script.silent.is_set():
            script.over.wait(30)
            self.close_connection = True
            return
        answer = script.answer(request) if callable(script.answer) else script.answer
        content = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        self.send_response(script.status)
        for name, value in script.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = _reply

    def log_message(self, *arguments: Any) -> None:
        """Nothing: pytest's output is for the tests."""
