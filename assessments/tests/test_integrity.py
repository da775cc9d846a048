"""The integrity score of a report."""

import pytest

from assessments.integrity import integrity_score, risk_level


@pytest.mark.parametrize(
    ("kinds", "score", "risk"),
    [
        ([], 100.0, "low"),
        (["network_loss"] * 40, 100.0, "low"),
        (["gaze_deviation"] * 40, 92.5, "low"),
        (["tab_switch"] * 2 + ["no_face"], 80.0, "low"),
        (["phone_detected", "copy_paste"], 70.0, "medium"),
        (["phone_detected"] * 2 + ["multiple_faces"], 45.0, "high"),
        (["phone_detected", "copy_paste", "multiple_faces"] * 5, 0.0, "high"),
    ],
)
def test_the_score(kinds: list[str], score: float, risk: str) -> None:
    assert integrity_score(kinds) == score
    assert risk_level(score) == risk
