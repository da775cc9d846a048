"""`manage.py prepare_stores`: create what every store needs; safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand

from config.errors import Conflict
from config.stores import prepare_all, stores


class Command(BaseCommand):
    """Prepare every store and print a line per object."""

    help = (
        "Create tables, collections and indexes of every store (idempotent). What is there but "
        "differs is reported and left alone (exit code 2)."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        differing = 0
        for name, state in prepare_all():
            self.stdout.write(f"{name} ({stores[name].engine}): {state}")
            differing += not state.ok
        if differing:
            raise Conflict(f"{differing} objects differ from what is expected and were left alone")
