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
from collections.abc import Callable, Collection, Iterator
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


class Analyzer:
    """Cuts texts into the terms of one language, by its Snowball stemmer.

    Words of other languages are terms too, only with an ending that is not theirs taken off:
    the same word gives the same term in passages and in questions.
    """

    def __init__(self, language: str) -> None:
        self._stemmer = Stemmer.Stemmer(language)
        self._terms = lru_cache(maxsize=100_000)(self._terms_of_word)

    def terms(self, text: str) -> list[int]:
        """The numbers of the text's terms, in its order, repeated as often as they occur."""
        found: list[int] = []
        for word in _WORD.findall(_composed(text)):
            found += self._terms(word)
        return found

    def query_terms(self, query: str) -> dict[int, str]:
        """The distinct terms of a query, each with the word that it came from, in its order.

        Words that only hold an English question together are left out, unless there are no
        others: every passage has them, and each one takes time.
        """
        found: dict[int, str] = {}
        for word in _WORD.findall(_composed(query)):
            for term in self._terms(word):
                found.setdefault(term, word)
        telling = {term: word for term, word in found.items() if word.lower() not in _EMPTY}
        return telling or found

    def finder(self, terms: Collection[int]) -> Callable[[str], Iterator[tuple[int, int]]]:
        """A function that gives start and end of each word of a text that has one of `terms`.

        It remembers the words that it has seen: passages that answer one query share most.
        """
        known: dict[str, bool] = {}

        def places(text: str) -> Iterator[tuple[int, int]]:
            for match in _WORD.finditer(text):
                word = match.group()
                if word not in known:
                    known[word] = any(term in terms for term in self._terms(word))
                if known[word]:
                    yield match.span()

        return places

    def _terms_of_word(self, word: str) -> tuple[int, ...]:
        folded = word.casefold()
        if _UNSPACED_WORD.match(folded):
            # Pairs of letters stand for words; a single letter stands for itself.
            pairs = (folded[i : i + 2] for i in range(max(len(folded) - 1, 1)))
            return tuple(map(_number, pairs))
        return (_number(self._stemmer.stemWord(folded)),)


def _number(stem: str) -> int:
    number = crc32(stem.encode())
    return number - 2**32 if number >= 2**31 else number  # PostgreSQL's integers have a sign


def _composed(text: str) -> str:
    """One spelling for what looks the same."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=1)
def get_analyzer() -> Analyzer:
    """The process's one analyzer, of the settings' language."""
    return Analyzer(settings.SEARCH_LANGUAGE)
