"""`manage.py ingest_documents PATH… --classroom CODE`: files into a class's material."""

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
from config.errors import DomainError, NotFound
from retrieval.management.progress import passages_bar
from retrieval.parsing.registry import EXTENSIONS
from retrieval.services import IngestResult, documents_ingest_files


class Command(BaseCommand):
    """Ingest files here and now, with a line per file; a file that fails stops no other."""

    help = "Ingest files (or all files of folders) into a class. Equal names replace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
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
                    tqdm.write(f"error: {filename}: {result}", file=sys.stderr)
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


def _files(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Files and the names that they get in the class: their paths below the folder given."""
    for path in paths:
        if path.is_dir():
            files = sorted(
                file
                for file in path.rglob("*")
                if file.is_file()
                and file.suffix.lower() in EXTENSIONS
                and not any(part.startswith(".") for part in file.relative_to(path).parts)
            )
            if not files:
                raise NotFound(f"{path}: no file of a type that can be read")
            for file in files:
                yield file, file.relative_to(path).as_posix()
        elif path.exists():
            yield path, path.name
        else:
            raise NotFound(f"{path}: no such file or folder")


def _describe(result: IngestResult) -> str:
    document = result.document
    if result.unchanged:
        return "unchanged"
    pages = f"{document.pages} pages, " if document.pages else ""
    notes = "".join(f" ({warning})" for warning in document.warnings)
    return f"{pages}{document.chunks} passages{notes}"
