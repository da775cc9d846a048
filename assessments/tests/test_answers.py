"""The forms of keys and answers, and what answers earn."""

from decimal import Decimal
from typing import Any

import pytest

from assessments.answers import answers_clean, key_clean, options_clean
from assessments.models import Question
from assessments.scoring import points_earned
from config.errors import InvalidInput

OPTIONS = [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}, {"id": "c", "text": "C"}]


def question(kind: str, key: str | None, points: int = 3) -> Question:
    options = OPTIONS if kind.startswith("multiple") else None
    return Question(
        question_type=kind,
        points=points,
        options=options,
        correct_answer=key_clean(kind, options, key),
    )


def test_plain_options_get_letters() -> None:
    assert options_clean("multiple_choice", ["x", {"id": "a", "text": "y"}, "z"]) == [
        {"id": "b", "text": "x"},
        {"id": "a", "text": "y"},
        {"id": "c", "text": "z"},
    ]


@pytest.mark.parametrize(
    "options",
    [
        None,
        [],
        ["one"],
        ["x", ""],
        ["x", "a\x00b"],
        ["x", 3],
        ["x", {"id": "a"}],
        ["x"] * 21,
        [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}],
        [{"id": "a b", "text": "x"}, "y"],
    ],
)
def test_bad_options_are_refused(options: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        options_clean("multiple_choice", options)
    assert list(caught.value.errors) == ["options"]


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("multiple_choice", None),
        ("multiple_choice", "d"),
        ("multiple_select", "a,d"),
        ("multiple_select", "[1]"),
        ("multiple_select", "[a"),
        ("true_false", "maybe"),
        ("numeric", "much"),
        ("numeric", "nan"),
        ("numeric", "1±x"),
        ("numeric", "1e999999"),
        ("short_answer", "a\x00"),
        ("essay", "\ud800"),
    ],
)
def test_bad_keys_are_refused(kind: str, key: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        question(kind, key)
    assert list(caught.value.errors) == ["correct_answer"]


@pytest.mark.parametrize(
    ("kind", "key", "answer", "earned"),
    [
        ("multiple_choice", "a", "a", "3"),
        ("multiple_choice", "a", "b", "0"),
        ("multiple_select", "a,b", ["a", "b"], "3"),
        ("multiple_select", "a,b", ["a"], "1.5"),
        ("multiple_select", "a,b", ["a", "b", "c"], "1.5"),
        ("multiple_select", "a,b", ["c"], "0"),
        ("multiple_select", "a,b", [], "0"),
        ("true_false", "TRUE", True, "3"),
        ("true_false", "true", False, "0"),
        ("numeric", "0.3", "0.30", "3"),
        ("numeric", "0.3", "0.31", "0"),
        ("numeric", "0.3±0.01", "0.31", "3"),
        ("numeric", "-2 +- 0.5", "-2.5", "3"),
        ("short_answer", "Straße\nroad", " STRASSE ", "3"),
        ("short_answer", "a b", "a   b", "3"),
        ("short_answer", "a b", "ab", "0"),
        ("essay", None, "  ", "0"),
        ("essay", "a model", None, "0"),
    ],
)
def test_points(kind: str, key: str | None, answer: Any, earned: str) -> None:
    assert points_earned(question(kind, key), answer) == Decimal(earned)


@pytest.mark.parametrize(("kind", "key"), [("essay", "a model"), ("short_answer", None)])
def test_a_person_grades_what_no_rule_can(kind: str, key: str | None) -> None:
    assert points_earned(question(kind, key), "words") is None


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("multiple_choice", "d"),
        ("multiple_choice", ["a"]),
        ("multiple_choice", {"a": 1}),
        ("multiple_select", "a"),
        ("multiple_select", ["a", "z"]),
        ("multiple_select", [["a"]]),
        ("true_false", "true"),
        ("true_false", 1),
        ("numeric", True),
        ("numeric", "ten"),
        ("numeric", float("inf")),
        ("numeric", "1e400"),
        ("numeric", "9" * 65),
        ("short_answer", 5),
        ("short_answer", "x" * 501),
        ("essay", "a\x00b"),
        ("essay", "\udfff"),
    ],
)
def test_bad_answers_name_their_question(kind: str, answer: Any) -> None:
    keys = {"multiple_choice": "a", "multiple_select": "a", "true_false": "true", "numeric": "1"}
    asked = question(kind, keys.get(kind))
    with pytest.raises(InvalidInput) as caught:
        answers_clean({"q": asked, "fine": asked}, {"q": answer, "fine": None, "other": None})
    assert set(caught.value.errors) == {"answers.q", "answers.other"}
