"""TLS in front of a server that has none, with a certificate of its own."""

import socket
import ssl
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Self

_CERTIFICATE = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lectern"


class TlsProxy:
    """Listens on `port` of 127.0.0.1; `certificate` is the file to trust."""

    def __init__(self, folder: Path, server: tuple[str, int]) -> None:
        self._server = server
        self.certificate, key = folder / "certificate.pem", folder / "key.pem"
        files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", self.certificate]
        subprocess.run([*_CERTIFICATE.split(), *files], check=True, capture_output=True)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(self.certificate, key)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                plain, _ = self._listening.accept()
                with suppress(OSError):  # the client does not trust it, or speaks no TLS
                    self._join(self._context.wrap_socket(plain, server_side=True))

    def _join(self, client: socket.socket) -> None:
        server = socket.create_connection(self._server)
        for one, other in ((client, server), (server, client)):
            Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while some := one.recv(65536):
            other.sendall(some)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
