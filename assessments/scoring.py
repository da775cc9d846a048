"""Grading by rule: how much of a question's points an answer earns."""

import json
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from assessments.answers import numeric_key
from assessments.models import Question, QuestionType

_CENT = Decimal("0.01")


def points_earned(question: Question, answer: Any) -> Decimal | None:
    """The points of an answer, to the hundredth; None when a person must grade it.

    No answer earns 0. Several choices earn (right ones chosen - wrong ones chosen) / right
    ones, at least 0, so choosing everything earns nothing. A short answer counts
    if it equals an accepted text but for case, spacing and Unicode form.
    """
    if answer is None or answer == [] or (isinstance(answer, str) and not answer.strip()):
        return Decimal(0)
    share = _share(question, answer)
    if share is None:
        return None
    return (question.points * share).quantize(_CENT, ROUND_HALF_UP)


def _share(question: Question, answer: Any) -> Decimal | None:
    kind, key = question.question_type, question.correct_answer
    if kind == QuestionType.ESSAY or key is None:
        return None
    if kind == QuestionType.MULTIPLE_SELECT:
        right, chosen = set(json.loads(key)), set(answer)
        net = len(chosen & right) - len(chosen - right)
        return Decimal(max(net, 0)) / len(right)
    if kind == QuestionType.TRUE_FALSE:
        return Decimal(answer is (key == "true"))
    if kind == QuestionType.NUMERIC:
        value, tolerance = numeric_key(key)
        return Decimal(abs(Decimal(answer) - value) <= tolerance)
    if kind == QuestionType.SHORT_ANSWER:
        return Decimal(_plain(answer) in {_plain(line) for line in key.splitlines() if line})
    return Decimal(answer == key)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
