"""Which questions test which topics."""

from django.db import transaction

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from assessments.models import Question
from progress.models import QuestionTopic, Topic


@transaction.atomic
def question_topic_create(*, actor: User, question: Question, topic: Topic) -> QuestionTopic:
    """Say that a question tests a topic; to say it again changes nothing.

    It holds for answers that are graded from now on.
    """
    require(actor, "progress.add_questiontopic", question)
    link: QuestionTopic
    link, created = QuestionTopic.objects.get_or_create(question=question, topic=topic)
    if created:
        _log(actor, "question_topic_create", link)
    return link


@transaction.atomic
def question_topic_delete(*, actor: User, link: QuestionTopic) -> None:
    """Take the topic off the question; the evidence that it has given stays."""
    require(actor, "progress.delete_questiontopic", link)
    _log(actor, "question_topic_delete", link)
    link.delete()


def _log(actor: User, action: str, link: QuestionTopic) -> None:
    activity_record(
        actor=actor,
        action=action,
        resource_type="question_topic",
        resource_id=link.pk,
        metadata={"question_id": str(link.question_id), "topic_id": str(link.topic_id)},
    )
