"""`manage.py export_roster FILE --classroom CODE`: a class's members as CSV or XLSX."""

import errno
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from classrooms.selectors import ROSTER_KINDS, classroom_by_code_or_id, roster_file
from config.commands import EXIT_FAILED
from config.errors import InvalidInput

# Nothing that another FILE is the answer to: the disk is full or broken.
_FAILED = (errno.ENOSPC, errno.EDQUOT, errno.EIO)


class Command(BaseCommand):
    """Write the roster; importing the file again changes nothing."""

    help = "Write the members of a class (email, name, role) to a .csv or .xlsx file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="ends in .csv or .xlsx")
        parser.add_argument("--classroom", required=True, help="join code or id of the class")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        kind = path.suffix.lower().removeprefix(".")
        if kind not in ROSTER_KINDS:
            raise InvalidInput(f"{path}: the name must end in .csv or .xlsx")
        classroom = classroom_by_code_or_id(options["classroom"])
        try:
            path.write_bytes(roster_file(classroom, kind).content)
        except OSError as error:
            if error.errno in _FAILED:
                self.stderr.write(f"error: {path}: {error.strerror}")
                sys.exit(EXIT_FAILED)
            raise InvalidInput(f"{path}: {error.strerror}") from None
        self.stdout.write(f"{path}: {classroom.members.count()} members of {classroom}")
