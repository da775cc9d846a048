"""As whom the engines run. PostgreSQL refuses root, so root hands them to another user.

The wheels and the data may lie under /root, where that user can't look. util-linux's
`setpriv` then leaves the process one capability: to pass folders it could not otherwise.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded.errors import EmbeddedError

# The weakest first; containers often have only the last.
CAPABILITIES = ("", "dac_read_search", "dac_override")


@dataclass(frozen=True)
class Account:
    """The user that the engines run as, and how a command is made theirs.

    `uid` and `gid` are None when the engines run as the present user.
    """

    uid: int | None = None
    gid: int | None = None
    options: tuple[str, ...] = ()  # of setpriv

    def command(
        self, argv: Sequence[str | Path], *, die_with_parent: signal.Signals | None = None
    ) -> list[str]:
        """`argv` as this account runs it.

        `die_with_parent` is the signal that Linux sends to the command when the process that
        started it dies; without setpriv there is none, and the next start cleans up.
        """
        plain = [os.fspath(part) for part in argv]
        setpriv = shutil.which("setpriv")
        if setpriv is None or not (self.options or die_with_parent):
            return plain
        options = list(self.options)
        if die_with_parent:
            options += ["--pdeathsig", die_with_parent.name.removeprefix("SIG")]
        return [setpriv, *options, "--", *plain]

    def own(self, path: Path) -> None:
        """Give a file or an empty folder to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


PRESENT = Account()  # the user who runs this


def engine_account(postgres_bin: Path, folder: Path) -> Account:
    """The account for an engine whose data are in `folder` (made if not there).

    It is the present user or, for root, the folder's owner, SUDO_USER or nobody; it must reach
    the folder and the binaries (the wheels of both engines lie side by side).
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.stat()
    if os.geteuid() != 0:
        if owner.st_uid != os.geteuid():
            raise EmbeddedError(
                f"{folder} belongs to {_name(owner.st_uid)} (an earlier run as root?): "
                f"give it back with 'sudo chown -R {os.geteuid()} {folder.parent}', or remove it"
            )
        return PRESENT
    if shutil.which("setpriv") is None:
        raise EmbeddedError(
            "PostgreSQL does not run as root and setpriv is missing: "
            "install util-linux, or run as an ordinary user"
        )
    uid, gid = (owner.st_uid, owner.st_gid) if owner.st_uid else _other_user()
    base = ("--reuid", str(uid), "--regid", str(gid), "--clear-groups")
    for capability in CAPABILITIES:
        extra: tuple[str, ...] = (
            "--inh-caps",
            f"+{capability}",
            "--ambient-caps",
            f"+{capability}",
        )
        # Else access(2), by which PostgreSQL finds its own programs, ignores the capability.
        extra += ("--securebits", "+no_setuid_fixup")
        account = Account(uid, gid, (*base, *(extra if capability else ())))
        obstacle = _obstacle(account, postgres_bin, folder)
        if not obstacle:
            account.own(folder)
            return account
    raise EmbeddedError(
        f"PostgreSQL does not run as root, and as {_name(uid)} it can't ({obstacle}): "
        "move the project out of root's home (to /srv, /opt …), or run as an ordinary user"
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container started with a bare number
        return str(uid)


def _other_user() -> tuple[int, int]:
    for name in (os.environ.get("SUDO_USER", ""), "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except (KeyError, ValueError):
            continue
        if entry.pw_uid != 0:
            return entry.pw_uid, entry.pw_gid
    raise EmbeddedError("PostgreSQL does not run as root, and there is no user 'nobody'")


def _obstacle(account: Account, postgres_bin: Path, folder: Path) -> str:
    """Why `account` can't work with these folders; empty if it can."""
    # pg_config looks for itself as PostgreSQL's other programs do, and fails as they would.
    script = 'test -d "$2" || { echo "no way to $2" >&2; exit 1; }; exec "$1"'
    probe = subprocess.run(
        account.command(["/bin/sh", "-c", script, "sh", postgres_bin / "pg_config", folder]),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return " ".join(probe.stderr.split()) if probe.returncode else ""
