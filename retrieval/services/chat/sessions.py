"""Conversations: begin and delete."""

from django.db import transaction

from accounts.activity import activity_record
from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from config.errors import Conflict, NotFound
from retrieval.guards import require_unlocked
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


def require_asking(*, user: User, session: ChatSession) -> None:
    """Raise NotAllowed for who may not ask (or not now), Conflict for an archived class."""
    require(user, "retrieval.use_chat", session.classroom)
    refuse_archived(session.classroom)
    require_unlocked(user)


def require_still(*, user: User, session: ChatSession) -> None:
    """The same while an answer is under way, by what is so now.

    NotFound, as for any other request, for who has left the class, and for a conversation that
    is deleted: they are shown no more of it.
    """
    found = ChatSession.objects.select_related("classroom").filter(pk=session.pk).first()
    person = User.objects.filter(pk=user.pk).first()
    if not found or not person or not person.has_perm("retrieval.use_chat", found.classroom):
        raise NotFound("The conversation is there no more.")
    require_asking(user=person, session=found)


def refuse_archived(classroom: Classroom) -> None:
    """Raise Conflict for a class that is read no more."""
    if not classroom.is_active:
        raise Conflict("The class is archived.", code="classroom_archived")
