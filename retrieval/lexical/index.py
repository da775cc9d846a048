"""BM25 over the rows of passages, in PostgreSQL, with statistics of the very passages searched.

How rare a term is depends on the class: in a course on Python the word "python" tells nothing.
So a term's frequency is counted among the passages that the search may see, in the statement
that ranks them, and there are no statistics to keep, or to leak from another class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from config import limits
from config.connections.postgresql_store import fetch
from retrieval.lexical.weights import SCALE

# One row of `matching` per passage with a term of the query, one column per term; then the
# inverse document frequencies; then the sums.
_SEARCH = """
    WITH matching AS MATERIALIZED (
        SELECT id, {weights} FROM {table}
        WHERE terms && %s::int4[] AND {condition}
    ), total AS (
        SELECT count(*)::float8 AS passages FROM {table} WHERE {condition}
    ), frequency AS (
        SELECT {frequencies} FROM matching, total GROUP BY passages
    )
    SELECT id, {score} AS score, {parts} FROM matching, frequency
    ORDER BY score DESC, id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class TermScore:
    """A term of the query in a passage: its inverse document frequency, its weight there."""

    term: int
    idf: float
    weight: float


class LexicalHit(NamedTuple):
    """A passage's id, its BM25 score, and what `terms` makes it of."""

    id: UUID
    score: float
    parts: Sequence[float]  # weight in thousandths and idf, for each term of the query

    def terms(self, of_query: Sequence[int]) -> list[TermScore]:
        """The terms that the passage has, of those that were searched."""
        pairs = zip(of_query, self.parts[::2], self.parts[1::2], strict=False)
        return [TermScore(term, idf, weight / SCALE) for term, weight, idf in pairs if weight]


def search_terms(
    terms: Sequence[int],
    *,
    table: str,
    condition: str,
    values: Sequence[Any],
    limit: int,
) -> list[LexicalHit]:
    """The passages of `table` that pass `condition` and have any of `terms`, best first.

    `table` and `condition` are the caller's own SQL, never a user's words; `values` are the
    parameters of the condition. Of a very long query the first terms count.
    """
    terms = list(dict.fromkeys(terms))[: limits.SEARCH_TERMS_MAX]
    if not terms or limit < 1:
        return []
    sql, parameters = search_sql(
        terms, table=table, condition=condition, values=values, limit=limit
    )
    rows = fetch(sql, parameters, prepare=False)
    return [LexicalHit(id_, score, parts) for id_, score, *parts in rows]


def search_sql(
    terms: Sequence[int], *, table: str, condition: str, values: Sequence[Any], limit: int
) -> tuple[str, list[Any]]:
    """The statement that `search_terms` runs, and its parameters.

    Its rows: the id, the score, and for each term its weight (in thousandths) and its idf.
    """
    places = range(len(terms))
    sql = _SEARCH.format(
        table=table,
        condition=condition,
        weights=", ".join(
            f"coalesce(weights[array_position(terms, %s::int4)], 0)::float8 AS w{i}" for i in places
        ),
        frequencies=", ".join(
            f"ln(1 + (passages - count(*) FILTER (WHERE w{i} > 0) + 0.5)"
            f" / (count(*) FILTER (WHERE w{i} > 0) + 0.5)) AS f{i}"
            for i in places
        ),
        score=f"({' + '.join(f'w{i} * f{i}' for i in places)}) / {SCALE}",
        parts=", ".join(f"w{i}, f{i}" for i in places),
    )
    return sql, [*terms, list(terms), *values, *values, limit]
