"""Measures of a ranking that has one right answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import numpy as np

# Ranks that nDCG looks at.
CUT = 10

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Ranking:
    """Documents found for a query, best first, each once; and the one that was wanted."""

    found: Sequence[str]
    wanted: str

    @property
    def rank(self) -> int | None:
        """The place of the wanted document, from 1; None where it was not found."""
        return self.found.index(self.wanted) + 1 if self.wanted in self.found else None


def _gain(ranking: Ranking) -> float:
    """nDCG at 10 with one relevant document: 1 / log2(1 + rank), 0 beyond.

    Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.
    """
    return 1 / log2(1 + ranking.rank) if ranking.rank and ranking.rank <= CUT else 0.0


def _recalled(ranking: Ranking, cut: int) -> float:
    """Whether the wanted document is among the first `cut`."""
    return float(bool(ranking.rank and ranking.rank <= cut))


def measure(rankings: Sequence[Ranking]) -> dict[str, object]:
    """ndcg10, recall1, recall5 and recall10, to four places, and for each its 95 % interval.

    The intervals are those of a bootstrap: the measure of RESAMPLES samples of the queries, with
    replacement, from the 2.5th to the 97.5th percentile (Efron, 1979). The same queries give the
    same intervals.
    """
    gains = {"ndcg10": np.array([_gain(ranking) for ranking in rankings])}
    gains |= {
        f"recall{cut}": np.array([_recalled(ranking, cut) for ranking in rankings])
        for cut in (1, 5, 10)
    }
    samples = np.random.default_rng(0).integers(len(rankings), size=(RESAMPLES, len(rankings)))
    figures: dict[str, object] = {name: _rounded(each.mean()) for name, each in gains.items()}
    for name, each in gains.items():
        low, high = np.percentile(each[samples].mean(axis=1), (2.5, 97.5))
        figures[f"{name}_ci"] = [_rounded(low), _rounded(high)]
    return figures


def _rounded(value: float) -> float:
    return round(float(value), 4)
