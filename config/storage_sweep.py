"""Files of the private storage that no row names: left by a crash, removed after a while."""

from collections.abc import Callable
from datetime import datetime

from django.core.files.storage import default_storage

from config import limits


def sweep_files(folder: str, is_named: Callable[[str], bool], *, now: datetime) -> int:
    """Remove the files of `folder` whose names (with the folder) `is_named` does not know.

    Those younger than ORPHAN_FILE_AGE stay: their rows may be on the way. How many went.
    """
    if not default_storage.exists(folder):
        return 0
    swept = 0
    for filename in default_storage.listdir(folder)[1]:
        name = f"{folder}/{filename}"
        old = default_storage.get_modified_time(name) < now - limits.ORPHAN_FILE_AGE
        if old and not is_named(name):
            default_storage.delete(name)
            swept += 1
    return swept
