"""What a host's robots.txt allows (RFC 9309), as protego reads it."""

from dataclasses import dataclass
from typing import Any

from protego import Protego

from config import limits
from retrieval.web.fetch import ROBOT_NAME


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin."""

    text: str

    def allows(self, url: str) -> bool:
        return bool(self._parsed().can_fetch(url, ROBOT_NAME))

    def interval(self) -> float:
        """Seconds between two requests: ours, or what it asks for, up to a limit."""
        asked = self._parsed().crawl_delay(ROBOT_NAME) or 0
        return min(max(float(asked), limits.WEB_HOST_INTERVAL), limits.WEB_CRAWL_DELAY_MAX)

    def _parsed(self) -> Any:
        return Protego.parse(self.text)
