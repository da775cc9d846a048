"""Whether the database is already prepared by exactly this code.

The stamp is a comment on the database itself, so it goes where the data go: a database that
was dropped, restored or migrated by hand is prepared again.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

SKIPPED = {".venv", ".git", "var", "docs", "bench", "tests", "__pycache__", "node_modules"}
MIGRATIONS = "SELECT md5(string_agg(app || '.' || name, ',' ORDER BY app, name)) FROM {}"
COMMENT = """
    SELECT shobj_description(oid, 'pg_database') FROM pg_database
    WHERE datname = current_database()
"""


def code_digest(project: Path) -> str:
    """A digest of what decides about tables, stores, demo and static files."""
    digest = hashlib.sha256()
    for path in _files(project):
        digest.update(f"{path.relative_to(project)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_prepared(database_url: str, digest: str) -> bool:
    """Whether `mark_prepared` was the last to change the database's migrations."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute(COMMENT).fetchone()
        return row is not None and row[0] == _stamp(connection, digest)


def mark_prepared(database_url: str, digest: str) -> None:
    """Note on the database that all steps are done."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(connection.info.dbname), sql.Literal(_stamp(connection, digest))
            )
        )


def _stamp(connection: psycopg.Connection[tuple[str, ...]], digest: str) -> str:
    table = sql.Identifier("django_migrations")
    try:
        row = connection.execute(sql.SQL(MIGRATIONS).format(table)).fetchone()
    except psycopg.errors.UndefinedTable:
        return "nothing"
    return f"prepared {digest} {row[0] if row else ''}"


def _files(project: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(project):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        here = Path(folder)
        static = "static" in here.relative_to(project).parts
        for name in sorted(names):
            if static or name.endswith(".py") or name == "run.txt":
                yield here / name
