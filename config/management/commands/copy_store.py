"""`manage.py copy_store NAME --from embedded --to mongo`: a store moves to another engine."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from config.copying import Comparison, Copy, compare
from config.errors import Conflict, InvalidInput
from config.store_settings import EMBEDDED
from config.stores import Store, open_store

_ALIASES = {"mongo": "mongodb"}
_URLS = {"mongodb": "MONGODB_URL", "qdrant": "QDRANT_URL", "cassandra": "CASSANDRA_URL"}


class Command(BaseCommand):
    """Copy all records of a store, then compare both sides."""

    help = (
        "Copy a store from one engine to another. It can be interrupted and repeated, goes on "
        "where it stopped, and never changes the source. Let nobody write to the store meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        engines = ["embedded", "mongo", "mongodb", "qdrant", "cassandra"]
        parser.add_argument("name", choices=list(EMBEDDED), help="the store")
        parser.add_argument("--from", dest="source", required=True, choices=engines)
        parser.add_argument("--to", dest="target", required=True, choices=engines)
        parser.add_argument(
            "--restart", action="store_true", help="begin anew, not where it stopped"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        kinds = [_ALIASES.get(kind, kind) for kind in (options["source"], options["target"])]
        if kinds[0] == kinds[1]:
            raise InvalidInput("--from and --to are the same engine")
        source, target = (_open(name, kind) for kind in kinds)
        for store in (source, target):
            wrong = [str(state) for state in store.inspect() if not state.ok]
            if wrong:
                raise Conflict(
                    f"{name} in {store.engine} is not ready ({wrong[0]}): "
                    "run 'manage.py prepare_stores' with its URL set"
                )
        bookmark = Path(settings.VAR_DIR) / "copies" / f"{name}-{kinds[0]}-{kinds[1]}.json"
        if options["restart"]:
            bookmark.unlink(missing_ok=True)
        copy = Copy(source, target, bookmark)
        if copy.copied:
            self.stdout.write(f"going on after {copy.copied:,} records (--restart begins anew)")
        total = source.estimate()
        with _bar("copying", total, copy.copied) as bar:
            copy.run(bar.update)
        with _bar("comparing", total and 2 * total) as bar:
            result = compare(source, target, bar.update)
        self._report(name, source, target, result)

    def _report(
        self, name: str, source: Store[Any], target: Store[Any], result: Comparison
    ) -> None:
        for side, store, content in (
            ("from", source, result.source),
            ("to", target, result.target),
        ):
            self.stdout.write(
                f"{side:<5} {store.engine:<11} {content.records:>11,} records  {content.digest}"
            )
        if result.vector_difference is not None:
            self.stdout.write(f"vectors differ by at most {result.vector_difference:.1e}")
        if not result.equal:
            raise Conflict(
                f"{name}: the two sides differ. If the store was written to meanwhile, or the "
                "target held records of its own, that is why; run it again when nobody writes"
            )
        self.stdout.write(f"{name}: both sides are equal")


def _open(name: str, kind: str) -> Store[Any]:
    if kind == "embedded":
        return open_store(EMBEDDED[name])
    if not getattr(settings, _URLS[kind]):
        raise InvalidInput(f"{_URLS[kind]} is not set")
    store = open_store(settings.STORES[name])
    if store.engine != kind:
        raise InvalidInput(f"{name} is never held by {kind}")
    return store


def _bar(title: str, total: int | None, done: int = 0) -> "tqdm[Any]":
    return tqdm(
        desc=title,
        total=total,
        initial=done,
        unit=" records",
        unit_scale=True,
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
    )
