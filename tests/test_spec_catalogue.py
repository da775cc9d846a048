"""The migrated database holds the specification's ten tables, and nothing else in them.

The literal tables below are the specification's SQL. One decision of ours is in them:
TIMESTAMP is `timestamp with time zone`, because every time here is an instant.
"""

from dataclasses import dataclass, field

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

UUID = "uuid"
BOOLEAN = "boolean"
INTEGER = "integer"
BIGINT = "bigint"
TEXT = "text"
JSONB = "jsonb"
TIMESTAMP = "timestamp with time zone"

NOT_NULL = True
NULL = False

GENERATED = "gen_random_uuid()"
NOW = "now()"


def varchar(length: int) -> str:
    return f"character varying({length})"


def text_default(value: str) -> str:
    return f"'{value}'"


@dataclass(frozen=True)
class Table:
    """A table of the specification.

    `columns`: name -> (type, whether it is NOT NULL, default in the database or None);
    `foreign_keys`: column -> (table it refers to, ON DELETE action).
    """

    columns: dict[str, tuple[str, bool, str | None]]
    primary_key: tuple[str, ...] = ("id",)
    unique: set[tuple[str, ...]] = field(default_factory=set)
    foreign_keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    indexes: dict[str, tuple[str, ...]] = field(default_factory=dict)


ID = (UUID, NOT_NULL, GENERATED)
TIME = (TIMESTAMP, NULL, None)
TIME_NOW = (TIMESTAMP, NULL, NOW)

SPEC = {
    "users": Table(
        columns={
            "id": ID,
            "email": (varchar(255), NOT_NULL, None),
            "password_hash": (varchar(255), NOT_NULL, None),
            "name": (varchar(100), NULL, None),
            "role": (varchar(20), NOT_NULL, text_default("student")),
            "avatar_url": (varchar(500), NULL, None),
            "created_at": TIME_NOW,
            "updated_at": TIME_NOW,
            "last_login": TIME,
            "is_active": (BOOLEAN, NULL, "true"),
        },
        unique={("email",)},
        indexes={"idx_users_email": ("email",), "idx_users_role": ("role",)},
    ),
    "user_preferences": Table(
        columns={
            "user_id": (UUID, NOT_NULL, None),
            "theme": (varchar(20), NULL, text_default("light")),
            "language": (varchar(10), NULL, text_default("en")),
            "notification_email": (BOOLEAN, NULL, "true"),
            "notification_push": (BOOLEAN, NULL, "true"),
            "difficulty_preference": (INTEGER, NULL, "3"),
        },
        primary_key=("user_id",),
        foreign_keys={"user_id": ("users", "CASCADE")},
    ),
    "classrooms": Table(
        columns={
            "id": ID,
            "name": (varchar(200), NOT_NULL, None),
            "description": (TEXT, NULL, None),
            "subject": (varchar(100), NULL, None),
            "teacher_id": (UUID, NOT_NULL, None),
            "join_code": (varchar(8), NULL, None),
            "is_active": (BOOLEAN, NULL, "true"),
            "created_at": TIME_NOW,
        },
        unique={("join_code",)},
        foreign_keys={"teacher_id": ("users", "NO ACTION")},
    ),
    "classroom_members": Table(
        columns={
            "id": ID,
            "classroom_id": (UUID, NOT_NULL, None),
            "user_id": (UUID, NOT_NULL, None),
            "role": (varchar(20), NOT_NULL, text_default("student")),
            "joined_at": TIME_NOW,
        },
        unique={("classroom_id", "user_id")},
        foreign_keys={
            "classroom_id": ("classrooms", "CASCADE"),
            "user_id": ("users", "CASCADE"),
        },
        indexes={
            "idx_classroom_members_user": ("user_id",),
            "idx_classroom_members_classroom": ("classroom_id",),
        },
    ),
    "meetings": Table(
        columns={
            "id": ID,
            "classroom_id": (UUID, NOT_NULL, None),
            "title": (varchar(200), NULL, None),
            "description": (TEXT, NULL, None),
            "scheduled_at": (TIMESTAMP, NOT_NULL, None),
            "duration_minutes": (INTEGER, NULL, "60"),
            "status": (varchar(20), NULL, text_default("scheduled")),
            "meeting_url": (varchar(500), NULL, None),
            "created_by": (UUID, NULL, None),
            "created_at": TIME_NOW,
        },
        foreign_keys={
            "classroom_id": ("classrooms", "NO ACTION"),
            "created_by": ("users", "NO ACTION"),
        },
        indexes={
            "idx_meetings_classroom": ("classroom_id",),
            "idx_meetings_scheduled": ("scheduled_at",),
        },
    ),
    "recordings": Table(
        columns={
            "id": ID,
            "meeting_id": (UUID, NOT_NULL, None),
            "file_url": (varchar(500), NOT_NULL, None),
            "duration_seconds": (INTEGER, NULL, None),
            "file_size_bytes": (BIGINT, NULL, None),
            "transcript": (TEXT, NULL, None),
            "summary": (TEXT, NULL, None),
            "created_at": TIME_NOW,
        },
        foreign_keys={"meeting_id": ("meetings", "NO ACTION")},
    ),
    "assessments": Table(
        columns={
            "id": ID,
            "classroom_id": (UUID, NOT_NULL, None),
            "title": (varchar(200), NOT_NULL, None),
            "description": (TEXT, NULL, None),
            "type": (varchar(20), NOT_NULL, None),
            "total_points": (INTEGER, NOT_NULL, None),
            "due_date": TIME,
            "time_limit_minutes": (INTEGER, NULL, None),
            "is_proctored": (BOOLEAN, NULL, "false"),
            "created_by": (UUID, NULL, None),
            "created_at": TIME_NOW,
        },
        foreign_keys={
            "classroom_id": ("classrooms", "NO ACTION"),
            "created_by": ("users", "NO ACTION"),
        },
    ),
    "assessment_questions": Table(
        columns={
            "id": ID,
            "assessment_id": (UUID, NOT_NULL, None),
            "question_text": (TEXT, NOT_NULL, None),
            "question_type": (varchar(20), NOT_NULL, None),
            "points": (INTEGER, NOT_NULL, None),
            "options": (JSONB, NULL, None),
            "correct_answer": (TEXT, NULL, None),
            "order_index": (INTEGER, NOT_NULL, None),
        },
        foreign_keys={"assessment_id": ("assessments", "CASCADE")},
    ),
    "submissions": Table(
        columns={
            "id": ID,
            "assessment_id": (UUID, NOT_NULL, None),
            "user_id": (UUID, NOT_NULL, None),
            "answers": (JSONB, NOT_NULL, None),
            "score": ("numeric(5,2)", NULL, None),
            "submitted_at": TIME_NOW,
            "graded_at": TIME,
            "graded_by": (UUID, NULL, None),
            "feedback": (TEXT, NULL, None),
        },
        unique={("assessment_id", "user_id")},
        foreign_keys={
            "assessment_id": ("assessments", "NO ACTION"),
            "user_id": ("users", "NO ACTION"),
            "graded_by": ("users", "NO ACTION"),
        },
    ),
    "progress": Table(
        columns={
            "id": ID,
            "user_id": (UUID, NOT_NULL, None),
            "topic_id": (UUID, NOT_NULL, None),
            "mastery_level": ("numeric(3,2)", NULL, "0"),
            "time_spent_minutes": (INTEGER, NULL, "0"),
            "last_activity": TIME_NOW,
        },
        unique={("user_id", "topic_id")},
        foreign_keys={"user_id": ("users", "NO ACTION")},
        indexes={"idx_progress_user": ("user_id",), "idx_progress_topic": ("topic_id",)},
    ),
}

# Rules of ours beside the specification's: they take no column and change no name of it.
OWN_CHECKS = {
    "users": {"users_email_lower"},
    "user_preferences": {"user_preferences_difficulty"},
}

_ON_DELETE = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "DEFAULT"}


def test_the_spec_has_ten_tables() -> None:
    assert len(SPEC) == 10


@pytest.mark.parametrize("name", SPEC)
def test_columns(name: str) -> None:
    rows = _rows(
        """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
        """,
        name,
    )
    found = {
        column: (kind, not_null, _plain_default(default))
        for column, kind, not_null, default in rows
    }
    assert found == SPEC[name].columns


@pytest.mark.parametrize("name", SPEC)
def test_constraints(name: str) -> None:
    rows = _rows(
        """
        SELECT c.conname, c.contype, c.confrelid::regclass::text, c.confdeltype, c.convalidated,
               ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(num, place)
                     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num
                     ORDER BY k.place)
        FROM pg_constraint c WHERE c.conrelid = to_regclass(%s) AND c.contype <> 'n'
        """,
        name,
    )
    assert all(valid for *_, valid, _ in rows)
    of_kind = {
        kind: [row for row in rows if row[1] == kind] for kind in ("p", "u", "f", "c", "x", "t")
    }
    assert [tuple(row[5]) for row in of_kind["p"]] == [SPEC[name].primary_key]
    assert sorted(tuple(row[5]) for row in of_kind["u"]) == sorted(SPEC[name].unique)
    foreign_keys = [(row[5][0], row[2], _ON_DELETE[row[3]]) for row in of_kind["f"]]
    assert sorted(foreign_keys) == sorted(
        (column, *target) for column, target in SPEC[name].foreign_keys.items()
    )
    assert {row[0] for row in of_kind["c"]} == OWN_CHECKS.get(name, set())
    assert not of_kind["x"] + of_kind["t"]


@pytest.mark.parametrize("name", SPEC)
def test_indexes(name: str) -> None:
    """Those of the specification and those of its keys: no implicit one of the framework."""
    rows = _rows(
        """
        SELECT i.relname, m.amname, x.indpred IS NOT NULL, x.indisvalid,
               ARRAY(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY k(num, place)
                     JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.num
                     ORDER BY k.place)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam
        WHERE x.indrelid = to_regclass(%s)
          AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid
                          AND c.contype IN ('p', 'u'))
        """,
        name,
    )
    found = {index: tuple(columns) for index, *_, columns in rows}
    assert found == SPEC[name].indexes
    assert all(row[1:4] == ("btree", False, True) for row in rows)


def _rows(query: str, table: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, [table])
        return cursor.fetchall()


def _plain_default(default: str | None) -> str | None:
    """PostgreSQL's way of showing a default, as one writes it."""
    if default is None:
        return None
    value = default.split("::")[0].strip("()") if "::" in default else default
    return {"CURRENT_TIMESTAMP": NOW, "statement_timestamp()": NOW, "STATEMENT_TIMESTAMP": NOW}.get(
        value, value
    )
