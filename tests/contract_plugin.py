"""Holds the contract suites to their word, and sums up what ran against what."""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis

from tests.contracts import ABSENT, ENGINES, Engine, server_url


def _engine_of(item: pytest.Item) -> Engine | None:
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    return next((value for value in values if isinstance(value, Engine)), None)


def _on_servers() -> bool:
    return os.environ.get("LECTERN_TEST_ON") == "servers"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the contract tests and those that must fail; refuse one that leaves an engine out."""
    ran: dict[tuple[str, int], set[str]] = {}
    elsewhere = []
    for item in items:
        engine = _engine_of(item)
        if engine is None:
            continue
        item.add_marker(pytest.mark.contract)
        test = item.nodeid.partition("[")[0]
        if _by_fixture(item):
            ran.setdefault((test, _suite(engine)), set()).add(engine.name)
        gaps = engine.gaps if server_url(engine.name) else {**engine.gaps, **engine.local_gaps}
        reason = gaps.get(item.originalname)  # type: ignore[attr-defined]
        if reason:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
        if engine.name != "postgresql":
            elsewhere.append(item)
    if not any("::" in argument for argument in config.args):
        _refuse_incomplete(ran)
    if _on_servers():  # these have run already, beside the embedded engines
        items[:] = [item for item in items if item not in set(elsewhere)]


def _by_fixture(item: pytest.Item) -> bool:
    """Whether the engine comes from `contract_fixture`, and not by a parametrisation."""
    fixtures = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    return any(found[-1].func.__module__ == "tests.contracts" for found in fixtures.values())


def _suite(engine: Engine) -> int:
    return next(n for n, engines in enumerate(ENGINES.values()) if engine in engines)


def _refuse_incomplete(ran: dict[tuple[str, int], set[str]]) -> None:
    suites = list(ENGINES.values())
    for (test, suite), engines in ran.items():
        if missing := {engine.name for engine in suites[suite]} - engines:
            raise pytest.UsageError(f"{test} does not run on {', '.join(sorted(missing))}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A contract test that is skipped for any other reason than an absent server has failed."""
    outcome = yield
    report = outcome.get_result()
    if _engine_of(item) is None or not report.skipped or hasattr(report, "wasxfail"):
        return
    if ABSENT not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"a contract test was skipped: {report.longrepr}"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which engine ran against what, and what was not covered."""
    ran: dict[str, Counter[str]] = {}
    missing: Counter[str] = Counter()
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            found = dict(getattr(report, "user_properties", ()))
            if "engine" in found and (report.when == "call" or outcome == "error"):
                ran.setdefault(found["engine"], Counter())[outcome] += 1
            elif outcome == "skipped":
                missing[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    terminalreporter.section("engines")
    terminalreporter.write_line(f"the platform ran on {_platform()}")
    for engine in sorted(ran):
        counts = ", ".join(f"{number} {outcome}" for outcome, number in ran[engine].items())
        terminalreporter.write_line(f"{engine}: {counts}")
    for reason, number in sorted(missing.items()):
        terminalreporter.write_line(f"NOT COVERED by {number} tests: {reason}")
    if not _on_servers() and not os.environ.get("LECTERN_TEST_MONGODB_URL"):
        terminalreporter.write_line("'make engines' installs and starts the real servers")


def _platform() -> str:
    whose = "the servers of 'make engines'" if _on_servers() else "the embedded engines"
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        postgresql = connection.info.parameter_status("server_version") or "?"
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        version = client.info("server")["redis_version"]
    return f"{whose}: PostgreSQL {postgresql.split()[0]}, Redis {version}"
