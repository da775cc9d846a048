"""HTTP to a model's endpoint, within limits that it can't stretch by sending slowly."""

import time
from collections.abc import Iterator

import httpx2 as httpx


class LimitedTransport(httpx.BaseTransport):
    """Another transport, whose answers end with a ReadError after `seconds` or `max_bytes`.

    A timeout for each read alone would let an endpoint go on forever, byte by byte. Closing
    it leaves the other one, and its connections, open.
    """

    def __init__(self, inner: httpx.BaseTransport, *, seconds: float, max_bytes: int) -> None:
        self._inner = inner
        self._deadline = time.monotonic() + seconds
        self._max_bytes = max_bytes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        assert isinstance(answer.stream, httpx.SyncByteStream)  # what a synchronous one gives
        return httpx.Response(
            status_code=answer.status_code,
            headers=answer.headers,
            stream=_LimitedStream(answer.stream, self._deadline, self._max_bytes),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Nothing: the connections are others' as well."""


class _LimitedStream(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, deadline: float, max_bytes: int) -> None:
        self._inner = inner
        self._deadline = deadline
        self._left = max_bytes

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._inner:
            self._left -= len(chunk)
            if self._left < 0:
                raise httpx.ReadError("the answer is too long")
            if time.monotonic() > self._deadline:
                raise httpx.ReadError("the answer takes too long")
            yield chunk

    def close(self) -> None:
        self._inner.close()
