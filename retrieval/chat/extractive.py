"""Answers without a model: whole sentences of the passages, so that nothing is invented."""

import re
from collections.abc import Iterator, Sequence

from config import limits
from retrieval.chat.base import Answerer, Sentence, Source, Turn
from retrieval.chat.nearness import SENTENCE_THRESHOLD
from retrieval.chat.texts import plain, visible

# A number in brackets in the material is an index or a note of its own, and no citation.
_LOOKS_CITED = re.compile(r"\[(?=\d+(?:\s*,\s*\d+)*\])")


class ExtractiveAnswerer(Answerer):
    """The sentences that are nearest to the question, in the order of the passages."""

    def answer(
        self, question: str, *, query: str, turns: Sequence[Turn], sources: Sequence[Source]
    ) -> Iterator[str]:
        # Measured: the first passages' sentences are more often of the right section.
        chosen = _best(sources[: limits.CHAT_QUOTED]) or _best(sources)
        for place, (source, sentence) in enumerate(chosen):
            quoted = _LOOKS_CITED.sub("[ ", plain(visible(sentence.text)))
            yield f"{' ' if place else ''}{quoted} [{source.number}]"


def _best(sources: Sequence[Source]) -> list[tuple[Source, Sentence]]:
    """At most CHAT_SENTENCES sentences that are near enough, in their order."""
    found = [(source, one) for source in sources for one in source.sentences]
    order = sorted(range(len(found)), key=lambda i: -found[i][1].score)
    return [
        found[i]
        for i in sorted(order[: limits.CHAT_SENTENCES])
        if found[i][1].score >= SENTENCE_THRESHOLD
    ]
