"""Fetching as a guest does: what robots.txt allows, and one thing at a time of each host."""

from typing import Any

from django.core.cache import cache

from config import limits
from retrieval.web.errors import HttpStatus, Refused, Unreachable
from retrieval.web.fetch import Fetched, SafeFetcher, default_fetcher
from retrieval.web.rate import wait_for_turn
from retrieval.web.robots import Robots
from retrieval.web.urls import host_of, origin_of

# Of a robots.txt that is not read for these reasons the page itself would not be read either.
_SAME_FOR_THE_PAGE = ("private_address", "port", "address", "certificate")


class PoliteFetcher:
    """A SafeFetcher that asks for robots.txt first, and for each host one thing at a time.

    `patience`: seconds that it waits for a host at most. `interval`: seconds between two
    requests, in place of the limits' and of what robots.txt asks for.
    """

    def __init__(
        self,
        fetcher: SafeFetcher | None = None,
        *,
        patience: float = limits.WEB_WAIT_MAX,
        interval: float | None = None,
    ) -> None:
        self._fetcher = fetcher or default_fetcher()
        self._patience = patience
        self._interval = interval

    def fetch(self, url: str, **options: Any) -> Fetched:
        """`SafeFetcher.fetch`; also Refused for what robots.txt forbids, and HostBusy."""
        return self._fetcher.fetch(url, before=self._before, **options)

    def _before(self, url: str) -> None:
        robots = self.robots(url)
        if not robots.allows(url):
            raise Refused(f"The robots.txt of {host_of(url)} does not allow it", code="robots")
        self._wait(url, robots.interval())

    def robots(self, url: str) -> Robots:
        """The rules for an address; Unreachable while they can't be read."""
        origin = origin_of(url)
        key = f"robots:{origin}"
        text = cache.get(key)
        if text is None:
            text, seconds = self._read(origin)
            cache.set(key, text, seconds)
        if text is False:
            detail = f"The robots.txt of {host_of(url)} can't be read now"
            raise Unreachable(detail, code="robots_down")
        return Robots(text)

    def _read(self, origin: str) -> tuple[str | bool, int]:
        """The text (False: nobody knows now), and for how many seconds that holds."""
        try:
            found = self._fetcher.fetch(
                f"{origin}/robots.txt",
                types=None,
                max_bytes=limits.WEB_ROBOTS_MAX_BYTES,
                cut=True,
                before=lambda url: self._wait(url, limits.WEB_HOST_INTERVAL),
            )
        except HttpStatus:  # there is none
            return "", limits.WEB_ROBOTS_TTL
        except Refused as error:
            if error.code in _SAME_FOR_THE_PAGE:
                raise
            return False, limits.WEB_ROBOTS_RETRY
        except Unreachable:
            return False, limits.WEB_ROBOTS_RETRY
        return found.body.decode("utf-8", "replace"), limits.WEB_ROBOTS_TTL

    def _wait(self, url: str, seconds: float) -> None:
        interval = seconds if self._interval is None else self._interval
        wait_for_turn(host_of(url), seconds=interval, patience=self._patience)
