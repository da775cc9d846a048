"""`manage.py ingest_documents` in the test's own process."""

import pytest

from config.commands import run_command_line


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    try:
        code = run_command_line(["manage.py", "ingest_documents", *argv])
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    out, err = capsys.readouterr()
    return code, out, err
