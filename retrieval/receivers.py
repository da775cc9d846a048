"""What follows from the deletion of a row, whoever deletes it."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from retrieval.models import ChatSession
from retrieval.services.chat.messages import forget


@receiver(post_delete, sender=ChatSession)
def forget_messages(sender: object, instance: ChatSession, **kwargs: Any) -> None:
    """A conversation's messages go with it, also when its user or its class is deleted.

    A Redis that is down forgets them by itself two hours after the last one.
    """
    session_id = instance.pk
    transaction.on_commit(lambda: forget(session_id), robust=True)
