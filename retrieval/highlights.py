"""Where a query's words stand in a passage."""

from collections.abc import Collection

from retrieval.lexical.analysis import get_analyzer

Span = tuple[int, int]  # text[start:end]


def highlights(text: str, terms: Collection[int]) -> list[Span]:
    """The places of the words whose terms the query has, in order, neighbours joined."""
    found: list[Span] = []
    if not terms:
        return found
    for start, end in get_analyzer().places(text, terms):
        if found and text[found[-1][1] : start].isspace():
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def marked(text: str, spans: Collection[Span]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is to be marked, for a template."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for start, stop in spans:
        pieces += [(text[end:start], False), (text[start:stop], True)]
        end = stop
    pieces.append((text[end:], False))
    return [(piece, mark) for piece, mark in pieces if piece]
