"""A real web server for tests, on the loopback address, that does what it is told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from ssl import SSLContext
from typing import Any

from retrieval.web.fetch import SafeFetcher

LOOPBACK = (ip_network("127.0.0.0/8"),)


@dataclass
class Answer:
    """What an address answers; `send` writes all of it by itself instead."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    send: Callable[[Any], None] | None = None


@dataclass
class WebServer:
    """`answers` by path; `asked` has the path and the headers of every request."""

    port: int
    host: str = "127.0.0.1"
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    scheme: str = "http"

    def url(self, path: str, host: str = "") -> str:
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"

    def page(self, path: str, text: str, **headers: str) -> str:
        """Put an HTML page there; returns its address."""
        kept = {"Content-Type": "text/html; charset=utf-8", **headers}
        self.answers[path] = Answer(text.encode(), headers=kept)
        return self.url(path)

    def redirect(self, path: str, target: str, status: int = 302) -> str:
        self.answers[path] = Answer(status=status, headers={"Location": target})
        return self.url(path)

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def fetcher(self, **options: Any) -> SafeFetcher:
        """One that may ask this server."""
        return SafeFetcher(**{"networks": LOOPBACK, "ports": {self.port}, **options})


@contextmanager
def web_server(host: str = "127.0.0.1", tls: SSLContext | None = None) -> Iterator[WebServer]:
    """A server for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            answer = found.answers.get(self.path, Answer(b"none", 404))
            if answer.send is not None:
                answer.send(self)
                return
            etag = answer.headers.get("ETag")
            if etag and self.headers.get("If-None-Match") == etag:
                answer = Answer(status=304, headers={"ETag": etag})
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: Any) -> None:
            pass  # the client has had enough

    server = Server((host, 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    found = WebServer(server.server_port, host, scheme="https" if tls else "http")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
