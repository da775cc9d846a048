"""Finding words in what was said, the same way in every engine that does it by itself."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where all words are: in the text `position`, or (not `own`) in it and the next one."""

    position: int
    own: bool
    count: int  # how often the words are there
    text: str


def words_of(query: str) -> list[str]:
    """The words of a query, each once: letters and digits with the marks that belong to them."""
    kept = (char if unicodedata.category(char)[0] in "LNM" else " " for char in query)
    words = "".join(kept).split()
    return [word for word in dict.fromkeys(words) if any(char.isalnum() for char in word)]


def places(texts: Sequence[str], words: Sequence[str]) -> Iterator[Place]:
    """Where all words begin some word, whatever their case.

    A text that only leads up to the words (they are all in the next one) is no place.
    """
    patterns = [re.compile(rf"(?<![^\W_]){re.escape(word)}", re.IGNORECASE) for word in words]
    everything = frozenset(range(len(patterns)))
    following = ""
    found_there: frozenset[int] = frozenset()
    for position in range(len(texts) - 1, -1, -1):
        text = texts[position]
        found = frozenset(n for n, pattern in enumerate(patterns) if pattern.search(text))
        own = found == everything
        if own or (found_there != everything and found | found_there == everything):
            whole = text if own else f"{text} {following}"
            count = sum(len(pattern.findall(whole)) for pattern in patterns)
            yield Place(position, own, count, whole)
        following, found_there = text, found
