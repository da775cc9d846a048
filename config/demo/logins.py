"""The logins of the demo school: new passwords for each installation, in one private file."""

import os
import secrets
from pathlib import Path

from django.db import transaction

from accounts.models import User
from config.demo.people import ADMIN, DEMO_STUDENT, DEMO_TEACHER

FILENAME = "demo-logins.txt"
_SHOWN = (ADMIN, DEMO_TEACHER, DEMO_STUDENT)
# Without letters and digits that look alike: it is typed from a screen.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 4  # 16 of 31 characters: 79 bits


def password_make() -> str:
    """A random password that can be typed."""
    return "-".join(
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )


@transaction.atomic
def logins_make(users: dict[str, User], path: Path) -> None:
    """Give the printed accounts new passwords and write them to `path`, for its owner alone.

    The file is complete or not there, and it is there only with passwords that work.
    """
    lines = ["Demo school, sign in with:"]
    for person in _SHOWN:
        password = password_make()
        user = users[person.handle]
        user.set_password(password)
        user.save(update_fields=["password", "updated_at"])
        lines.append(f"  {person.role:<8} {person.email:<36} {password}")
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    transaction.on_commit(lambda: draft.replace(path))
