"""What can be read of material."""

from uuid import UUID

from accounts.files import PrivateFile, file_link
from accounts.models import User
from classrooms.models import Classroom
from config.errors import NotFound
from retrieval.guards import require_unlocked
from retrieval.models import Document, DocumentChunk, WebChunk, WebPage
from retrieval.services.search import FoundPassage


def document_open(user: User, document_id: UUID) -> PrivateFile:
    """The file of a document that the user may see; NotFound otherwise.

    Raises NotAllowed while an attempt of the user's locks the material.
    """
    document = Document.objects.visible_to(user).filter(pk=document_id).first()
    if document is None or not document.file:
        raise NotFound()
    require_unlocked(user)
    try:
        return PrivateFile(document.file.open("rb"), document.filename.rsplit("/", 1)[-1])
    except FileNotFoundError:
        raise NotFound("The file is no longer there.") from None


def document_link(*, user: User, document_id: UUID, filename: str, page: int | None = None) -> str:
    """A signed path to the document's file; a PDF opens at the page."""
    name = filename.rsplit("/", 1)[-1]
    link = file_link(kind="document", object_id=document_id, filename=name, user=user)
    return f"{link}#page={page}" if page and name.lower().endswith(".pdf") else link


def passage_link(passage: FoundPassage, user: User) -> str:
    """A signed path to where a passage stands."""
    return document_link(
        user=user,
        document_id=passage.document_id,
        filename=passage.filename,
        page=passage.page_number,
    )


def document_filenames(classroom: Classroom) -> set[str]:
    """The names that the documents of a class have."""
    return set(Document.objects.filter(classroom=classroom).values_list("filename", flat=True))


def document_passages(
    *, user: User, document: Document, start: int = 0, limit: int = 100
) -> list[DocumentChunk]:
    """The document's passages from `chunk_index` `start` on.

    Raises NotAllowed while an attempt of the user's locks the material.
    """
    require_unlocked(user)
    found = DocumentChunk.objects.filter(document=document, chunk_index__gte=start)
    return list(found.defer("terms", "weights").order_by("chunk_index")[:limit])


def web_page_passages(*, user: User, page: WebPage, limit: int = 100) -> list[WebChunk]:
    """The page's first passages.

    Raises NotAllowed while an attempt of the user's locks the material.
    """
    require_unlocked(user)
    return list(page.passages.defer("terms", "weights").order_by("chunk_index")[:limit])
