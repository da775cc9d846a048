"""Topics, a learner's progress in them, and the evidence behind it."""

from progress.models.evidence import MasteryEvidence
from progress.models.progress import Progress
from progress.models.topic import QuestionTopic, Topic

__all__ = ["MasteryEvidence", "Progress", "QuestionTopic", "Topic"]
