"""`manage.py ingest_documents PATH… --classroom CODE`: files into a class's material."""

import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from classrooms.selectors import classroom_by_code_or_id
from config.commands import EXIT_BAD_INPUT
from config.errors import DomainError, InvalidInput, NotFound
from retrieval.management.progress import passages_bar
from retrieval.parsing.registry import EXTENSIONS
from retrieval.services import IngestResult, documents_ingest_files


class Command(BaseCommand):
    """Ingest files here and now, with a line per file; a file that fails stops no other."""

    help = "Ingest files (or all files of folders) into a class. Equal names replace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument("--classroom", required=True, help="join code or id of the class")
        parser.add_argument("--type", default="material", help="document_type (material)")

    def handle(self, *args: Any, **options: Any) -> None:
        classroom = classroom_by_code_or_id(options["classroom"])
        files = list(_files(options["paths"]))
        failed = passages = 0
        started = time.monotonic()
        with passages_bar(str(classroom)) as progress:
            for filename, result in documents_ingest_files(
                classroom=classroom,
                files=files,
                document_type=options["type"],
                on_progress=progress,
            ):
                if isinstance(result, DomainError):
                    failed += 1
                    # Names of files may hold anything, also the end of a line.
                    shown = filename if filename.isprintable() else ascii(filename)
                    tqdm.write(f"error: {shown}: {result}", file=sys.stderr)
                else:
                    passages += 0 if result.unchanged else result.document.chunks
                    tqdm.write(f"{filename}: {_describe(result)}", file=sys.stdout)
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{len(files) - failed} of {len(files)} files, {passages} passages in "
            f"{seconds:.1f} s ({passages / seconds:.1f} passages/s)"
        )
        if failed:
            sys.exit(EXIT_BAD_INPUT)


def _files(arguments: list[str]) -> Iterator[tuple[Path, str]]:
    """Files and the names that they get in the class: their paths below the folder given."""
    for argument in arguments:
        if not argument:  # to Python the present folder, to the operator a variable without value
            raise InvalidInput("An empty PATH names no file or folder.")
        path = Path(argument)
        try:
            if path.is_dir():
                yield from _below(path)
            elif path.exists():
                yield path, path.name
            else:
                raise NotFound(f"{path}: no such file or folder")
        except OSError as error:
            raise InvalidInput(f"{error.filename}: {error.strerror}") from None


def _below(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of a folder that can be read; OSError for a folder that can't be listed."""
    found = False
    for here, folders, names in os.walk(folder, onerror=_fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for file in sorted(Path(here) / name for name in names if not name.startswith(".")):
            if file.is_file() and file.suffix.lower() in EXTENSIONS:
                found = True
                yield file, file.relative_to(folder).as_posix()
    if not found:
        raise NotFound(f"{folder}: no file of a type that can be read")


def _fail(error: OSError) -> None:
    raise error


def _describe(result: IngestResult) -> str:
    document = result.document
    if result.unchanged:
        return "unchanged"
    pages = f"{document.pages} pages, " if document.pages else ""
    notes = "".join(f" ({warning})" for warning in document.warnings)
    return f"{pages}{document.chunks} passages{notes}"
