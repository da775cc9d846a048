"""Texts into terms: words in lower case, reduced to their stems.

No word is left out: what is common in a class's material counts little by itself (its inverse
document frequency), and what would stand on a list of empty words may be what somebody asks
about ("while", "if not", "is").

A term is kept by its number, a checksum of the stem, so that a passage's terms are a short
array. Two stems of one number are treated as the same word; of a hundred thousand words about
one pair shares one.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import Stemmer
from django.conf import settings

# A word of letters and digits, with an apostrophe inside; or one letter of a script that
# puts no space between words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(
    rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_])+(?:['’](?:(?![{_UNSPACED}])[^\W\d_])+)?"
)
# None of these is a word of a programming language, or of logic.
_EMPTY = frozenset(
    [
        *("a", "an", "the", "of", "to", "that", "this", "these", "those", "it", "its", "are"),
        *("be", "was", "were", "what", "which", "how", "do", "does", "you", "your"),
    ]
)
_UNSPACED_WORD = re.compile(rf"[{_UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands (`text[start:end]`), and its term's number."""

    start: int
    end: int
    term: int


class Analyzer:
    """Cuts texts into the terms of one language, by its Snowball stemmer.

    Words of other languages are terms too, only with an ending that is not theirs taken off:
    the same word gives the same term in passages and in questions.
    """

    def __init__(self, language: str) -> None:
        self._stemmer = Stemmer.Stemmer(language)
        self._term = lru_cache(maxsize=100_000)(self._number)

    def terms(self, text: str) -> list[int]:
        """The numbers of the text's terms, in its order, repeated as often as they occur."""
        found: list[int] = []
        for match in _WORD.finditer(_folded(text)):
            found += self._numbers(match.group())
        return found

    def words(self, text: str) -> Iterator[Word]:
        """The words of the text that are terms, with their places, to mark them."""
        for match in _WORD.finditer(text):
            for number in self._numbers(_folded(match.group())):
                yield Word(match.start(), match.end(), number)

    def query_terms(self, query: str) -> dict[int, str]:
        """The distinct terms of a query, each with the word that it came from, in its order.

        Words that only hold an English question together are left out, unless there are no
        others: every passage has them, and each one takes time.
        """
        found: dict[int, str] = {}
        for word in self.words(query):
            found.setdefault(word.term, query[word.start : word.end])
        telling = {term: word for term, word in found.items() if word.lower() not in _EMPTY}
        return telling or found

    def _numbers(self, word: str) -> Iterator[int]:
        if _UNSPACED_WORD.match(word):
            # Pairs of letters stand for words; a single letter stands for itself.
            yield from (self._term(word[i : i + 2]) for i in range(max(len(word) - 1, 1)))
        else:
            yield self._term(word)

    def _number(self, word: str) -> int:
        number = crc32(self._stemmer.stemWord(word).encode())
        return number - 2**32 if number >= 2**31 else number  # PostgreSQL's integers have a sign


def _folded(text: str) -> str:
    """Lower case, and one spelling for what looks the same."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=1)
def get_analyzer() -> Analyzer:
    """The process's one analyzer, of the settings' language."""
    return Analyzer(settings.SEARCH_LANGUAGE)
