"""Where the servers of `make engines` are, for the tests and the benchmarks."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

SERVERS_ENV = Path(__file__).resolve().parents[2] / "var" / "servers" / "servers.env"


def running_servers() -> dict[str, str]:
    """The addresses in SERVERS_ENV where somebody listens."""
    if not SERVERS_ENV.exists():
        return {}
    lines = SERVERS_ENV.read_text(encoding="utf-8").splitlines()
    urls = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    return {name: url for name, url in urls.items() if _listens(url)}


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=2).close()
    except OSError:
        return False
    return True
