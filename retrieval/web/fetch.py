"""Pages by http and https, from servers of the public only.

What an address leads to is decided here and nowhere else: the scheme, the port, the network
address that is connected to, each redirect, the time, the size and the type.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ssl import SSLCertVerificationError, SSLContext, SSLError
from typing import NoReturn
from urllib.parse import urljoin, urlsplit

import httpcore
from django.conf import settings

from config import limits
from config.errors import InvalidInput
from retrieval.web.addresses import Network
from retrieval.web.body import ENCODINGS, read_body, too_large
from retrieval.web.errors import HttpStatus, Refused, Unreachable
from retrieval.web.indexing import forbids_index
from retrieval.web.network import Deadline, GuardedBackend, Resolver, resolve
from retrieval.web.urls import request_url

PORTS = frozenset({80, 443, 8080, 8443})
ROBOT_NAME = "Lectern"

Headers = dict[bytes | str, bytes | str]

# What a page may be, and the name under which the parsers read it.
PAGE_TYPES = {
    "text/html": "page.webpage",
    "application/xhtml+xml": "page.webpage",
    "text/plain": "page.txt",
    "text/markdown": "page.md",
    "application/pdf": "page.pdf",
}
_REDIRECTS = (301, 302, 303, 307, 308)
_TEMPORARY = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `url` is where the redirects ended; `not_modified`: it has no body."""

    url: str
    body: bytes
    content_type: str  # "text/html"; "text/html" too for a server that says nothing
    charset: str
    etag: str
    last_modified: str
    not_modified: bool = False
    noindex: bool = False  # its server wants it in no search


class SafeFetcher:
    """Fetches what `networks` and the public have on `ports`.

    `resolver` gives a host's addresses. `before(url)` is called before every request, of a
    redirect too: it may wait, or raise FetchFailed.
    """

    def __init__(
        self,
        *,
        networks: Iterable[Network] = (),
        ports: Iterable[int] = PORTS,
        resolver: Resolver = resolve,
        ssl_context: SSLContext | None = None,
    ) -> None:
        self._networks = tuple(networks)
        self._ports = frozenset(ports)
        self._resolver = resolver
        self._ssl = ssl_context or httpcore.default_ssl_context()

    def fetch(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        types: Iterable[str] | None = tuple(PAGE_TYPES),
        max_bytes: int = limits.WEB_MAX_BYTES,
        cut: bool = False,
        before: Callable[[str], None] | None = None,
    ) -> Fetched:
        """The answer to a GET, at most `max_bytes` of it unpacked (`cut`: its beginning).

        With `etag` or `last_modified` of an earlier answer it may be one that is not
        modified. Raises Refused, Unreachable or HttpStatus.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = _headers()
        headers |= {name: value for name, value in conditions.items() if value}
        left = float(limits.WEB_SECONDS)  # without what `before` waits for
        for _ in range(1 + limits.WEB_REDIRECTS):
            url = self._checked(url)
            if before is not None:
                before(url)
            started = time.monotonic()
            answer = self._ask(url, headers, Deadline(left), types, max_bytes, cut)
            left -= time.monotonic() - started
            if isinstance(answer, Fetched):
                return answer
            url = _target(url, answer)
        raise Refused("It leads from one address to the next for ever", code="redirects")

    def _checked(self, url: str) -> str:
        try:
            url = request_url(url)
        except InvalidInput as error:
            raise Refused(" ".join(error.errors["source_url"]), code="address") from None
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if port not in self._ports:
            raise Refused(
                f"Port {port} is not asked, only {', '.join(map(str, sorted(self._ports)))}",
                code="port",
            )
        return url

    def _ask(
        self,
        url: str,
        headers: Headers,
        deadline: Deadline,
        types: Iterable[str] | None,
        max_bytes: int,
        cut: bool,
    ) -> Fetched | str:
        """An answer, or the address that it leads to."""
        backend = GuardedBackend(
            deadline=deadline, networks=self._networks, resolver=self._resolver
        )
        timeouts = {"connect": limits.WEB_CONNECT_TIMEOUT, "read": limits.WEB_READ_TIMEOUT}
        host = urlsplit(url).netloc
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self._ssl, network_backend=backend) as pool,
                pool.stream("GET", url, headers=headers, extensions={"timeout": timeouts}) as got,
            ):
                if got.status in _REDIRECTS:
                    return _header(got, "location")
                return _read(url, got, types, max_bytes, cut)
        except httpcore.TimeoutException:
            raise Unreachable(f"{host} gave no answer in time", code="timeout") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            _connection_failed(host, error)


def default_fetcher() -> SafeFetcher:
    """The platform's: the public's servers, and those of WEB_ALLOWED_NETWORKS."""
    return SafeFetcher(networks=settings.WEB_ALLOWED_NETWORKS)


def user_agent() -> str:
    """How the platform says who it is, and where one reads of it."""
    about = f" (+{settings.PUBLIC_URL})" if settings.PUBLIC_URL else ""
    return f"{ROBOT_NAME}/1.0{about}"


def _headers() -> Headers:
    return {
        "User-Agent": user_agent(),
        "Accept": "text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9, */*;q=0.5",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }


def _read(
    url: str, got: httpcore.Response, types: Iterable[str] | None, max_bytes: int, cut: bool
) -> Fetched:
    kind, _, parameters = _header(got, "content-type").partition(";")
    content_type = kind.strip().lower() or "text/html"
    # Both are sent back as they came.
    etag, last_modified = (_sendable(_header(got, name)) for name in ("etag", "last-modified"))
    noindex = forbids_index(_headers_named(got, "x-robots-tag"), ROBOT_NAME)
    if got.status == 304:
        return Fetched(
            url, b"", content_type, "", etag, last_modified, not_modified=True, noindex=noindex
        )
    if got.status != 200:
        _raise_status(got.status)
    if types is not None and content_type not in types:
        raise Refused(f"It is no page but {content_type[:100]}", code="content_type")
    encoding = _header(got, "content-encoding").strip().lower()
    if encoding not in ENCODINGS:
        raise Refused(f"It is packed as {encoding[:50]}", code="content_encoding")
    length = _header(got, "content-length")
    if not cut and length.isascii() and length.isdigit() and int(length[:20]) > max_bytes:
        raise too_large(max_bytes)
    body = read_body(got.iter_stream(), encoding=encoding, max_bytes=max_bytes, cut=cut)
    charset = _charset(parameters)
    return Fetched(url, body, content_type, charset, etag, last_modified, noindex=noindex)


def _target(url: str, location: str) -> str:
    """Where a redirect leads to; Refused for one that leads out of https, or nowhere."""
    if not location:
        raise Refused("It leads to no address", code="redirects")
    try:
        target = urljoin(url, location)
    except ValueError:
        raise Refused("It leads to no address", code="redirects") from None
    # What was asked for safely is not taken from whoever stands between.
    if url.startswith("https:") and target.lower().startswith("http:"):
        raise Refused("It leads from https to http", code="insecure_redirect")
    return target


def _raise_status(status: int) -> NoReturn:
    detail = f"Its server answers with {status}"
    if status >= 500 or status in _TEMPORARY:
        raise Unreachable(detail, code="server_error")
    raise HttpStatus(status, detail)


def _connection_failed(host: str, error: Exception) -> NoReturn:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, SSLCertVerificationError):
            raise Refused(f"The certificate of {host} is not valid", code="certificate") from None
        if isinstance(cause, SSLError):
            raise Unreachable(f"{host} speaks no TLS of ours", code="tls") from None
        cause = cause.__cause__ or cause.__context__
    raise Unreachable(f"There is no connection to {host}") from None


def _header(got: httpcore.Response, name: str) -> str:
    return next(_headers_named(got, name), "")


def _headers_named(got: httpcore.Response, name: str) -> Iterator[str]:
    wanted = name.encode()
    for key, value in got.headers:
        if key.lower() == wanted:
            try:
                yield value.decode()
            except UnicodeDecodeError:
                yield value.decode("latin-1")


def _sendable(value: str) -> str:
    """A value that fits the ledger; none is as good as one that is too long."""
    short = len(value) <= limits.WEB_VALIDATOR_MAX
    return value if short and value.isascii() and value.isprintable() else ""


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'")[:40]
    return ""
