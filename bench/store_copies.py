"""What `manage.py copy_store` needs of memory and time, run as an operator runs it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg

from bench.store_engines import StoreEngine
from config.errors import InvalidInput

Row = dict[str, object]

ROOT = Path(__file__).resolve().parent.parent
GROWTH_GOAL = 1.2  # of the memory, from the first number of records to each other
_LOOK_EVERY = 0.1  # seconds

# Rows like those of the platform, made by the server itself: a million take seconds.
_FILL = {
    "activity_logs": """
        INSERT INTO activity_logs (id, user_id, action, resource_type, resource_id, metadata,
                                   ip_address, user_agent, timestamp)
        SELECT lpad(to_hex(n), 24, '0'), gen_random_uuid(), 'document_upload', 'material',
               n::text, jsonb_build_object('filename', 'cells.pdf', 'file_size', n),
               '192.168.1.1', 'Mozilla/5.0', date_trunc('hour', now()) - n * interval '1 second'
        FROM generate_series(1, %s) AS n
    """,
    "proctoring_reports": """
        INSERT INTO proctoring_reports (session_id, user_id, assessment_id, integrity_score,
                                        risk_level, started_at, ended_at, violations,
                                        frame_snapshots)
        SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), n % 100, 'low',
               date_trunc('hour', now()) - n * interval '1 second', date_trunc('hour', now()),
               '[{"type": "no_face", "timestamp": "2026-01-15T10:00:00+00:00", "details": {}}]',
               '[]'
        FROM generate_series(1, %s) AS n
    """,
    "events": """
        INSERT INTO events (event_id, partition_key, event_time, event_type, user_id, properties)
        SELECT gen_random_uuid(), to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD-HH24'), moment,
               'page_view', gen_random_uuid(), '{"page": "/lessons/1", "title": "Cells"}'
        FROM generate_series(1, %s) AS n,
             LATERAL (SELECT date_trunc('hour', now()) - n * interval '0.1 second' AS moment) AS m
    """,
    "user_engagement": """
        INSERT INTO user_engagement (user_id, date, total_events, unique_pages, session_count,
                                     total_time_minutes, engagement_score)
        SELECT gen_random_uuid(), current_date, n, 7, 2, 45, 50.5
        FROM generate_series(1, %s) AS n
    """,
}


def measure_copies(engine: StoreEngine, name: str, counts: Sequence[int]) -> Iterator[Row]:
    """A row for each number of records: the embedded store is filled, and copied to `engine`.

    `peak_mib` is the most memory that the command had; `growth` is that against the first row.
    """
    if name not in _FILL or name not in engine.configs:
        raise InvalidInput(f"--copy has no {name} for {engine.name} (it has {', '.join(_FILL)})")
    first = 0.0
    for count in counts:
        print(f"{name} to {engine.name}: {count:,} records", file=sys.stderr)
        _fill(name, count)
        engine.drop()
        target = engine.open(name)
        taken, peak = _copy(engine, name)
        first = first or peak
        growth = round(peak / first, 3)
        yield {
            "store": name,
            "target": target.engine,
            "records": count,
            "records_per_s": round(count / taken, 1),
            "peak_mib": round(peak, 1),
            "growth": growth,
            "goal": GROWTH_GOAL,
            "met": growth <= GROWTH_GOAL,
        }


def _fill(name: str, count: int) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"TRUNCATE {name}")
        connection.execute(_FILL[name], [count])
        connection.execute(f"ANALYZE {name}")


def _copy(engine: StoreEngine, name: str) -> tuple[float, float]:
    """Seconds and MiB of one run of the command."""
    command = [sys.executable, "manage.py", "copy_store", name, "--from", "embedded", "--to"]
    started = time.perf_counter()
    process = subprocess.Popen(
        [*command, engine.name, "--restart"],
        cwd=ROOT,
        env={**os.environ, engine.variable: engine.url},
        stdout=subprocess.DEVNULL,
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _peak_mib(process.pid))
        time.sleep(_LOOK_EVERY)
    if process.returncode:
        raise RuntimeError(f"copy_store ended with {process.returncode}")
    return time.perf_counter() - started, peak


def _peak_mib(pid: int) -> float:
    """The most memory that a process has had so far, 0 when it is gone.

    Linux only: what `resource` tells of children begins with the memory of their parent.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0
