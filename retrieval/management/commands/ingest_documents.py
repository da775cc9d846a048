"""`manage.py ingest_documents PATH… --classroom CODE`: files into a class's material."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import User
from classrooms.models import Classroom
from classrooms.selectors import classroom_by_code_or_id
from classrooms.services import require_open
from config.commands import EXIT_BAD_INPUT
from config.errors import DomainError, NotFound
from retrieval import selectors, services
from retrieval.management.progress import passages_bar
from retrieval.management.reports import FileReport, Report
from retrieval.management.sources import Source, sources_of


class Command(BaseCommand):
    """Ingest files here and now, with a line per file; a file that fails stops no other."""

    help = (
        "Ingest files, all files of folders, what patterns match ('week*/**/*.pdf') and the files "
        "of ZIP archives among them into a class. Equal names replace. Running it again goes on "
        "where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH")
        parser.add_argument("--classroom", required=True, help="join code or id of the class")
        parser.add_argument("--type", default="material", help="document_type (material)")
        parser.add_argument("--actor", metavar="EMAIL", help="do it with this person's rights")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, and change nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead")

    def handle(self, *args: Any, **options: Any) -> None:
        classroom = classroom_by_code_or_id(options["classroom"])
        actor = _person(options["actor"]) if options["actor"] else None
        require_open(classroom)
        report = Report(dry_run=options["dry_run"], quiet=options["json"])
        with sources_of(options["paths"]) as sources:
            work = _rehearsed if options["dry_run"] else _ingested
            taken = work(classroom, sources, options["type"], actor)
            try:
                for file in chain(_refused(sources), taken):
                    report.add(file)
            except DomainError as error:  # what has been done is told all the same
                if options["json"]:
                    self.stdout.write(report.as_json(error))
                raise
        self.stdout.write(report.as_json() if options["json"] else report.summary())
        if report.failed:
            sys.exit(EXIT_BAD_INPUT)


def _person(email: str) -> User:
    found = User.objects.filter(email__iexact=email.strip()).first()
    if found is None:
        raise NotFound(f"nobody has the address {email!r}")
    return found


def _ingested(
    classroom: Classroom, sources: list[Source], document_type: str, actor: User | None
) -> Iterator[FileReport]:
    known = selectors.document_filenames(classroom)
    with passages_bar(str(classroom)) as progress:
        for name, result in services.documents_ingest_files(
            classroom=classroom,
            files=_files(sources),
            document_type=document_type,
            actor=actor,
            on_progress=progress,
        ):
            if isinstance(result, DomainError):
                yield FileReport.of_error(name, result)
            else:
                yield FileReport.of_document(name, result, existed=name in known)


def _rehearsed(
    classroom: Classroom, sources: list[Source], document_type: str, actor: User | None
) -> Iterator[FileReport]:
    for name, result in services.documents_rehearse_files(
        classroom=classroom, files=_files(sources), document_type=document_type, actor=actor
    ):
        if isinstance(result, DomainError):
            yield FileReport.of_error(name, result)
        else:
            yield FileReport.of_rehearsal(name, result)


def _files(sources: list[Source]) -> list[tuple[Path, str]]:
    return [(source.found, source.name) for source in sources if isinstance(source.found, Path)]


def _refused(sources: list[Source]) -> Iterator[FileReport]:
    for source in sources:
        if isinstance(source.found, DomainError):
            yield FileReport.of_error(source.name, source.found)
