"""The integrity score: what a proctoring report says in one number.

    score = 100 - sum over types of min(weight x count, 3 x weight), at least 0

Each type of violation costs its weight, at most three times: a nervous gaze, or a client
that repeats itself, can't make the worst report by itself, and several different signs
weigh more than one. A lost network costs nothing. The weights are ours, a teacher's hint
where to look first; the decision stays a person's.
"""

from collections import Counter
from collections.abc import Iterable

from assessments.models import RiskLevel, ViolationType

WEIGHTS: dict[str, float] = {
    ViolationType.GAZE_DEVIATION: 2.5,
    ViolationType.MULTIPLE_FACES: 15,
    ViolationType.NO_FACE: 5,
    ViolationType.TAB_SWITCH: 7.5,
    ViolationType.FULLSCREEN_EXIT: 5,
    ViolationType.COPY_PASTE: 10,
    ViolationType.PHONE_DETECTED: 20,
    ViolationType.VOICE_DETECTED: 5,
    ViolationType.NETWORK_LOSS: 0,
}
COUNTED_PER_TYPE = 3
LOW_RISK_FROM = 80
MEDIUM_RISK_FROM = 55


def integrity_score(violation_types: Iterable[str]) -> float:
    """The score, 0 to 100, of a session's violations; a type that is not known costs nothing."""
    lost = sum(
        WEIGHTS.get(kind, 0) * min(count, COUNTED_PER_TYPE)
        for kind, count in Counter(violation_types).items()
    )
    return max(100.0 - lost, 0.0)


def risk_level(score: float) -> RiskLevel:
    """Low from 80, medium from 55, high below."""
    if score >= LOW_RISK_FROM:
        return RiskLevel.LOW
    return RiskLevel.MEDIUM if score >= MEDIUM_RISK_FROM else RiskLevel.HIGH
