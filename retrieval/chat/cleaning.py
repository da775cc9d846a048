"""What is let out of a model's answer, piece by piece: text with citations that exist.

An answer is text. What a client could take for more is broken: a picture whose address carries
what was said to somebody else's server is fetched without anybody having clicked on it.
"""

import re
from collections.abc import Sequence

from retrieval.chat.base import Source
from retrieval.chat.prompt import NOT_IN_MATERIAL
from retrieval.chat.texts import plain, visible

LINK_REMOVED = "(link removed)"

# Endings of files that are no top-level domains: "Node.js/Express" is no address.
_FILES = "js|ts|css|html?|pdf|txt|csv|json|xml|docx|pptx|xlsx|png|jpe?g|gif|svg|tex|ya?ml|php|cpp"
# A host with something behind it that a request could carry off. A short number may be a
# division ("np.pi/2"), or the size of a network ("10.0.0.0/8").
_HOST = rf"""
    (?:(?:[\w-]{{1,63}}\.){{1,20}}(?!(?:{_FILES})\b)(?:[^\W\d_]{{2,24}}|xn--[\w-]{{1,59}})\.?
        |\d{{1,3}}(?:\.\d{{1,3}}){{3}})
    (?::\d{{1,5}})? (?!/\d{{1,3}}(?![\w/?\#&=%-]|\.\w)) [/?\#][^\s<>]*\w"""
# Addresses with a scheme or without, and what clients make links of. Every repetition that can
# begin anywhere has a bound.
_ADDRESS = re.compile(
    rf"""
    https?:[^\s<>]+ | [a-z][a-z0-9+.-]{{0,30}}://[^\s<>]+
    | (?:javascript|vbscript|mailto):[^\s<>]+ | data:\w{{1,30}}/[^\s<>]+ | www\.[^\s<>]+
    | (?<![\w)\]])[/\\]{{2}}[^\s<>/\\][^\s<>]{{0,253}}[./?][^\s<>]* | {_HOST}""",
    re.IGNORECASE | re.VERBOSE,
)
# Behind an address stands what ends a sentence or closes a bracket, and is no part of it.
_BEHIND = ".,;:!?)]}\"'’”»*_`"
_CITATIONS = re.compile(r"[ \t]*\[\^?\d+(?:\s*,\s*\^?\d+)*\]")
_OPEN_CITATION = re.compile(r"\s*\[[\^\d,\s]*$")
# Behind these a word has ended, also where no space is put between them.
_ENDS = " \n。！？、"
# A word is kept until its end has come, but not for ever.
_WORD_MAX = 2000


class AnswerFilter:
    """Takes a model's text in pieces, and gives back what of it can be shown.

    `cited` are the numbers that the answer has cited so far, `refused` whether it says that the
    sources have no answer. Citations of no source are removed, and so are addresses that none of
    the sources has; inside of backticks a number in brackets is an index.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self.cited: set[int] = set()
        self.refused = False
        self._numbers = {source.number for source in sources}
        # Those that a source has, and not others that only begin so.
        self._known = {
            found.group().rstrip(_BEHIND)
            for source in sources
            for found in _ADDRESS.finditer(visible(source.text))
        }
        self._held = ""
        self._in_code = False

    def feed(self, piece: str) -> str:
        """What can be shown now: whole words, and no half citation."""
        self._held = visible(self._held + piece.replace("\r", ""))
        end = max(self._held.rfind(mark) for mark in _ENDS) + 1
        if not end and len(self._held) > _WORD_MAX:
            end = len(self._held)
        ready = self._held[:end].rstrip(" ")  # the space before a citation goes with it
        if half := _OPEN_CITATION.search(ready):
            ready = ready[: half.start()]
        self._held = self._held[len(ready) :]
        return self._clean(ready)

    def finish(self) -> str:
        """What is left at the end."""
        ready, self._held = self._held, ""
        return self._clean(ready).rstrip()

    def _clean(self, text: str) -> str:
        if NOT_IN_MATERIAL in text:
            self.refused = True
            text = text.replace(NOT_IN_MATERIAL, "")
        text = plain(_ADDRESS.sub(self._address, text))
        parts = text.split("`")
        for place, part in enumerate(parts):
            if not self._in_code:
                parts[place] = _CITATIONS.sub(self._citations, part)
            if place < len(parts) - 1:
                self._in_code = not self._in_code
        return "`".join(parts)

    def _address(self, found: re.Match[str]) -> str:
        address = found.group().rstrip(_BEHIND)
        if address in self._known:
            return found.group()
        return LINK_REMOVED + found.group()[len(address) :]

    def _citations(self, found: re.Match[str]) -> str:
        numbers = [int(digits[:9]) for digits in re.findall(r"\d+", found.group())]
        valid = [number for number in dict.fromkeys(numbers) if number in self._numbers]
        self.cited.update(valid)
        return " " + "".join(f"[{number}]" for number in valid) if valid else ""
