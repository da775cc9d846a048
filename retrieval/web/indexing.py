"""What a server says of a page in `X-Robots-Tag`: whether searches may have it."""

from collections.abc import Iterable

NOINDEX = ("noindex", "none")
# Rules with a value; in any other one a colon ends the name of whom the rules are for.
_WITH_VALUE = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")


def forbids_index(headers: Iterable[str], robot: str) -> bool:
    """Whether one of the headers forbids it to everybody, or to `robot`."""
    return any(_forbids(header, robot.lower()) for header in headers)


def _forbids(header: str, robot: str) -> bool:
    meant = robot
    for rule in header.lower().split(","):
        name, colon, rest = rule.partition(":")
        if colon and name.strip() not in _WITH_VALUE:
            meant, rule = name.strip(), rest
        if meant == robot and rule.strip() in NOINDEX:
            return True
    return False
