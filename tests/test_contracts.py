"""The contract suites can't be weakened quietly."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from config import store_settings
from config.connections.postgresql_store import TableStore
from config.stores import Store
from tests.contracts import ENGINES

ROOT = Path(__file__).resolve().parent.parent
SUITES = (
    "meetings.tests.test_transcript_store",
    "assessments.tests.test_report_store",
    "analytics.tests.stores.test_activity_store",
    "analytics.tests.stores.test_event_store",
    "analytics.tests.stores.test_rollup_stores",
    "retrieval.tests.test_document_vectors",
    "retrieval.tests.test_web_vectors",
)


def test_every_engine_that_the_settings_can_choose_is_in_the_suites() -> None:
    chosen = [
        store_settings.EMBEDDED,
        store_settings.mongodb_stores("mongodb://127.0.0.1"),
        store_settings.qdrant_stores("http://127.0.0.1"),
        store_settings.cassandra_stores("cassandra://127.0.0.1"),
    ]
    for name, engines in ENGINES.items():
        wanted = [stores[name]["BACKEND"] for stores in chosen if name in stores]
        assert [engine.config()["BACKEND"] for engine in engines] == wanted
    assert set(ENGINES) == set(store_settings.EMBEDDED)


def test_a_gap_names_a_test_and_its_reason() -> None:
    tests = {name for suite in SUITES for name in _tests_in(vars(import_module(suite)))}
    for engines in ENGINES.values():
        for engine in engines:
            for name, reason in {**engine.gaps, **engine.local_gaps}.items():
                assert name in tests, f"{name} is no contract test"
                assert len(reason) > 20
    assert not any(engines[0].gaps for engines in ENGINES.values()), "the embedded ones have none"


def _tests_in(names: dict[str, object]) -> list[str]:
    found = [name for name in names if name.startswith("test_")]
    for value in names.values():
        if isinstance(value, type) and value.__name__.startswith("Test"):
            found += _tests_in(dict(vars(value)))
    return found


def test_an_interface_has_six_methods_at_most() -> None:
    lifecycle = Store.__abstractmethods__
    for engines in ENGINES.values():
        backend = engines[0].config()["BACKEND"].rpartition(".")
        engine = getattr(import_module(backend[0]), backend[2])
        interface = next(
            kind
            for kind in engine.__mro__
            if kind.__abstractmethods__ - lifecycle and kind is not TableStore
        )
        assert 1 <= len(interface.__abstractmethods__ - lifecycle) <= 6, interface


def run_sample(name: str) -> subprocess.CompletedProcess[str]:
    """A contract test that is no part of the suites, in a run of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", f"tests/samples/{name}.py"],
        cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_contract_test_that_skips_fails() -> None:
    done = run_sample("skipping")
    assert done.returncode == 1
    assert "a contract test was skipped" in done.stdout


def test_a_contract_test_that_leaves_an_engine_out_is_refused() -> None:
    done = run_sample("incomplete")
    assert done.returncode != 0
    assert "does not run on mongodb" in done.stderr
