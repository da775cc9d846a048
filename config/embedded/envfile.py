"""`embedded.env`: how commands in another terminal find the engines that run."""

import secrets
from pathlib import Path

from config.embedded import files

NAME = "embedded.env"


def write(var: Path, engines: dict[str, str], *, public_url: str) -> dict[str, str]:
    """Write `var`/embedded.env (mode 0600) and return what is in it.

    `engines` has DATABASE_URL and REDIS_URL of the engines that run here; the secret key is
    made once and kept. The settings read the file; the real environment wins over it.
    """
    path = var / NAME
    content = {
        "LECTERN_MODE": "embedded",
        "PUBLIC_URL": public_url,
        "SECRET_KEY": _read(path).get("SECRET_KEY") or secrets.token_urlsafe(50),
        **engines,
    }
    lines = [f"{key}={value}\n" for key, value in content.items()]
    files.write_private(path, "# Written by the launcher at every start.\n" + "".join(lines))
    return content


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
