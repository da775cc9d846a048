"""`manage.py ingest_web FILE --url URL`: a saved web page into the school's web content."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from retrieval.management.progress import passages_bar
from retrieval.services import web_page_ingest


class Command(BaseCommand):
    """Ingest one saved page here and now. A page of the same address is replaced."""

    help = "Ingest a saved HTML page under the address that it came from."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--url", required=True, help="the address that the page came from")
        parser.add_argument("--topic", default="", help="what the page is about")

    def handle(self, *args: Any, **options: Any) -> None:
        with passages_bar(options["url"]) as progress:
            count = web_page_ingest(
                path=options["file"],
                source_url=options["url"],
                topic=options["topic"],
                on_progress=progress,
            )
        self.stdout.write(f"{options['url']}: {count} passages")
