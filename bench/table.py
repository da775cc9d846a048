"""Rows as text."""

from collections.abc import Iterator, Mapping, Sequence

_TEXTS = ("store", "engine", "operation", "target", "mode", "measure", "source")


def tables(rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """A table for all rows of the same columns: a line at a time, numbers to the right."""
    for columns in dict.fromkeys(tuple(row) for row in rows):
        cells = [list(map(_text, row.values())) for row in rows if tuple(row) == columns]
        cells.insert(0, list(columns))
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for line in cells:
            yield "  ".join(map(_aligned, line, columns, widths)).rstrip()
        yield ""


def _text(value: object) -> str:
    if isinstance(value, list):
        return "–".join(map(str, value))
    return "" if value is None else str(value)


def _aligned(cell: str, column: str, width: int) -> str:
    return cell.ljust(width) if column in _TEXTS else cell.rjust(width)
