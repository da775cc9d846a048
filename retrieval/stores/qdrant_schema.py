"""The collections of the vectors in Qdrant, as they are made and as they are found."""

from collections.abc import Mapping
from functools import partial

from qdrant_client import models
from qdrant_client.http.exceptions import UnexpectedResponse

from config import limits
from config.connections.qdrant import QdrantConnection
from config.stores import SchemaObject
from retrieval.stores.base import DIMENSIONS, HNSW_EF_CONSTRUCT, HNSW_M

_KEYWORD = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD)
# Every search in `documents` is within classes: Qdrant keeps the points of a class together.
_TENANT = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)

DOCUMENTS: Mapping[str, models.KeywordIndexParams] = {
    "classroom_id": _TENANT,
    "document_type": _KEYWORD,
    "document_id": _KEYWORD,
}
WEB: Mapping[str, models.KeywordIndexParams] = {"source_url": _KEYWORD, "topic": _KEYWORD}

# No request may scan the collection for want of an index, or ask for all of it at once.
STRICT_MODE = models.StrictModeConfig(
    enabled=True,
    unindexed_filtering_retrieve=False,
    unindexed_filtering_update=False,
    max_query_limit=limits.QDRANT_RESULTS_MAX,
    upsert_max_batchsize=limits.QDRANT_BATCH_MAX,
    max_timeout=limits.QDRANT_TIMEOUT_MAX,
)


def schema(
    connection: QdrantConnection,
    collection: str,
    indexes: Mapping[str, models.KeywordIndexParams],
) -> list[SchemaObject]:
    """The collection, its strict mode and its payload indexes.

    Local mode keeps neither of the last two, and its graph is none: it compares everything.
    """
    vectors = f"{DIMENSIONS} dimensions, {models.Distance.COSINE.value}"
    graph = "" if connection.local else f", m={HNSW_M}, ef_construct={HNSW_EF_CONSTRUCT}"
    return [
        SchemaObject(
            name=f"collection {collection}",
            expected=vectors + graph,
            find=partial(_find_collection, connection, collection),
            create=partial(_create_collection, connection, collection),
        ),
        SchemaObject(
            name=f"strict mode of {collection}",
            expected=_strict_mode(STRICT_MODE),
            find=partial(_find_strict_mode, connection, collection),
            create=partial(_set_strict_mode, connection, collection),
            optional=connection.local,
        ),
        *(
            SchemaObject(
                name=f"payload index {collection}.{field}",
                expected=_index(index),
                find=partial(_find_index, connection, collection, field),
                create=partial(_create_index, connection, collection, field, index),
                optional=connection.local,
            )
            for field, index in indexes.items()
        ),
    ]


def _info(connection: QdrantConnection, collection: str) -> models.CollectionInfo | None:
    with connection.using() as client:
        if not client.collection_exists(collection):
            return None
        return client.get_collection(collection)


def _find_collection(connection: QdrantConnection, collection: str) -> str | None:
    info = _info(connection, collection)
    if info is None:
        return None
    vectors = info.config.params.vectors
    if not isinstance(vectors, models.VectorParams):
        return f"vectors with names: {', '.join(vectors or {})}"
    found = f"{vectors.size} dimensions, {vectors.distance.value}"
    if connection.local:
        return found
    graph, own = info.config.hnsw_config, vectors.hnsw_config or models.HnswConfigDiff()
    return f"{found}, m={own.m or graph.m}, ef_construct={own.ef_construct or graph.ef_construct}"


def _create_collection(connection: QdrantConnection, collection: str) -> None:
    with connection.using() as client:
        try:
            client.create_collection(
                collection,
                vectors_config=models.VectorParams(
                    size=DIMENSIONS, distance=models.Distance.COSINE
                ),
                hnsw_config=models.HnswConfigDiff(m=HNSW_M, ef_construct=HNSW_EF_CONSTRUCT),
                strict_mode_config=STRICT_MODE,
            )
        except UnexpectedResponse as error:
            if error.status_code != 409:  # made by another process since we looked
                raise


def _find_strict_mode(connection: QdrantConnection, collection: str) -> str | None:
    info = _info(connection, collection)
    found = info.config.strict_mode_config if info else None
    return _strict_mode(found) if found and found.enabled else None


def _set_strict_mode(connection: QdrantConnection, collection: str) -> None:
    with connection.using() as client:
        client.update_collection(collection, strict_mode_config=STRICT_MODE)


def _strict_mode(found: models.StrictModeConfig | models.StrictModeConfigOutput) -> str:
    """The limits that we set; a server has further ones of its own."""
    names = sorted(STRICT_MODE.model_fields_set)
    return ", ".join(f"{name}={getattr(found, name)}" for name in names)


def _find_index(connection: QdrantConnection, collection: str, field: str) -> str | None:
    info = _info(connection, collection)
    found = info.payload_schema.get(field) if info else None
    if found is None:
        return None
    if isinstance(found.params, models.KeywordIndexParams):
        return _index(found.params)
    return str(found.data_type)


def _create_index(
    connection: QdrantConnection, collection: str, field: str, index: models.KeywordIndexParams
) -> None:
    with connection.using() as client:
        client.create_payload_index(collection, field_name=field, field_schema=index, wait=True)


def _index(index: models.KeywordIndexParams) -> str:
    return "keyword, is_tenant" if index.is_tenant else "keyword"
