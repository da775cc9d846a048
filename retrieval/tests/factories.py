"""Material for tests."""

import hashlib

import factory
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from accounts.tests.factories import UserFactory
from classrooms.tests.factories import ClassroomFactory
from retrieval.models import ChatSession, Document, IngestState

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
