"""Fusion, folding and highlights: small functions, by themselves."""

import pytest

from retrieval.duplicates import fold
from retrieval.fusion import K, fuse
from retrieval.highlights import highlighter, marked
from retrieval.lexical.analysis import get_analyzer


def test_fusion_adds_up_reciprocal_ranks() -> None:
    fused = dict(fuse([["a", "b", "c"], ["c", "a"]]))
    assert fused == {
        "a": pytest.approx(1 / (K + 1) + 1 / (K + 2)),
        "c": pytest.approx(1 / (K + 3) + 1 / (K + 1)),
        "b": pytest.approx(1 / (K + 2)),
    }
    assert [item for item, _ in fuse([["a", "b", "c"], ["c", "a"]])] == ["a", "c", "b"]
    assert fuse([]) == fuse([[], []]) == []
    assert [item for item, _ in fuse([["x"], ["y"]])] == ["x", "y"]


def test_what_says_the_same_is_folded() -> None:
    page = frozenset(range(100))
    items = {
        "page": page,
        "other": frozenset(range(200, 300)),
        "same": page,
        "nearly": page - {3} | {300},
        "half": frozenset(range(50)),
        "empty": frozenset(),
        "empty too": frozenset(),
    }
    folded = fold(items, items.__getitem__, 10)
    assert folded == [
        ("page", ["same", "nearly"]),
        *(("other", []), ("half", []), ("empty", []), ("empty too", [])),
    ]
    assert fold(items, items.__getitem__, 1) == [("page", ["same", "nearly"])]
    assert fold([], items.__getitem__, 3) == []


def test_words_of_the_query_are_marked() -> None:
    text = "A cell divides. <b>Cells</b> live & cell  division ends."
    terms = get_analyzer().query_terms("how cells divide")
    spans = highlighter(terms)(text)
    assert [text[start:end] for start, end in spans] == [
        *("cell divides", "Cells", "cell"),
    ]
    pieces = marked(text, spans)
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, mark in pieces if mark] == ["cell divides", "Cells", "cell"]
    assert highlighter({})(text) == []
    assert marked("", []) == []
