"""What every engine asks of the points and vectors that it is given."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import TypeVar

import numpy as np

from config import limits
from config.errors import InvalidInput, TooLarge
from retrieval.stores.base import DIMENSIONS, DocumentPassage, Vector, WebPassage

Passage = TypeVar("Passage", DocumentPassage, WebPassage)

_LENGTH_TOLERANCE = 1e-3


def checked(points: Iterable[tuple[Passage, Vector]]) -> Iterator[tuple[Passage, Vector]]:
    """The points as they come; InvalidInput or TooLarge at one that not every engine can keep."""
    for passage, vector in points:
        check_vector(vector)
        for name, text in _texts(passage):
            _check_text(name, text)
        yield passage, vector


def text_bytes(passage: DocumentPassage | WebPassage) -> int:
    """The bytes of all its texts."""
    return sum(len(text.encode()) for _, text in _texts(passage))


def check_vector(vector: Vector) -> None:
    """InvalidInput unless it has DIMENSIONS numbers and length 1."""
    if vector.shape != (DIMENSIONS,):
        raise InvalidInput(f"A vector has {DIMENSIONS} numbers, not {vector.shape}.")
    # Written so that a vector with a NaN does not pass.
    if not abs(float(np.linalg.norm(vector)) - 1) < _LENGTH_TOLERANCE:
        raise InvalidInput("A vector has length 1.")


def _texts(passage: DocumentPassage | WebPassage) -> Iterator[tuple[str, str]]:
    for field in fields(passage):
        value = getattr(passage, field.name)
        if isinstance(value, str):
            yield field.name, value


def _check_text(name: str, text: str) -> None:
    if "\0" in text:
        raise InvalidInput(errors={name: ["It contains a NUL character."]})
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise InvalidInput(errors={name: ["It contains half a character."]}) from None
    if size > limits.PASSAGE_MAX_BYTES:
        raise TooLarge(f"{name}: {size} bytes, and at most {limits.PASSAGE_MAX_BYTES} are kept.")
