"""Files that no document names are removed after a day."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from config import limits
from retrieval import tasks
from retrieval.models import DOCUMENTS_FOLDER
from retrieval.services import files_sweep
from retrieval.tests.factories import DocumentFactory

pytestmark = pytest.mark.django_db


def test_a_file_of_no_document_goes_after_a_day() -> None:
    kept = DocumentFactory()
    orphan = default_storage.save(f"{DOCUMENTS_FOLDER}/orphan", ContentFile(b"left behind"))
    tasks.sweep_files()
    assert default_storage.exists(orphan)
    later = timezone.now() + limits.ORPHAN_FILE_AGE + timedelta(minutes=1)
    assert files_sweep(now=later) >= 1
    assert not default_storage.exists(orphan)
    assert default_storage.exists(kept.file.name)
