"""`manage.py check_stores`: how every store is, one line each."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from config.commands import EXIT_FAILED
from config.store_states import StoreState, store_states


class Command(BaseCommand):
    """Ask every store and say what it answers."""

    help = (
        "One line per store: engine, version, address, latency, schema. "
        "Exit code 1 when one is down or its schema is not what it should be."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON list and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        found = []
        for state in store_states():
            found.append(state)
            if not options["json"]:
                self.stdout.write(_line(state))
        if options["json"]:
            rows = [{**asdict(state), "up": state.up} for state in found]
            self.stdout.write(json.dumps(rows, indent=2))
        if not all(state.up and state.schema == "ok" for state in found):
            raise SystemExit(EXIT_FAILED)


def _line(state: StoreState) -> str:
    head = f"{state.store:<19} {state.engine:<11}"
    if not state.up:
        return f"{head} DOWN  {state.address}  {state.error}"
    return (
        f"{head} {state.version:<7} {state.address}  {state.latency_ms:.1f} ms"
        f"  schema {state.schema}"
    )
