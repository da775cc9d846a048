"""Search by words: the terms of texts, their weights, and BM25 in PostgreSQL."""

import math
import random
from collections import Counter
from uuid import uuid4

import pytest

from retrieval.lexical.analysis import Analyzer
from retrieval.lexical.index import search_terms
from retrieval.lexical.weights import HEADING_WEIGHT, K1, TYPICAL_LENGTH, B, term_weights
from retrieval.models import DocumentChunk
from retrieval.tests.factories import DocumentFactory

ENGLISH = Analyzer("english")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("photosynthesis", "Photosynthesis"),
        ("cells", "cell"),
        ("running", "runs"),
        ("STRASSE", "straße"),
        ("ﬁle", "file"),  # a ligature
        ("café", "cafe\u0301"),  # one sign and two
        ("teacher's", "teachers"),
        ("x²", "x2"),
    ],
)
def test_what_is_the_same_word_is_the_same_term(one: str, other: str) -> None:
    assert ENGLISH.terms(one) == ENGLISH.terms(other) != []


@pytest.mark.parametrize(("one", "other"), [("while", "loop"), ("cell", "cellar"), ("i", "j")])
def test_other_words_are_other_terms(one: str, other: str) -> None:
    assert ENGLISH.terms(one) != ENGLISH.terms(other)


def test_words_of_code_are_found() -> None:
    terms = ENGLISH.terms("for i in range(len(names)): print(names[i].upper())")
    assert set(ENGLISH.terms("range print upper names len for in")) <= set(terms)


def test_letters_without_spaces_are_pairs() -> None:
    text, query = ENGLISH.terms("細胞は生命の基本単位です"), ENGLISH.terms("生命")
    assert set(query) <= set(text)
    assert len(text) == 11
    assert ENGLISH.terms("水") != []


def test_words_are_where_they_are_said_to_be() -> None:
    text = "Straße, cells & the CELL's “walls” — 細胞 x_1"
    places = ENGLISH.finder(ENGLISH.query_terms(text))(text)
    assert [text[start:end] for start, end in places] == [
        *("Straße", "cells", "CELL's", "walls", "細胞", "x", "1"),
    ]
    assert list(ENGLISH.finder({})(text)) == list(ENGLISH.finder({1})("")) == []


def test_a_query_loses_its_empty_words_but_never_all() -> None:
    assert list(ENGLISH.query_terms("What is the role of a cell?").values()) == [
        *("is", "role", "cell"),
    ]
    assert list(ENGLISH.query_terms("what the").values()) == ["what", "the"]
    assert ENGLISH.query_terms("?! …") == {}
    assert list(ENGLISH.query_terms("Loops and loop").values()) == ["Loops", "and"]


def test_numbers_fit_the_column() -> None:
    terms = ENGLISH.terms(" ".join(f"word{i}" for i in range(5000)))
    assert all(-(2**31) <= term < 2**31 for term in terms)
    assert len(set(terms)) == 5000


def test_words_of_headings_count_twice() -> None:
    terms, weights = term_weights(ENGLISH, "loops repeat", ("Loops",))
    length = K1 * (1 - B + B * (2 + HEADING_WEIGHT) / TYPICAL_LENGTH)
    expected = {3: 3 * (K1 + 1) / (3 + length), 1: (K1 + 1) / (1 + length)}
    found = dict(zip(terms, weights, strict=True))
    assert found[ENGLISH.terms("loop")[0]] == round(1000 * expected[3])
    assert found[ENGLISH.terms("repeat")[0]] == round(1000 * expected[1])
    assert term_weights(ENGLISH, "") == ([], [])


@pytest.mark.django_db
def test_scores_are_those_of_a_plain_recomputation() -> None:
    """BM25 written down once more, over the passages of a class only."""
    rng = random.Random(5)
    words = [f"w{i}" for i in range(60)]
    mine, theirs = DocumentFactory(), DocumentFactory()
    texts: dict[object, str] = {}
    for document in (mine, theirs):
        for index in range(80):
            text = " ".join(rng.choices(words, weights=range(1, 61), k=rng.randint(1, 90)))
            terms, weights = term_weights(ENGLISH, text)
            chunk = DocumentChunk.objects.create(
                id=uuid4(),
                document=document,
                classroom=document.classroom,
                chunk_index=index,
                text=text,
                terms=terms,
                weights=weights,
            )
            if document is mine:
                texts[chunk.pk] = text
    query = ENGLISH.terms("w1 w3 w40 w59 w59 absent")
    hits = search_terms(
        query,
        table="document_chunks",
        condition="classroom_id = %s",
        values=[mine.classroom_id],
        limit=1000,
    )
    counts = {pk: Counter(ENGLISH.terms(text)) for pk, text in texts.items()}
    expected = {}
    for pk, count in counts.items():
        length = K1 * (1 - B + B * sum(count.values()) / TYPICAL_LENGTH)
        score = 0.0
        for term in set(query):
            n = sum(term in other for other in counts.values())
            idf = math.log(1 + (len(counts) - n + 0.5) / (n + 0.5))
            score += idf * count[term] * (K1 + 1) / (count[term] + length)
        if score:
            expected[pk] = score
    assert {hit.id: hit.score for hit in hits} == pytest.approx(expected, abs=0.01)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        parts = hit.terms(list(dict.fromkeys(query)))
        assert sum(part.idf * part.weight for part in parts) == pytest.approx(hit.score)
    best = search_terms(
        query,
        table="document_chunks",
        condition="classroom_id = %s",
        values=[mine.classroom_id],
        limit=3,
    )
    assert [hit.id for hit in best] == [hit.id for hit in hits[:3]]


@pytest.mark.django_db
@pytest.mark.parametrize("terms", [[], list(range(500))])
def test_no_term_finds_nothing_and_very_many_are_no_error(terms: list[int]) -> None:
    found = search_terms(terms, table="document_chunks", condition="true", values=[], limit=9)
    assert found == []
