"""`manage.py make_demo_school`: a small school at work, made once."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from config.demo.logins import FILENAME
from config.demo.make import demo_begun, demo_make, others_exist
from config.errors import Conflict


class Command(BaseCommand):
    """Make the demo school, or say that it is there."""

    help = (
        "Make a demo school (33 people, three classes, four weeks of activity) with new logins. "
        "Made once; remove the file of logins and run it again to get new passwords."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="also beside other people")
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="leave a database with other people alone, without calling that an error",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        logins = Path(settings.VAR_DIR) / FILENAME
        begun = demo_begun()
        if begun and logins.exists():
            self.stdout.write(f"the demo school is there already; its logins are in {logins}")
            return
        if not begun and not options["force"] and others_exist():
            refusal = "this database is in use by other people: no demo school was made"
            if options["if_empty"]:
                self.stdout.write(refusal)
                return
            raise Conflict(f"{refusal} (--force makes it all the same)")
        started = time.monotonic()

        def say(step: str, line: str) -> None:
            self.stdout.write(f"{time.monotonic() - started:5.1f} s  {step}: {line}")

        demo_make(now=timezone.now(), logins=logins, say=say)
