"""The words around a hit, cut the same way whatever the engine."""

import re

SNIPPET_LENGTH = 300


def snippet_around(text: str, query: str) -> str:
    """At most about SNIPPET_LENGTH characters of `text`, around the query's first words in it.

    Whole words; "…" stands for what is left out.
    """
    if len(text) <= SNIPPET_LENGTH:
        return text
    words = "|".join(re.escape(word) for word in re.findall(r"\w+", query))
    found = re.search(rf"\b(?:{words})", text, re.IGNORECASE)
    start = max(0, (found.start() if found else 0) - SNIPPET_LENGTH // 3)
    end = start + SNIPPET_LENGTH
    piece = text[start:end]
    if start and " " in piece:
        piece = "… " + piece.partition(" ")[2]
    if end < len(text) and " " in piece:
        piece = piece.rpartition(" ")[0] + " …"
    return piece
