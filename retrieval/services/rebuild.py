"""Vectors made again from the passages that the ledger has."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import transaction

from retrieval.embedders import get_embedder
from retrieval.embedders.base import Vectors
from retrieval.models import Document, DocumentChunk, LexicalChunk, WebChunk, WebPage
from retrieval.services.removals import hold_owner
from retrieval.stores.base import (
    DocumentPassage,
    DocumentPoint,
    WebPassage,
    WebPoint,
    document_vectors,
    web_vectors,
)


@transaction.atomic
def rebuild_document(document_id: UUID) -> int:
    """Make the document's vectors anew; how many. A document that has gone has none."""
    document = Document.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        return 0
    chunks = list(DocumentChunk.objects.filter(document=document).defer("terms", "weights"))
    return document_vectors().replace(document_id, _document_points(document, chunks))


@transaction.atomic
def rebuild_web_page(source_url: str) -> int:
    """Make the page's vectors anew; how many. A page that has gone has none."""
    hold_owner("web_content", source_url)
    page = WebPage.objects.select_for_update().filter(source_url=source_url).first()
    if page is None:
        return 0
    chunks = list(WebChunk.objects.filter(page=page).defer("terms", "weights"))
    return web_vectors().replace(source_url, _web_points(page, chunks))


def _document_points(
    document: Document, chunks: Sequence[DocumentChunk]
) -> Iterator[DocumentPoint]:
    for chunk, vector in zip(chunks, _vectors(chunks), strict=True):
        passage = DocumentPassage(
            id=chunk.pk,
            document_id=document.pk,
            classroom_id=document.classroom_id,
            document_type=document.document_type,
            filename=document.filename,
            page_number=chunk.page_number,
            chunk_index=chunk.chunk_index,
            text=chunk.text,
            created_at=document.created_at,
        )
        yield passage, vector


def _web_points(page: WebPage, chunks: Sequence[WebChunk]) -> Iterator[WebPoint]:
    for chunk, vector in zip(chunks, _vectors(chunks), strict=True):
        passage = WebPassage(
            id=chunk.pk,
            source_url=page.source_url,
            title=page.title,
            topic=page.topic,
            text=chunk.text,
            ingested_at=page.ingested_at or page.created_at,
        )
        yield passage, vector


def _vectors(chunks: Sequence[LexicalChunk]) -> Vectors:
    # The same text as `Chunk.embedding_text`.
    return get_embedder().encode(["\n".join([*chunk.headings, chunk.text]) for chunk in chunks])
