"""The connection to a page's server: to an address that was looked at, and not for ever."""

import socket
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer
from ssl import SSLContext
from typing import Any

import httpcore

from config import limits
from retrieval.web.addresses import Network, is_allowed
from retrieval.web.errors import Refused, Unreachable

Resolver = Callable[[str, int], Sequence[str]]  # host, port → its addresses


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the system's order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline:
    """A moment at which everything ends."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Seconds until then, at most `most`. Raises httpcore.ReadTimeout when it has passed."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if most is None else min(left, most)


class GuardedBackend(httpcore.NetworkBackend):
    """Looks a host up once, refuses it unless every address may be asked, and connects to these.

    Nothing resolves the name again, so an answer that changes meanwhile changes nothing.
    """

    def __init__(
        self, *, deadline: Deadline, networks: Iterable[Network], resolver: Resolver
    ) -> None:
        self._deadline = deadline
        self._networks = tuple(networks)
        self._resolve = resolver
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """As httpcore's own; Refused or Unreachable for the host."""
        failure: Exception | None = None
        for address in self._addresses(host, port):
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._deadline.left(timeout), local_address, socket_options
                )
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        """Never: a page is on no socket of this machine."""
        raise Refused("A web page is on no socket of this machine.")

    def _addresses(self, host: str, port: int) -> list[str]:
        # The system's resolver knows no timeout; one that hangs is left to itself.
        thread = ThreadPoolExecutor(1)
        try:
            found = list(thread.submit(self._resolve, host, port).result(self._deadline.left()))
        except NoAnswer:
            raise httpcore.ConnectTimeout from None
        except (OSError, UnicodeError):
            raise Unreachable(f"{host} is not known", code="unknown_host") from None
        finally:
            thread.shutdown(wait=False)
        if not found or not all(is_allowed(address, self._networks) for address in found):
            raise Refused(f"{host} is in no public network", code="private_address")
        return found[: limits.WEB_ADDRESSES_TRIED]


class _TimedStream(httpcore.NetworkStream):
    """A connection of which every step ends at the deadline, however slowly bytes come."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
