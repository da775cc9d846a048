"""A ZIP archive of material: each of its files is uploaded as if it had come alone."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.files import File

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from classrooms.services import require_open
from config import limits
from config.errors import DomainError, InvalidInput, TooLarge
from retrieval.archives import is_archive, unpacked
from retrieval.models import Document
from retrieval.services.documents import as_path, document_upload
from retrieval.services.ledger import check_document_type


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file of an archive that was not taken, and why."""

    filename: str
    error: DomainError


@dataclass(frozen=True, slots=True)
class ArchiveResult:
    """What became of an archive's files: queued now, there already, or refused."""

    documents: list[Document] = field(default_factory=list)
    unchanged: list[Document] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


def documents_upload_archive(
    *, actor: User, classroom: Classroom, file: Any, document_type: str = "material"
) -> ArchiveResult:
    """Store the files of an uploaded ZIP archive (Django's UploadedFile) and queue them.

    A file that is refused stops no other; each is committed by itself, so that an upload that
    breaks off is simply sent again. Raises InvalidInput or TooLarge for an archive that can't
    be opened.
    """
    require(actor, "retrieval.add_document", classroom)
    require_open(classroom)
    check_document_type(document_type)
    if not is_archive(file.name or ""):
        raise InvalidInput("The file is no ZIP archive", code="unsupported_type")
    if file.size > limits.ARCHIVE_MAX_BYTES:
        most = limits.ARCHIVE_MAX_BYTES // limits.MIB
        raise TooLarge(f"The archive has more than {most} MB")
    if not file.size:
        raise InvalidInput("The file is empty", code="empty")
    result = ArchiveResult()
    with as_path(file) as path, unpacked(path) as members:
        for member in members:
            try:
                if isinstance(member.found, DomainError):
                    raise member.found
                with _Unpacked(member.found, member.name) as content:
                    uploaded = document_upload(
                        actor=actor,
                        classroom=classroom,
                        file=content,
                        document_type=document_type,
                    )
            except DomainError as error:
                result.refused.append(Refusal(member.name, error))
                continue
            kept = result.unchanged if uploaded.unchanged else result.documents
            kept.append(uploaded.document)
    return result


class _Unpacked(File):  # type: ignore[type-arg] # generic for the type checker only
    """A member as an upload that lies on the disk, from where storage may move it."""

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(path.open("rb"), name=name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)
