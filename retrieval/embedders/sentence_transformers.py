"""The same model on torch, through sentence-transformers: for a GPU or another model.

Only imported where the settings choose it; requirements.txt installs it.
"""

from collections.abc import Sequence

import numpy as np
from sentence_transformers import SentenceTransformer

from retrieval.embedders import weights
from retrieval.embedders.base import Embedder, Vectors


class SentenceTransformersEmbedder(Embedder):
    """`device` is torch's name for it ("cpu", "cuda"); by default the best there is."""

    name = weights.MODEL_NAME
    dimensions = weights.DIMENSIONS
    max_tokens = weights.MAX_TOKENS

    def __init__(self, *, device: str | None = None) -> None:
        self.version = weights.model_version()
        self.tokenizer = weights.load_tokenizer()
        self._model = SentenceTransformer(
            str(weights.model_folder()), device=device, local_files_only=True
        )

    def _embed(self, texts: Sequence[str], token_ids: Sequence[list[int]]) -> Vectors:
        vectors: Vectors = self._model.encode(
            list(texts),
            batch_size=len(texts),
            show_progress_bar=False,
            normalize_embeddings=True,
        )
        return vectors.astype(np.float32, copy=False)
