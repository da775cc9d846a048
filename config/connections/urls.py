"""The addresses of the engines, as the environment gives them.

Each function takes a URL and gives what a driver needs, or raises ValueError with what is
wrong in words that name no password.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

MONGODB_DATABASE = "lectern"
CASSANDRA_KEYSPACE = "analytics"
CASSANDRA_PORT = 9042
CASSANDRA_PROTOCOL = 4
_CASSANDRA_OPTIONS = {"datacenter", "tls", "ca", "protocol"}
_UNREADABLE = "it can't be read; in a password / ? # @ are written as %2F %3F %23 %40"
_SWITCH = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class CassandraAddress:
    """Where a cluster is, and how it is spoken to; `ca` is a file of certificates to trust."""

    hosts: tuple[tuple[str, int], ...]
    keyspace: str
    username: str
    password: str
    datacenter: str
    tls: bool
    ca: str
    protocol: int

    def __str__(self) -> str:
        hosts = ",".join(f"[{h}]:{port}" if ":" in h else f"{h}:{port}" for h, port in self.hosts)
        return f"cassandra://{hosts}/{self.keyspace}"


def check_postgresql(url: str) -> None:
    """postgres://USER:PASSWORD@HOST:PORT/DATABASE"""
    parts = _split(url, "postgres", "postgresql")
    _one_host(parts)
    if len(parts.path) < 2:
        raise ValueError("the name of the database is missing at its end")


def check_redis(url: str) -> None:
    """redis://:PASSWORD@HOST:PORT/NUMBER, rediss:// with TLS, unix:// for a socket"""
    parts = _split(url, "redis", "rediss", "unix")
    if parts.scheme == "unix":
        return
    _one_host(parts)
    if parts.path.strip("/") and not parts.path.strip("/").isdecimal():
        raise ValueError("a Redis database is a number")


def mongodb_database(url: str) -> str:
    """mongodb://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?OPTIONS; gives the database's name."""
    parts = _split(url, "mongodb", "mongodb+srv")
    for host in parts.netloc.rpartition("@")[2].split(","):
        _host_and_port(host, 27017)
    name = unquote(parts.path.strip("/")) or MONGODB_DATABASE
    if not re.fullmatch(r"[^/\\. \"$*<>:|?\0]{1,63}", name):
        raise ValueError("what follows the hosts is no name of a database")
    return name


def check_qdrant(url: str) -> None:
    """http://HOST:6333 or https://HOST:6333"""
    parts = _split(url, "http", "https")
    if parts.username or parts.password:
        raise ValueError("the key belongs into QDRANT_API_KEY, not into the address")
    _one_host(parts)


def cassandra_address(url: str) -> CassandraAddress:
    """What `check_cassandra` shows the form of."""
    parts = _split(url, "cassandra")
    credentials, _, netloc = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    if bool(username) != bool(password):
        raise ValueError("credentials are USER:PASSWORD@")
    hosts = tuple(_host_and_port(host, CASSANDRA_PORT) for host in netloc.split(","))
    keyspace = parts.path.strip("/") or CASSANDRA_KEYSPACE
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,47}", keyspace):
        raise ValueError("what follows the hosts is no name of a keyspace (a-z, 0-9, _)")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if set(options) - _CASSANDRA_OPTIONS:
        raise ValueError(f"its options are {', '.join(sorted(_CASSANDRA_OPTIONS))}")
    protocol = options.get("protocol", str(CASSANDRA_PROTOCOL))
    if protocol not in ("3", "4", "5"):
        raise ValueError("protocol is 3, 4 or 5")
    tls = options.get("tls", "false").lower()
    if tls not in _SWITCH:
        raise ValueError("tls is true or false")
    return CassandraAddress(
        hosts=hosts,
        keyspace=keyspace,
        username=unquote(username),
        password=unquote(password),
        datacenter=options.get("datacenter", ""),
        tls=_SWITCH[tls] or "ca" in options,
        ca=options.get("ca", ""),
        protocol=int(protocol),
    )


def check_cassandra(url: str) -> None:
    """cassandra://USER:PASSWORD@HOST:PORT,HOST:PORT/KEYSPACE?datacenter=…&tls=true&ca=…&protocol=4"""
    address = cassandra_address(url)
    if address.ca and not Path(address.ca).is_file():
        raise ValueError("there is no file of certificates where its option ca says")


def cassandra_replication(text: str, datacenter: str = "") -> Mapping[str, str]:
    """`3` copies (in the datacenter, if there is one), or `dc1:3,dc2:2`; gives CQL's map."""
    if text.isdecimal() and int(text) > 0:
        if datacenter:
            return {"class": "NetworkTopologyStrategy", datacenter: text}
        return {"class": "SimpleStrategy", "replication_factor": text}
    found = {"class": "NetworkTopologyStrategy"}
    for part in text.split(","):
        name, _, copies = part.strip().partition(":")
        if not re.fullmatch(r"[\w.-]+", name) or not copies.isdecimal() or int(copies) < 1:
            raise ValueError(f"{part.strip()!r} is neither a number nor DATACENTER:NUMBER")
        found[name] = copies
    return found


def _split(url: str, *schemes: str) -> SplitResult:
    """The parts of a URL. What is said of a wrong one repeats nothing of it: a password with a
    character that ends it in a URL is found in any part."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(_UNREADABLE) from None
    if parts.scheme not in schemes or not url.startswith(f"{parts.scheme}://"):
        raise ValueError(f"it begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if "@" in parts.path + parts.query + parts.fragment or parts.fragment:
        raise ValueError(_UNREADABLE)
    return parts


def _one_host(parts: SplitResult) -> None:
    _host_and_port(parts.netloc.rpartition("@")[2], 0)


def _host_and_port(text: str, default: int) -> tuple[str, int]:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@/\s]+)(?::(\d{1,5}))?", text)
    if not found:
        raise ValueError("a host is missing or is not HOST:PORT")
    port = int(found[2] or default)
    if found[2] and not 0 < port < 65536:
        raise ValueError(f"{port} is no port")
    return found[1].strip("[]"), port
