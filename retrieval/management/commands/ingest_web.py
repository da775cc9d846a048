"""`manage.py ingest_web URL… | --file PATH | --sitemap URL | --saved PATH --url URL`."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from config.commands import EXIT_BAD_INPUT, counted
from config.errors import InvalidInput, NotFound
from retrieval.management.progress import passages_bar
from retrieval.models import WebPage, WebPageKind
from retrieval.pipeline import Progress
from retrieval.services import WebOutcome, WebResult, web_page_save, web_pages_ingest_here

_FAILED = (WebOutcome.FAILED, WebOutcome.LATER, WebOutcome.STOPPED)
_LIST_MAX_BYTES = 5 * 1024 * 1024


class Command(BaseCommand):
    """Take in web pages here and now, with a line per page; one that fails stops no other."""

    help = "Take web pages into the school's web content: by address, sitemap, or a saved page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("urls", nargs="*", metavar="URL")
        parser.add_argument("--file", metavar="PATH", help="a file with one address a line")
        parser.add_argument("--sitemap", metavar="URL", default="", help="its pages")
        parser.add_argument("--saved", metavar="PATH", help="a saved page, which came from --url")
        parser.add_argument("--url", metavar="URL", help="the address that --saved came from")
        parser.add_argument("--topic", default="", help="what the pages are about")
        parser.add_argument(
            "--refresh", action="store_true", help="ask for newer versions of what is there"
        )
        parser.add_argument("--json", action="store_true", help="a report on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        urls = [*options["urls"], *(_lines(options["file"]) if options["file"] else ())]
        fetched = bool(urls or options["sitemap"] or options["file"])
        if options["saved"] is not None:
            if fetched or not options["url"]:
                raise InvalidInput("--saved PATH goes with --url URL, and with no other page.")
            results = [self._saved(options)]
        elif options["url"]:
            raise InvalidInput("--url says where the page of --saved came from.")
        elif not fetched:
            raise InvalidInput("At least one URL, --file, --sitemap or --saved is needed.")
        else:
            results = self._fetched(urls, options)
        if options["json"]:
            self.stdout.write(json.dumps([_report(result) for result in results], indent=2))
        if any(result.outcome in _FAILED for result in results):
            sys.exit(EXIT_BAD_INPUT)

    def _saved(self, options: dict[str, Any]) -> WebResult:
        if not options["saved"]:
            raise InvalidInput("An empty PATH names no file.")
        with passages_bar(options["url"]) as progress:
            page = web_page_save(
                path=Path(options["saved"]),
                source_url=options["url"],
                topic=options["topic"],
                on_progress=progress,
            )
        is_new = page.duplicate_of_id is None
        result = WebResult(page, WebOutcome.INGESTED if is_new else WebOutcome.DUPLICATE)
        self._say(result, options)
        return result

    def _fetched(self, urls: list[str], options: dict[str, Any]) -> list[WebResult]:
        results = []
        with _pages_bar() as progress:
            for result in web_pages_ingest_here(
                urls=urls,
                sitemap_url=options["sitemap"],
                topic=options["topic"],
                refresh=options["refresh"],
                on_progress=progress,
            ):
                results.append(result)
                self._say(result, options)
        return results

    def _say(self, result: WebResult, options: dict[str, Any]) -> None:
        failed = result.outcome in _FAILED
        if failed or not options["json"]:
            start = "error: " if failed else ""
            line = f"{start}{result.page.source_url}: {_describe(result)}"
            tqdm.write(line, file=sys.stderr if failed else sys.stdout)


def _lines(name: str) -> list[str]:
    """The addresses of a file; empty lines and those that begin with # are left out."""
    path = Path(name)
    try:
        if path.is_file() and path.stat().st_size > _LIST_MAX_BYTES:
            raise InvalidInput(f"{path}: a list of addresses has at most 5 MB")
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        raise NotFound(f"{path}: no such file") from None
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path}: it is no text in UTF-8") from None
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise InvalidInput(f"{path}: it has no address")
    return found


@contextmanager
def _pages_bar() -> Iterator[Progress]:
    """A bar in pages on standard error; nothing where that is no terminal."""
    with tqdm(unit=" pages", leave=False, disable=None, file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress


def _describe(result: WebResult) -> str:
    page, outcome = result.page, result.outcome
    notes = "".join(f" ({warning})" for warning in page.warnings)
    if outcome is WebOutcome.INGESTED and page.kind == WebPageKind.SITEMAP:
        return f"{counted(page.total, 'page')}{notes}"
    if outcome is WebOutcome.INGESTED:
        topic = f", {page.topic}" if page.topic else ""
        return f"{counted(page.chunks, 'passage')}{topic}{notes}"
    if outcome is WebOutcome.DUPLICATE and page.duplicate_of is not None:
        return f"says the same as {page.duplicate_of.source_url}"
    if outcome is WebOutcome.LATER:
        return "its host is busy, or a worker is at it: it is read later"
    if outcome is WebOutcome.STOPPED:
        return "it was stopped meanwhile"
    return page.error if outcome is WebOutcome.FAILED else str(outcome)


def _report(result: WebResult) -> dict[str, Any]:
    page: WebPage = result.page
    return {
        "source_url": page.source_url,
        "kind": page.kind,
        "outcome": result.outcome,
        "state": page.state,
        "title": page.title,
        "topic": page.topic,
        "passages": page.chunks,
        "duplicate_of": page.duplicate_of.source_url if page.duplicate_of else None,
        "error_code": page.error_code,
        "error": page.error,
        "warnings": page.warnings,
    }
