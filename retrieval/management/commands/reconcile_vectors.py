"""`manage.py reconcile_vectors`: the vector stores put in order with the ledger."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from config.commands import EXIT_FAILED
from retrieval.services import CollectionReport, vectors_reconcile

COLLECTIONS = ("documents", "web_content")
_SHOWN = 10  # owners of a kind


class Command(BaseCommand):
    """Exit code 1: differences are left, which happens with --dry-run only."""

    help = "Find vectors without a passage and passages without a vector, and mend them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--collection", choices=COLLECTIONS, action="append", help="only this one (both)"
        )
        parser.add_argument("--dry-run", action="store_true", help="report, and change nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = [
            self._reconcile(name, fix=not options["dry_run"])
            for name in options["collection"] or COLLECTIONS
        ]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(report) for report in reports]))
        else:
            for report in reports:
                self._print(report)
        if any(report.differences for report in reports):
            sys.exit(EXIT_FAILED)

    def _reconcile(self, name: str, *, fix: bool) -> CollectionReport:
        with tqdm(desc=name, leave=False, disable=None, file=sys.stderr) as bar:

            def progress(done: int, total: int | None) -> None:
                bar.total = total
                bar.update(done - bar.n)

            return vectors_reconcile(name, fix=fix, on_progress=progress)

    def _print(self, report: CollectionReport) -> None:
        self.stdout.write(
            f"{report.collection}: {report.passages} passages, {report.points} vectors, "
            f"{len(report.orphans)} orphans, {len(report.differing)} differing, "
            f"{report.mended} mended"
        )
        for kind, owners in (("orphan", report.orphans), ("differing", report.differing)):
            for owner in owners[:_SHOWN]:
                self.stdout.write(f"  {kind}: {owner}")
            if len(owners) > _SHOWN:
                self.stdout.write(f"  … and {len(owners) - _SHOWN} more")
