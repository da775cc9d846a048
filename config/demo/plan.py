"""The words in which a demo class is described; `config.demo.classes` holds the descriptions.

Days are counted from the day on which the school is made: -3 is three days before it.
"""

from dataclasses import dataclass, field
from pathlib import Path

MATERIAL = Path(__file__).parent / "material"


@dataclass(frozen=True)
class TopicPlan:
    """A topic and the names of those to learn before it."""

    name: str
    prerequisites: tuple[str, ...] = ()


@dataclass(frozen=True)
class SampleAnswer:
    """A text that a student may hand in, and how a teacher grades it (`share`: 0 to 1)."""

    text: str
    share: float
    comment: str = ""


@dataclass(frozen=True)
class QuestionPlan:
    """A question; `answer` has the form of an answer key, see `assessments.answers`.

    `samples` are for questions that a person grades, the best first; `wrong` are the
    mistakes that students make in short answers.
    """

    type: str
    topic: str
    text: str
    points: int = 2
    options: tuple[str, ...] = ()
    answer: str = ""
    explanation: str = ""
    rubric: str = ""
    wrong: tuple[str, ...] = ()
    samples: tuple[SampleAnswer, ...] = ()


@dataclass(frozen=True)
class AssessmentPlan:
    """An assessment. `grading`: "released", "graded" (not released) or "partly" (by hand)."""

    title: str
    type: str
    description: str
    published: int
    due: int
    minutes: int
    grading: str
    takers: float  # the share of the class that has handed it in
    questions: tuple[QuestionPlan, ...]
    is_proctored: bool = False


@dataclass(frozen=True)
class MeetingPlan:
    """A meeting; one that is past has a recording, and a dialogue to make its transcript of."""

    title: str
    description: str
    day: int
    hour: int
    minutes: int = 45
    dialogue: str = ""
    summary: str = ""


@dataclass(frozen=True)
class ClassPlan:
    """A class; `folder` holds its `documents`, `assistants` are teachers who help."""

    name: str
    subject: str
    description: str
    teacher: str
    folder: str
    documents: tuple[str, ...]
    topics: tuple[TopicPlan, ...]
    meetings: tuple[MeetingPlan, ...]
    assessments: tuple[AssessmentPlan, ...]
    assistants: tuple[str, ...] = field(default=())
