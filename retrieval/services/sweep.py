"""Files of documents that a crash between storage and commit has left."""

from datetime import datetime

from config.storage_sweep import sweep_files
from retrieval.models import DOCUMENTS_FOLDER, Document


def files_sweep(*, now: datetime) -> int:
    """Remove files that no document names, once they are a day old; how many went."""

    def is_named(name: str) -> bool:
        return Document.objects.filter(file=name).exists()

    return sweep_files(DOCUMENTS_FOLDER, is_named, now=now)
