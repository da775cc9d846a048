"""How the students of the demo school do: decided by a fixed seed, pure functions only."""

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from config.demo.plan import AssessmentPlan, QuestionPlan, SampleAnswer

SEED = 1786
_UNANSWERED = 0.04


@dataclass(frozen=True)
class Character:
    """`ability`: the chance of a right answer; `diligence`: how often they study. Both 0 to 1."""

    ability: float
    diligence: float


def dice(*of: object) -> Random:
    """Chance that is the same for the same things, in whatever order they are asked for."""
    return Random(":".join(str(part) for part in (SEED, *of)))  # noqa: S311 - nothing secret


def character_of(email: str) -> Character:
    """Those who study much do better, with exceptions."""
    chance = dice("character", email)
    diligence = 0.15 + 0.8 * chance.betavariate(2.2, 1.6)
    ability = 0.6 * chance.betavariate(4, 2) + 0.4 * diligence
    return Character(ability=ability, diligence=diligence)


def takers_of(assessment: AssessmentPlan, emails: list[str]) -> list[str]:
    """Who has taken an assessment: the diligent more likely than others."""
    chance = dice("takers", assessment.title)
    count = round(assessment.takers * len(emails))
    keen = {email: chance.random() + character_of(email).diligence for email in emails}
    chosen = set(sorted(emails, key=lambda email: -keen[email])[:count])
    return [email for email in emails if email in chosen]


def answer_of(question: QuestionPlan, email: str) -> Any:
    """What a student answers, in the form of `assessments.answers`; None for nothing."""
    chance = dice("answer", question.text, email)
    ability = character_of(email).ability
    if chance.random() < _UNANSWERED * (1.5 - ability):
        return None
    if question.samples:
        return sample_of(question, email).text
    right = chance.random() < 0.15 + 0.8 * ability
    return _ANSWERS[question.type](question, right, chance)


def sample_of(question: QuestionPlan, email: str) -> SampleAnswer:
    """Which of the sample answers a student hands in; the able ones rather the first."""
    chance = dice("sample", question.text, email)
    place = (1 - character_of(email).ability) + chance.uniform(-0.3, 0.3)
    last = len(question.samples) - 1
    return question.samples[min(max(round(place * last), 0), last)]


def sample_by_text(question: QuestionPlan, text: str) -> SampleAnswer:
    """The sample that a handed-in text is; LookupError if it is none."""
    return next(sample for sample in question.samples if sample.text == text)


def _choice(question: QuestionPlan, right: bool, chance: Random) -> str:
    ids = _ids(question)
    return question.answer if right else chance.choice([x for x in ids if x != question.answer])


def _select(question: QuestionPlan, right: bool, chance: Random) -> list[str]:
    key = question.answer.split(", ")
    if right:
        return key
    slips = [key[:-1], [*key, *(x for x in _ids(question) if x not in key)][: len(key) + 1]]
    return chance.choice(slips)


def _boolean(question: QuestionPlan, right: bool, chance: Random) -> bool:
    return (question.answer == "true") is right


def _number(question: QuestionPlan, right: bool, chance: Random) -> float:
    value = float(question.answer.partition("±")[0])
    found = value if right else value + chance.choice((-2, -1, 1, 3))
    return int(found) if found.is_integer() else found


def _text(question: QuestionPlan, right: bool, chance: Random) -> str:
    return question.answer.splitlines()[0] if right else chance.choice(question.wrong)


def _ids(question: QuestionPlan) -> list[str]:
    return [chr(ord("a") + place) for place in range(len(question.options))]


_ANSWERS = {
    "multiple_choice": _choice,
    "multiple_select": _select,
    "true_false": _boolean,
    "numeric": _number,
    "short_answer": _text,
}


def key_of(question: QuestionPlan) -> str | None:
    """The answer key as `assessments` wants it; None for what a person grades."""
    if question.type == "multiple_select":
        return json.dumps(question.answer.split(", "))
    return question.answer or None
