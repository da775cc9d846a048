"""Mastery, moved by graded answers: under a lock, from all the evidence there is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from assessments.signals import GradedAnswer
from config.errors import InvalidInput
from progress import mastery
from progress.models import MasteryEvidence, Progress, QuestionTopic
from progress.services.events import Moved, announce
from progress.services.evidence import evidence_of, level_of
from progress.services.rows import locked_rows, touch


@transaction.atomic
def mastery_record(
    *, user: User, outcomes: Sequence[GradedAnswer], answered_at: datetime | None = None
) -> list[Progress]:
    """Move the user's mastery of every topic that the graded questions test.

    `answered_at` is when the answers were handed in (else when they were graded). Questions
    without a topic move nothing. A question that is graded again replaces its earlier grade;
    the same grade again changes nothing. Returns the rows that moved.
    """
    for outcome in outcomes:
        if not 0 <= outcome.fraction <= 1:
            raise InvalidInput(f"a fraction of points must be from 0 to 1: {outcome.fraction}")
    by_topic = _outcomes_by_topic(outcomes)
    if not by_topic:
        return []
    moment = answered_at or min(outcome.graded_at for outcome in outcomes)
    rows = locked_rows(user.pk, by_topic, moment)
    history = evidence_of(user.pk, by_topic)
    added: list[MasteryEvidence] = []
    moved: list[Moved] = []
    for topic_id, row in rows.items():
        known = history.get(topic_id, [])
        new = _new_evidence(row, known, by_topic[topic_id], answered_at)
        if not new:
            continue
        for item in new:
            known.append(item)
            item.mastery_after = level_of(known)
        row.mastery_level = new[-1].mastery_after
        touch(row, moment)
        added += new
        moved.append(Moved(row, new, known))
    MasteryEvidence.objects.bulk_create(added)
    Progress.objects.bulk_update(
        [change.row for change in moved], ["mastery_level", "last_activity"]
    )
    announce(moved)
    return [change.row for change in moved]


def _outcomes_by_topic(outcomes: Sequence[GradedAnswer]) -> dict[UUID, list[GradedAnswer]]:
    by_question = {outcome.question_id: outcome for outcome in outcomes}
    links = QuestionTopic.objects.filter(question_id__in=by_question)
    topics: dict[UUID, set[UUID]] = {}
    for question_id, topic_id in links.values_list("question_id", "topic_id"):
        topics.setdefault(topic_id, set()).add(question_id)
    return {
        topic_id: [outcome for outcome in by_question.values() if outcome.question_id in questions]
        for topic_id, questions in topics.items()
    }


def _new_evidence(
    row: Progress,
    known: list[MasteryEvidence],
    outcomes: list[GradedAnswer],
    answered_at: datetime | None,
) -> list[MasteryEvidence]:
    latest = {item.question_id: item for item in known}
    new = []
    for outcome in outcomes:
        earlier = latest.get(outcome.question_id)
        if earlier is not None and earlier.fraction == outcome.fraction:
            continue
        new.append(
            MasteryEvidence(
                user_id=row.user_id,
                topic_id=row.topic_id,
                question_id=outcome.question_id,
                fraction=outcome.fraction,
                answered_at=earlier.answered_at if earlier else answered_at or outcome.graded_at,
                graded_at=outcome.graded_at,
                model_version=mastery.MODEL_VERSION,
            )
        )
    return new
