"""Topics."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from config.errors import Conflict, InvalidInput
from config.locks import exclusive
from progress.models import Topic

_FIELDS = ("subject", "name")


@transaction.atomic
def topic_create(
    *, actor: User, subject: str, name: str, prerequisites: Iterable[Topic] = ()
) -> Topic:
    """Make a topic; a subject has each name once. InvalidInput, NotAllowed."""
    require(actor, "progress.add_topic")
    topic = Topic(subject=subject.strip(), name=name.strip(), created_by=actor)
    _save(topic)
    topic.prerequisites.set(prerequisites)
    _log(actor, "topic_create", topic, subject=topic.subject, name=topic.name)
    return topic


@transaction.atomic
def topic_update(*, actor: User, topic: Topic, **changes: Any) -> Topic:
    """Change a topic's subject, name or prerequisites (a circle of them is refused)."""
    require(actor, "progress.change_topic", topic)
    for field in _FIELDS:
        if field in changes:
            setattr(topic, field, changes[field].strip())
    _save(topic)
    if "prerequisites" in changes:
        wanted = list(changes["prerequisites"])
        with exclusive("topic prerequisites"):
            _refuse_circle(topic, wanted)
            topic.prerequisites.set(wanted)
    _log(actor, "topic_update", topic, fields=sorted(changes))
    return topic


@transaction.atomic
def topic_delete(*, actor: User, topic: Topic) -> None:
    """Delete a topic that nothing refers to."""
    require(actor, "progress.delete_topic", topic)
    if topic.progress.exists() or topic.question_links.exists():
        raise Conflict("The topic is in use: questions test it or people have progress in it.")
    _log(actor, "topic_delete", topic)
    topic.delete()


def _save(topic: Topic) -> None:
    try:
        topic.full_clean(exclude=["created_by"], validate_constraints=False)
        with transaction.atomic():
            topic.save()
    except ValidationError as error:
        raise InvalidInput(errors=error.message_dict) from None
    except IntegrityError:
        raise InvalidInput(
            errors={"name": ["The subject already has a topic of this name."]}
        ) from None


def _refuse_circle(topic: Topic, prerequisites: Iterable[Topic]) -> None:
    frontier, seen = {found.pk for found in prerequisites}, set()
    while frontier:
        if topic.pk in frontier:
            raise InvalidInput(
                errors={"prerequisites": ["A topic can't be a prerequisite of itself."]}
            )
        seen |= frontier
        found = Topic.objects.filter(unlocks__in=frontier).values_list("pk", flat=True)
        frontier = set(found) - seen


def _log(actor: User, action: str, topic: Topic, **metadata: Any) -> None:
    activity_record(
        actor=actor, action=action, resource_type="topic", resource_id=topic.pk, metadata=metadata
    )
