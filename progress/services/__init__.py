"""What can be done to topics and progress."""

from progress.services.links import question_topic_create, question_topic_delete
from progress.services.mastery import mastery_record
from progress.services.rebuild import progress_rebuild, progress_with_evidence
from progress.services.release import grades_announce
from progress.services.time_spent import time_spent_record
from progress.services.topics import topic_create, topic_delete, topic_update

__all__ = [
    "grades_announce",
    "mastery_record",
    "progress_rebuild",
    "progress_with_evidence",
    "question_topic_create",
    "question_topic_delete",
    "time_spent_record",
    "topic_create",
    "topic_delete",
    "topic_update",
]
