"""Measures of a ranking that has one right answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from statistics import fmean

# Ranks that nDCG looks at.
CUT = 10


@dataclass(frozen=True, slots=True)
class Ranking:
    """Documents found for a query, best first, each once; and the one that was wanted."""

    found: Sequence[str]
    wanted: str

    @property
    def rank(self) -> int | None:
        """The place of the wanted document, from 1; None where it was not found."""
        return self.found.index(self.wanted) + 1 if self.wanted in self.found else None


def ndcg(rankings: Sequence[Ranking]) -> float:
    """Mean nDCG at 10, with one relevant document a query: 1 / log2(1 + rank), 0 beyond.

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.
    """
    return fmean(1 / log2(1 + r.rank) if r.rank and r.rank <= CUT else 0 for r in rankings)


def recall(rankings: Sequence[Ranking], cut: int) -> float:
    """The share of queries whose wanted document is among the first `cut`."""
    return fmean(bool(r.rank and r.rank <= cut) for r in rankings)


def measure(rankings: Sequence[Ranking]) -> dict[str, float]:
    """ndcg10, recall1, recall5 and recall10, to four places."""
    figures = {"ndcg10": ndcg(rankings)}
    figures |= {f"recall{cut}": recall(rankings, cut) for cut in (1, 5, 10)}
    return {name: round(value, 4) for name, value in figures.items()}
