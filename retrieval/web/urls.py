"""Addresses of web pages: which are taken, and the one form of each."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

import idna

from config import limits
from config.errors import InvalidInput

SCHEMES = ("http", "https")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Who came from where: no part of what the page is.
_TRACKING = re.compile(
    r"(?:utm_.*|gclid|gbraid|wbraid|dclid|fbclid|msclkid|yclid|igshid|mc_cid|mc_eid|_ga)\Z", re.I
)
_ASCII_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\Z")
# A last label of this kind is a number to some parts of a network and a name to others.
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z")
# What an address may have in its path or query unescaped; "%" stands for what is escaped.
_KEPT = "!$&'()*+,;=:@/?%-._~[]|"


def clean_url(url: str) -> str:
    """The one form of an http(s) address under which a page is kept; InvalidInput otherwise.

    Host in lower case and in ASCII, no default port, no fragment, nothing that only tells
    where a reader came from.
    """
    scheme, netloc, path, query = _parts(url)
    kept = [part for part in query.split("&") if not _TRACKING.match(part.partition("=")[0])]
    return _joined(scheme, netloc, path, "&".join(kept))


def request_url(url: str) -> str:
    """The same address as it is asked for: with its whole query. InvalidInput as above."""
    return _joined(*_parts(url))


def canonical_url(url: str, link: str) -> str:
    """The address that the page at `url` gives as its own, or `url`.

    It counts on the page's own host only. The root is not believed: pages whose templates
    all name it would be taken for one.
    """
    try:
        own = clean_url(link)
    except InvalidInput:
        return url
    parts = urlsplit(own)
    is_root = parts.path == "/" and not parts.query
    return own if parts.netloc == urlsplit(url).netloc and not is_root else url


def host_of(url: str) -> str:
    """The host of a clean address, with its port if that is not the usual one."""
    return urlsplit(url).netloc


def origin_of(url: str) -> str:
    """Scheme, host and port of a clean address: what a robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _parts(url: str) -> tuple[str, str, str, str]:
    url = url.strip()
    try:
        # What reads addresses is not of one mind about these signs.
        if not url.isprintable() or "\\" in url:
            raise ValueError
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if parts.scheme not in SCHEMES or not host or "@" in parts.netloc or port == 0:
            raise ValueError
        netloc = _host(host, parts)
    except (ValueError, UnicodeError, idna.IDNAError):
        raise _refused("It is an http or https address without a user's name.") from None
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    return parts.scheme, netloc, quote(parts.path, _KEPT) or "/", quote(parts.query, _KEPT)


def _joined(scheme: str, netloc: str, path: str, query: str) -> str:
    url = f"{scheme}://{netloc}{path}{'?' if query else ''}{query}"
    if len(url) > limits.WEB_URL_MAX:
        raise _refused(f"An address has at most {limits.WEB_URL_MAX} characters.")
    return url


def _host(host: str, parts: SplitResult) -> str:
    """In ASCII. An IPv4 address in any other form than four decimal numbers is refused."""
    if ":" in host:
        if not parts.netloc.startswith("[") or "%" in host:
            raise AddressValueError
        return f"[{IPv6Address(host)}]"
    name = host.rstrip(".")
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode()
    name = name.lower()
    if not _ASCII_HOST.match(name):
        raise AddressValueError
    return str(IPv4Address(name)) if _NUMBER.match(name.rsplit(".", 1)[-1]) else name


def _refused(why: str) -> InvalidInput:
    return InvalidInput(errors={"source_url": [why]})
