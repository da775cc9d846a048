"""`manage.py import_roster FILE --classroom CODE`: people from a CSV or XLSX file into a class."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from classrooms.rosters.outcome import Outcome
from classrooms.rosters.reading import check_roster
from classrooms.rosters.resource import Progress
from classrooms.selectors import classroom_by_code_or_id
from classrooms.services import roster_import_file
from config.commands import EXIT_BAD_INPUT
from config.errors import InvalidInput, NotFound

# What the rows do: of one, of many.
_WORDS = (
    ("new_account", ("new account", "new accounts")),
    ("claim", ("unconfirmed account taken over", "unconfirmed accounts taken over")),
    ("add", ("added", "added")),
    ("change_role", ("role changed", "roles changed")),
    ("nothing", ("there already", "there already")),
    ("skipped", ("skipped (teaches the class)", "skipped (teaches the class)")),
)


class Command(BaseCommand):
    """Import all of a roster, or nothing: errors are told by row and column."""

    help = "Put the people of a CSV or XLSX file (email, name, role) into a class."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--classroom", required=True, help="join code or id of the class")
        parser.add_argument("--dry-run", action="store_true", help="only say what it would do")

    def handle(self, *args: Any, **options: Any) -> None:
        classroom = classroom_by_code_or_id(options["classroom"])
        path = Path(options["file"])
        data = _content(path)
        with _rows_bar(path.name) as progress:
            outcome = roster_import_file(
                classroom=classroom,
                data=data,
                filename=path.name,
                dry_run=options["dry_run"],
                on_progress=progress,
            )
        if outcome.counts["errors"]:
            self._show_errors(outcome)
            sys.exit(EXIT_BAD_INPUT)
        counts = outcome.counts
        said = [
            f"{counts[name]} {words[counts[name] > 1]}" for name, words in _WORDS if counts[name]
        ]
        would = " (a dry run: nothing was changed)" if options["dry_run"] else ""
        rows = "1 row" if outcome.rows == 1 else f"{outcome.rows} rows"
        self.stdout.write(f"{rows}: {', '.join(said)}{would}")

    def _show_errors(self, outcome: Outcome) -> None:
        self.stderr.write(f"{'row':>6}  {'column':<8} error")
        for error in outcome.errors:
            # What is quoted from a file may hold anything, also the end of a line.
            detail = error["detail"] if error["detail"].isprintable() else ascii(error["detail"])
            self.stderr.write(f"{error['row']:>6}  {error['field']:<8} {detail}")
        more = outcome.counts["errors"] - len(outcome.errors)
        if more:
            self.stderr.write(f"        and {more} more")
        number = outcome.counts["errors"]
        self.stderr.write(f"error: {number} error{'s' * (number > 1)}; nothing was imported")


def _content(path: Path) -> bytes:
    if not path.name:
        raise InvalidInput("An empty FILE names no file.")
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may never end
            raise InvalidInput(f"{path}: a directory, pipe or device is no roster")
        with path.open("rb") as file:
            check_roster(b"", path.stat().st_size, path.name)  # before it is in memory
            return file.read()
    except FileNotFoundError:
        raise NotFound(f"{path}: no such file") from None
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from None


@contextmanager
def _rows_bar(name: str) -> Iterator[Progress]:
    """A bar in rows on standard error; nothing where that is no terminal."""
    with tqdm(desc=name, unit=" rows", leave=False, disable=None, file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress
