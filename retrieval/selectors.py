"""What can be read of material."""

from urllib.parse import quote, unquote
from uuid import UUID

from accounts.files import PrivateFile, file_link
from accounts.models import User
from config import limits
from config.errors import InvalidInput, NotFound
from retrieval.models import Document, DocumentChunk
from retrieval.results import SearchHit
from retrieval.services.search import FoundPassage
from retrieval.stores.base import WebPassage, web_vectors


def document_open(user: User, document_id: UUID) -> PrivateFile:
    """The file of a document that the user may see; NotFound otherwise."""
    document = Document.objects.visible_to(user).filter(pk=document_id).first()
    if document is None or not document.file:
        raise NotFound()
    try:
        return PrivateFile(document.file.open("rb"), document.filename.rsplit("/", 1)[-1])
    except FileNotFoundError:
        raise NotFound("The file is no longer there.") from None


def document_link(*, user: User, document_id: UUID, filename: str, page: int | None = None) -> str:
    """A signed path to the document's file; a PDF opens at the page."""
    name = filename.rsplit("/", 1)[-1]
    link = file_link(kind="document", object_id=document_id, filename=name, user=user)
    return f"{link}#page={page}" if page and name.lower().endswith(".pdf") else link


def hit_link(hit: SearchHit[FoundPassage], user: User) -> str:
    """A signed path to where a search's hit stands."""
    passage = hit.passage
    return document_link(
        user=user,
        document_id=passage.document_id,
        filename=passage.filename,
        page=passage.page_number,
    )


def document_passages(
    document: Document, *, start: int = 0, limit: int = 100
) -> list[DocumentChunk]:
    """The document's passages from `chunk_index` `start` on."""
    found = DocumentChunk.objects.filter(document=document, chunk_index__gte=start)
    return list(found.defer("terms", "weights").order_by("chunk_index")[:limit])


def web_passages(*, after: str | None = None) -> tuple[list[WebPassage], str | None]:
    """A page of all web passages, and the `after` of the next page (None: this is the last)."""
    position = None
    if after:
        url, _, passage_id = after.rpartition(" ")
        try:
            position = (unquote(url), UUID(passage_id))
        except ValueError:
            raise InvalidInput("There is no such page.") from None
    page = web_vectors().page(after=position, limit=limits.PAGE_SIZE + 1)
    shown = page[: limits.PAGE_SIZE]
    more = len(page) > len(shown)
    return shown, f"{quote(shown[-1].source_url)} {shown[-1].id}" if more else None
