"""A server's password, made at its first start and kept in its folder."""

import secrets
from pathlib import Path

from config.embedded import files

NAME = "password"


def known_or_new(folder: Path) -> str:
    """The password that was kept, or a new one to keep."""
    path = folder / NAME
    return path.read_text(encoding="utf-8") if path.exists() else secrets.token_hex(24)


def keep(folder: Path, password: str) -> None:
    """Keep it before the server gets it."""
    files.write_private(folder / NAME, password)
