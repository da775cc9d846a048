"""The embedder's interface: texts in, unit vectors out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

# A batch holds at most this many word pieces, padding included. Measured on two cores: small
# batches pad less, and with 4,096 the vectors of a textbook took 15 % longer.
BATCH_TOKENS = 512

# Texts are tokenized and sorted this many at a time, so that memory does not grow with the
# document.
WINDOW = 2048


class Embedder(ABC):
    """A model that turns texts into vectors of `dimensions` float32 values of length 1.

    `name` and `version` say which model and weights: vectors of different ones can't be
    compared. Every word piece after the first `max_tokens` of a text, the two special ones
    counted, is ignored by the model. `tokenizer` neither truncates nor pads.
    """

    name: str
    version: str
    dimensions: int
    max_tokens: int
    tokenizer: Tokenizer
    parallel: int = 1  # batches that may be embedded at the same time

    @abstractmethod
    def _embed(self, texts: Sequence[str], token_ids: Sequence[list[int]]) -> Vectors:
        """One batch; `token_ids` are the texts' word pieces, cut to `max_tokens`."""

    def encode(
        self, texts: Sequence[str], *, on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """The vectors of `texts`, [len(texts), dimensions], in the order of the texts.

        Texts are embedded in batches of similar length, because short ones are padded to
        the longest. `on_progress` is called after every batch with its number of texts.
        """
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), WINDOW):
            window = texts[start : start + WINDOW]
            token_ids = [
                self._truncated(encoding.ids)
                for encoding in self.tokenizer.encode_batch_fast(list(window))
            ]
            batches = list(_batches([len(ids) for ids in token_ids]))
            results = self._embed_all(window, token_ids, batches)
            for batch, found in zip(batches, results, strict=True):
                vectors[[start + i for i in batch]] = found
                if on_progress is not None:
                    on_progress(len(batch))
        return vectors

    def _embed_all(
        self, texts: Sequence[str], token_ids: Sequence[list[int]], batches: list[list[int]]
    ) -> Iterator[Vectors]:
        """The vectors of each batch of indices, `parallel` batches at a time."""

        def embed(batch: list[int]) -> Vectors:
            return self._embed([texts[i] for i in batch], [token_ids[i] for i in batch])

        if self.parallel == 1 or len(batches) == 1:
            yield from map(embed, batches)
            return
        with ThreadPoolExecutor(self.parallel) as threads:
            yield from threads.map(embed, batches)

    def count_tokens(self, text: str) -> int:
        """How many word pieces `text` has, the two special ones counted."""
        return len(self.tokenizer.encode(text).ids)

    def _truncated(self, ids: list[int]) -> list[int]:
        """The first word pieces, but the last one still ends the text."""
        if len(ids) <= self.max_tokens:
            return ids
        return ids[: self.max_tokens - 1] + ids[-1:]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices in batches of at most `BATCH_TOKENS` padded word pieces, longest first."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
