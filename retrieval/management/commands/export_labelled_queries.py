"""`manage.py export_labelled_queries`: queries with the passages that people found in answers."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand

from classrooms.selectors import classroom_by_code_or_id
from config.errors import InvalidInput
from retrieval.services import labelled_queries


class Command(BaseCommand):
    """One JSON object a line on standard output; nothing in it says who asked."""

    help = "Print labelled queries (clicked, helpful, unhelpful) as JSON lines, oldest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--classroom", help="join code or id of a class (all)")
        parser.add_argument("--since", help="a date or a time, as 2026-01-31 (all)")

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["classroom"]
        classroom = classroom_by_code_or_id(given) if given else None
        since = _moment(options["since"]) if options["since"] else None
        for row in labelled_queries(classroom=classroom, since=since):
            self.stdout.write(json.dumps(asdict(row), ensure_ascii=False))


def _moment(text: str) -> datetime:
    """UTC, unless the text says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"--since: {text!r} is no date as 2026-01-31.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
