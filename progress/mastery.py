"""The mastery model: an Elo rating of a learner in a topic.

Source: R. Pelánek, "Applications of the Elo rating system in adaptive educational systems",
Computers & Education 98 (2016), 169-179. With the learner's skill `s` (in logits, 0 before any
answer) and a question's difficulty `d`:

    expected = 1 / (1 + exp(-(s - d)))
    s        = s + K(n) * (fraction - expected),   K(n) = 1 / (1 + 0.05 * n)

where `n` counts the answers before this one, so that early answers move the rating more.
Mastery is the chance of a right answer to a question of average difficulty (d = 0), and 0
before any answer. Difficulties are 0 as long as none are estimated from data.

It needs no data to begin with, takes partial credit as it is, and one pass over the answers
gives the level and the reason for each of its steps: docs/decisions/0006-mastery-model.md.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MODEL_VERSION = "elo-1"
FORMULA = "s += (fraction - 1/(1+e^-s)) / (1 + 0.05 n); mastery = 1/(1+e^-s)"

_K_START = 1.0
_K_DECAY = 0.05
# From here on a topic counts as mastered: about seven right answers in a row.
MASTERED = Decimal("0.85")


@dataclass(frozen=True)
class Step:
    """What one answer did: mastery before and after it, and what the model expected, 0 to 1."""

    fraction: float
    expected: float
    before: float
    after: float


def trace(fractions: Iterable[float]) -> list[Step]:
    """The steps of a learner's answers in a topic, given in the order they were handed in."""
    steps: list[Step] = []
    skill, before = 0.0, 0.0
    for count, fraction in enumerate(fractions):
        expected = _chance(skill)
        skill += _K_START / (1 + _K_DECAY * count) * (fraction - expected)
        after = _chance(skill)
        steps.append(Step(fraction, expected, before, after))
        before = after
    return steps


def level(steps: list[Step]) -> Decimal:
    """The mastery after the last step as the spec's DECIMAL(3,2); 0 without any."""
    return as_level(steps[-1].after if steps else 0.0)


def as_level(mastery: float) -> Decimal:
    """A mastery of 0 to 1 in hundredths."""
    return Decimal(repr(mastery)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _chance(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
