"""A store moves to another engine and back, and nothing is different: on every real engine."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from analytics.stores.events.base import Event
from config import limits
from config.copying import Copy, compare
from config.stores import Store
from tests.contracts import ENGINES, Engine, opened
from tests.records import records

COUNT = 120

PAIRS = [
    pytest.param(name, engine, id=f"{name}-{engine.name}")
    for name, engines in ENGINES.items()
    for engine in engines[1:]
]


def ignore(count: int) -> None:
    """No progress bar."""


def filled(name: str) -> Store[Any]:
    """The embedded store with COUNT records."""
    store = opened(ENGINES[name][0])
    store.load(records(name, COUNT))
    return store


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "engine"), PAIRS)
def test_there_and_back_again(name: str, engine: Engine, tmp_path: Path) -> None:
    embedded, other = filled(name), opened(engine)
    before = compare(embedded, embedded, ignore)
    assert before.source.records == COUNT

    Copy(embedded, other, tmp_path / "there").run(ignore)
    there = compare(embedded, other, ignore)
    assert there.source == there.target == before.source
    assert there.equal

    back = opened(ENGINES[name][0])
    for model in getattr(back, "models", ()):
        model._default_manager.all().delete()
    Copy(other, back, tmp_path / "back").run(ignore)
    Copy(other, back, tmp_path / "again").run(ignore)  # twice is the same as once
    assert compare(back, other, ignore).source == before.source


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "engine"), PAIRS)
def test_an_interrupted_copy_goes_on_where_it_stopped(
    name: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "copy_batch", 25)
    monkeypatch.setattr(type(opened(ENGINES[name][0])), "copy_batch", 25)
    embedded, other = filled(name), opened(engine)
    seen: list[int] = []

    def interrupt(count: int) -> None:
        seen.append(count)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Copy(embedded, other, tmp_path / "mark").run(interrupt)
    later = Copy(embedded, other, tmp_path / "mark")
    # The page that was being told of is copied once more: it had not been noted yet.
    assert later.copied == 50
    later.run(seen.append)
    assert sum(seen) == COUNT + 25
    assert not (tmp_path / "mark").exists()
    assert compare(embedded, other, ignore).equal


@pytest.mark.django_db
def test_what_has_outlived_its_retention_stays_behind(tmp_path: Path) -> None:
    name = "events"
    old = Event(
        uuid4(), timezone.now() - limits.EVENT_RETENTION - timedelta(hours=2), "login", None
    )
    embedded, cassandra = filled(name), opened(ENGINES[name][1])
    embedded.load([old])
    Copy(embedded, cassandra, tmp_path / "mark").run(ignore)
    result = compare(embedded, cassandra, ignore)
    assert result.equal
    assert result.source.records == COUNT


@pytest.mark.django_db
@pytest.mark.parametrize(
    "note",
    ["", "[]", '{"ends": ["a", "b"], "after": "x", "copied": 5}', '{"after": 1, "copied": "x"}'],
)
def test_a_bookmark_that_leads_nowhere_begins_anew(note: str, tmp_path: Path) -> None:
    (tmp_path / "mark").write_text(note)
    embedded = filled("transcripts")
    copy = Copy(embedded, embedded, tmp_path / "mark")
    assert copy.copied == 0
    copy.run(ignore)
    assert copy.copied == COUNT
