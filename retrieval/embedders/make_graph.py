"""Make the graph that the project carries: the model's computation, without its weights.

    python -m retrieval.embedders.make_graph [FOLDER]

Writes `minilm-graph.onnx` and `minilm-graph.json` into FOLDER (by default beside this file).
Needs requirements.txt and `pip install onnx`; nothing at run time imports this.
The graph takes `input_ids` and `attention_mask` (int64 [batch, length]) and gives
`sentence_embedding` (float32 [batch, 384]): mean pooling and the norm are in it.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from safetensors.numpy import load_file
from transformers import AutoModel

from retrieval.embedders import weights

# An initializer of fewer values is a constant of the graph and stays in it.
SMALLEST_WEIGHT = 300

DYNAMIC = {0: "batch", 1: "length"}


class SentenceModel(torch.nn.Module):
    """The transformer, the mean of its word pieces, and the norm, as one computation."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = AutoModel.from_pretrained(
            weights.model_folder(), local_files_only=True, attn_implementation="eager"
        )

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.transformer(input_ids=input_ids, attention_mask=attention_mask)[0]
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, p=2.0, dim=1)


def export(path: Path) -> None:
    ids = torch.tensor([[101, 7592, 2088, 102], [101, 7592, 102, 0]])
    torch.onnx.export(
        SentenceModel().eval(),
        (ids, (ids != 0).long()),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["sentence_embedding"],
        dynamic_axes={
            "input_ids": DYNAMIC,
            "attention_mask": DYNAMIC,
            "sentence_embedding": {0: "batch"},
        },
        opset_version=17,
        dynamo=False,
    )


def drop_weights(path: Path) -> dict[str, tuple[str, bool]]:
    """Empty every weight of the graph at `path`; which tensor each one equals, and whether
    transposed. Raises LookupError for a weight that equals none."""
    tensors = load_file(weights.model_folder() / "model.safetensors")
    model = onnx.load(path)
    dropped: dict[str, tuple[str, bool]] = {}
    for initializer in model.graph.initializer:
        array = onnx.numpy_helper.to_array(initializer)
        if array.size >= SMALLEST_WEIGHT:
            dropped[initializer.name] = _find(array, tensors, initializer.name)
            initializer.ClearField("raw_data")
            initializer.data_location = onnx.TensorProto.EXTERNAL
            entry = initializer.external_data.add()
            entry.key, entry.value = "location", "bound-at-run-time"
    path.write_bytes(model.SerializeToString())
    return dropped


def _find(array: np.ndarray, tensors: dict[str, np.ndarray], name: str) -> tuple[str, bool]:
    for tensor, values in tensors.items():
        if np.array_equal(values, array):
            return tensor, False
        if np.array_equal(values.T, array):
            return tensor, True
    raise LookupError(f"{name} {array.shape} equals no tensor of the weights")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    graph = parser.parse_args().folder / "minilm-graph.onnx"
    export(graph)
    names = drop_weights(graph)
    graph.with_suffix(".json").write_text(json.dumps(names, indent=1) + "\n")


if __name__ == "__main__":
    main()
