"""Passages that say the same: a page that two files share, a slide shown twice."""

from collections.abc import Callable, Iterable
from typing import TypeVar

# Passages whose terms are this much the same (shared by all of both) are told once. Pages that
# differ in a running head or a page number are above it, neighbours on one subject far below.
SAME = 0.9

Item = TypeVar("Item")


def fold(
    items: Iterable[Item], terms_of: Callable[[Item], frozenset[int]], limit: int
) -> list[tuple[Item, list[Item]]]:
    """The first `limit` different items, each with those after it that say the same.

    `terms_of` gives an item's distinct terms; items without any are all different.
    """
    kept: list[tuple[Item, frozenset[int], list[Item]]] = []
    for item in items:
        terms = terms_of(item)
        same = next((found for _, other, found in kept if _alike(terms, other)), None)
        if same is not None:
            same.append(item)
        elif len(kept) < limit:
            kept.append((item, terms, []))
    return [(item, found) for item, _, found in kept]


def _alike(one: frozenset[int], other: frozenset[int]) -> bool:
    smaller, larger = sorted((len(one), len(other)))
    # What the sizes alone rule out need not be compared.
    if not smaller or smaller < SAME * larger:
        return False
    shared = len(one & other)
    return shared >= SAME * (smaller + larger - shared)
