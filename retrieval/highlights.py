"""Where a query's words stand in a passage."""

from collections.abc import Callable, Collection

from retrieval.lexical.analysis import get_analyzer

Span = tuple[int, int]  # text[start:end]


def highlighter(terms: Collection[int]) -> Callable[[str], list[Span]]:
    """A function that gives the places of a text's words whose terms a query has, in order,
    neighbours joined."""
    places = get_analyzer().finder(terms)

    def highlights(text: str) -> list[Span]:
        found: list[Span] = []
        for start, end in places(text) if terms else ():
            if found and text[found[-1][1] : start].isspace():
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
        return found

    return highlights


def marked(text: str, spans: Collection[Span]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is to be marked, for a template."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for start, stop in spans:
        pieces += [(text[end:start], False), (text[start:stop], True)]
        end = stop
    pieces.append((text[end:], False))
    return [(piece, mark) for piece, mark in pieces if piece]
