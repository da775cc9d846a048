"""Rows of one partition written together: one write for the server, one request for us."""

from collections.abc import Iterable, Iterator

from cassandra.query import BatchStatement, BatchType, BoundStatement, Statement

# Cassandra refuses a batch of more than 50 KiB, unless all of it is for one partition. Small
# ones are carried out side by side.
_ROWS = 20
_BYTES = 20 * 1024


def in_batches(
    rows: Iterable[BoundStatement], kind: BatchType = BatchType.UNLOGGED
) -> Iterator[Statement]:
    """The statements of one partition in few requests; a row that is large goes by itself."""
    batch: list[BoundStatement] = []
    size = 0
    for row in rows:
        length = sum(len(value) for value in row.values if isinstance(value, bytes))
        if batch and (len(batch) == _ROWS or size + length > _BYTES):
            yield _together(batch, kind)
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield _together(batch, kind)


def _together(rows: list[BoundStatement], kind: BatchType) -> Statement:
    if len(rows) == 1:
        return rows[0]
    batch = BatchStatement(kind, consistency_level=rows[0].consistency_level)
    for row in rows:
        batch.add(row)
    return batch
