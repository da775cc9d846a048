"""What a host's robots.txt allows (RFC 9309), as protego reads it."""

from typing import Any

from protego import Protego

from config import limits
from retrieval.web.fetch import ROBOT_NAME


class Robots:
    """The rules of one origin, out of the text of its robots.txt."""

    def __init__(self, text: str) -> None:
        self._rules: Any = Protego.parse(text)

    def allows(self, url: str) -> bool:
        return bool(self._rules.can_fetch(url, ROBOT_NAME))

    def interval(self) -> float:
        """Seconds between two requests: ours, or what it asks for, up to a limit."""
        asked = self._rules.crawl_delay(ROBOT_NAME) or 0
        return min(max(float(asked), limits.WEB_HOST_INTERVAL), limits.WEB_CRAWL_DELAY_MAX)
