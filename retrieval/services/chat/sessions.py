"""Conversations: begin and delete."""

from django.db import transaction

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from config.errors import Conflict, NotFound
from retrieval.models import ChatSession


def chat_session_start(*, user: User, classroom: Classroom) -> ChatSession:
    """Begin a conversation about a class's material; Conflict when the class is archived."""
    require(user, "retrieval.use_chat", classroom)
    refuse_archived(classroom)
    session: ChatSession = ChatSession.objects.create(user=user, classroom=classroom)
    activity_record(
        actor=user, action="chat_start", resource_type="chat_session", resource_id=session.pk
    )
    return session


def chat_session_delete(*, user: User, session: ChatSession) -> None:
    """Delete one's own conversation and its messages; NotFound for another's."""
    if session.user_id != user.pk:
        raise NotFound()
    with transaction.atomic():
        activity_record(
            actor=user, action="chat_delete", resource_type="chat_session", resource_id=session.pk
        )
        session.delete()  # its messages go with it: retrieval/receivers.py


def refuse_archived(classroom: Classroom) -> None:
    """Raise Conflict for a class that is read no more."""
    if not classroom.is_active:
        raise Conflict("The class is archived.", code="classroom_archived")
