"""Management commands end with one clear line and a meaningful exit code, in real processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from config.errors import Conflict
from config.settings import BASE_DIR
from config.stores import prepare_all, stores

CLOSED_POSTGRES = "postgres://nobody:nothing@127.0.0.1:1/lectern"
CLOSED_REDIS = "redis://127.0.0.1:1/0"


def manage(*arguments: str, **environ: str | None) -> subprocess.CompletedProcess[str]:
    """Run manage.py; a variable whose value is None is not set."""
    merged = {**os.environ, **environ}
    return subprocess.run(
        [sys.executable, BASE_DIR / "manage.py", *arguments],
        env={name: value for name, value in merged.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=60,
        cwd="/",
    )


def the_one_line(result: subprocess.CompletedProcess[str], code: int) -> str:
    assert result.returncode == code, result.stderr
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    return lines[0]


def raising(error: str) -> subprocess.CompletedProcess[str]:
    return manage("shell", "-v0", "-c", f"from config.errors import *; raise {error}")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("InvalidInput(errors={'name': ['Too long.']})", 2),
        ("NotFound('no class has the join code X')", 2),
        ("Conflict('not now')", 2),
        ("NotAllowed()", 2),
        ("StoreUnavailable('Qdrant does not answer')", 1),
    ],
)
def test_domain_errors(error: str, code: int) -> None:
    assert "Traceback" not in the_one_line(raising(error), code)


def test_a_bug_of_ours_keeps_its_traceback() -> None:
    result = raising("KeyError('a bug')")
    assert result.returncode == 1
    assert "Traceback" in result.stderr


def test_postgresql_is_down() -> None:
    line = the_one_line(manage("migrate", DATABASE_URL=CLOSED_POSTGRES), 1)
    assert "PostgreSQL" in line
    assert "127.0.0.1" in line


def test_redis_is_down() -> None:
    line = the_one_line(
        manage(
            "shell",
            "-v0",
            "-c",
            "from accounts.ratelimit import *; rate_limit_hit(identity='x', endpoint='login')",
            REDIS_URL=CLOSED_REDIS,
        ),
        1,
    )
    assert "Redis" in line


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_missing_settings(name: str, tmp_path: Path) -> None:
    result = manage("migrate", LECTERN_VAR=str(tmp_path), **{name: None})
    assert f"{name} is not set" in the_one_line(result, 2)
    assert "make run" in result.stderr


def test_an_unknown_command() -> None:
    result = manage("ingets_documents")
    assert result.returncode == 1
    assert "Unknown command" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.django_db
def test_preparing_the_stores_twice_is_the_same() -> None:
    assert all(state.ok for _, state in prepare_all())
    before = _objects()
    assert {state.state for _, state in prepare_all()} == {"ok"}
    assert _objects() == before


@pytest.mark.django_db
def test_prepare_stores_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prepare_stores")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{name} ({stores[name].engine}): {state}" for name, state in prepare_all()]
    assert "transcripts (postgresql): table transcripts: ok" in lines


def test_stores_are_made_once_and_anew_after_closing() -> None:
    first = stores["events"]
    assert first is stores["events"]
    stores.close()
    assert stores["events"] is not first


@pytest.mark.django_db
def test_a_schema_that_differs_is_reported_and_left_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX idx_web_vectors_topic")
        cursor.execute("CREATE INDEX idx_web_vectors_topic ON web_vectors (title)")
        cursor.execute("DROP INDEX idx_web_vectors_source_url")
    states = {state.name: state for name, state in prepare_all() if name == "web_content"}
    assert states["index idx_web_vectors_source_url"].state == "created"
    differing = states["index idx_web_vectors_topic"]
    assert differing.state == "differs"
    assert "(topic)" in differing.detail and "(title)" in differing.detail
    with pytest.raises(Conflict, match="1 objects differ"):
        call_command("prepare_stores")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef('idx_web_vectors_topic'::regclass)")
        assert "(title)" in cursor.fetchone()[0]


def _objects() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"
            " AND c.relkind IN ('r', 'i') ORDER BY 1"
        )
        return cursor.fetchall()
