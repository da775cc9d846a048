"""Material for tests."""

import hashlib
from uuid import uuid4

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from accounts.tests.factories import UserFactory
from classrooms.tests.factories import ClassroomFactory
from retrieval.models import AnswerFeedback, ChatSession, Document, IngestState, WebPage

TEXT = b"# Photosynthesis\n\nPlants make sugar from light, water and carbon dioxide.\n"


class DocumentFactory(DjangoModelFactory):
    """A ledger row with its file, of which nothing is in the vector store."""

    class Meta:
        model = Document

    classroom = factory.SubFactory(ClassroomFactory)
    filename = factory.Sequence(lambda n: f"notes{n}.md")
    file = factory.LazyFunction(lambda: ContentFile(TEXT, name="notes.md"))
    size_bytes = len(TEXT)
    file_hash = hashlib.sha256(TEXT).hexdigest()
    state = IngestState.QUEUED


class ChatSessionFactory(DjangoModelFactory):
    """A conversation without messages."""

    class Meta:
        model = ChatSession

    user = factory.SubFactory(UserFactory)
    classroom = factory.SubFactory(ClassroomFactory)


class WebPageFactory(DjangoModelFactory):
    """A ledger row of a page that nobody has read."""

    class Meta:
        model = WebPage

    source_url = factory.Sequence(lambda n: f"https://example.org/{n}")
    host = "example.org"
    state = IngestState.QUEUED


class AnswerFeedbackFactory(DjangoModelFactory):
    """That an answer without citations helped."""

    class Meta:
        model = AnswerFeedback

    user = factory.SubFactory(UserFactory)
    classroom = factory.SubFactory(ClassroomFactory)
    session_id = factory.LazyFunction(uuid4)
    message_id = factory.LazyFunction(uuid4)
    question = query = "What is sugar?"
    answered = True
    helpful = True
