"""Vectors made again from the passages that the ledger has."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from retrieval.embedders import get_embedder
from retrieval.embedders.base import Vectors
from retrieval.models import Document, DocumentChunk, LexicalChunk, WebChunk, WebPage
from retrieval.services.points import document_points, web_points
from retrieval.services.removals import hold_owner
from retrieval.stores.base import (
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
    points = document_points(document, chunks, _vectors(chunks))
    return document_vectors().replace(document_id, points)


@transaction.atomic
def rebuild_web_page(source_url: str) -> int:
    """Make the page's vectors anew; how many. A page that has gone has none."""
    hold_owner("web_content", source_url)
    page = WebPage.objects.select_for_update().filter(source_url=source_url).first()
    if page is None:
        return 0
    chunks = list(WebChunk.objects.filter(page=page).defer("terms", "weights"))
    return web_vectors().replace(source_url, web_points(page, chunks, _vectors(chunks)))


def _vectors(chunks: Sequence[LexicalChunk]) -> Vectors:
    # The same text as `Chunk.embedding_text`.
    return get_embedder().encode(["\n".join([*chunk.headings, chunk.text]) for chunk in chunks])
