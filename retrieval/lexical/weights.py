"""What a term weighs in a passage: the part of BM25 that needs the passage alone.

    weight = f * (K1 + 1) / (f + K1 * (1 - B + B * length / TYPICAL_LENGTH))

f is how often the term occurs. A search multiplies it with the term's inverse document
frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), among the passages that it looks through, and adds
up. Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009.
"""

from collections import Counter
from collections.abc import Sequence

from retrieval.lexical.analysis import Analyzer

VERSION = 1

K1 = 1.2
B = 0.75
# Terms of a usual passage, headings counted twice (in a textbook, as HTML and as PDF: 85 and 79).
# A constant, and no average that changes with every document, so that a passage's weights are
# its own; all are cut to one size.
TYPICAL_LENGTH = 80
# Words of a heading say more of what the passage is about: they count twice (in the manner of
# BM25F, which weighs fields by repeating them).
HEADING_WEIGHT = 2
# Weights are kept as whole numbers.
SCALE = 1000


def term_weights(
    analyzer: Analyzer, text: str, headings: Sequence[str] = ()
) -> tuple[list[int], list[int]]:
    """The distinct terms of a passage, and their weights in thousandths, in the same order."""
    found = analyzer.terms(text)
    if headings:
        found += analyzer.terms("\n".join(headings)) * HEADING_WEIGHT
    length = K1 * (1 - B + B * len(found) / TYPICAL_LENGTH)
    counts = Counter(found)
    weights = [round(SCALE * f * (K1 + 1) / (f + length)) for f in counts.values()]
    return list(counts), weights
