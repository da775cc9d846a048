"""`manage.py prepare_stores`: create what every store needs; safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand

from config.stores import prepare_all


class Command(BaseCommand):
    """Prepare every store and print a line per object."""

    help = "Create tables, collections and indexes of every store (idempotent)."

    def handle(self, *args: Any, **options: Any) -> None:
        for line in prepare_all():
            self.stdout.write(line)
