"""What the vector stores are given: the specification's payload out of the ledger's rows."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from retrieval.embedders.base import Vectors
from retrieval.models import Document, WebPage
from retrieval.pipeline import passage_id
from retrieval.stores.base import DocumentPassage, DocumentPoint, WebPassage, WebPoint


class Piece(Protocol):
    """A passage that has just been cut, or its row."""

    @property
    def chunk_index(self) -> int: ...

    @property
    def text(self) -> str: ...


class PagedPiece(Piece, Protocol):
    """The same, of a document."""

    @property
    def page_number(self) -> int | None: ...


def document_points(
    document: Document, pieces: Iterable[PagedPiece], vectors: Vectors
) -> Iterator[DocumentPoint]:
    """A document's passages with their vectors, [len(pieces), 384]."""
    for piece, vector in zip(pieces, vectors, strict=True):
        passage = DocumentPassage(
            id=passage_id(document.pk, piece.chunk_index),
            document_id=document.pk,
            classroom_id=document.classroom_id,
            document_type=document.document_type,
            filename=document.filename,
            page_number=piece.page_number,
            chunk_index=piece.chunk_index,
            text=piece.text,
            created_at=document.created_at,
        )
        yield passage, vector


def web_points(page: WebPage, pieces: Iterable[Piece], vectors: Vectors) -> Iterator[WebPoint]:
    """A page's passages with their vectors, [len(pieces), 384]."""
    for piece, vector in zip(pieces, vectors, strict=True):
        passage = WebPassage(
            id=passage_id(page.pk, piece.chunk_index),
            source_url=page.source_url,
            title=page.title,
            topic=page.topic,
            text=piece.text,
            ingested_at=page.ingested_at or page.created_at,
        )
        yield passage, vector
