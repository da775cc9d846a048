"""Whether chat answers what the material answers, and refuses what it does not.

    python bench/answers.py CORPUS_DIR [--json] [--unanswerable FILE] [--followups FILE]

CORPUS_DIR has `sections/*.html` and `queries.jsonl`, as for bench/retrieval.py; its queries
are answerable, those of `bench/unanswerable.txt` are not. Rows of measure "threshold": what
share of the first is answered and of the second refused, for thresholds of passages alone and
together with those of sentences. The row "model is asked": how many of each a language model
would be asked, if there is one. The row "extractive": the answers without one, and how many
of them cite the right section, how many of their sentences are of it. The rows "followups"
(only where the corpus has their sections): what the rule for questions that lean on the one
before takes for such, and how often the right section is among the passages.

With --json stdout is one JSON list of rows. Exit code 2: the input can't be used.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from statistics import median
from typing import Any

# Started as a file, Python looks for modules in this very folder, whose names are others'.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.utils.module_loading import import_string

from bench.corpus import load_corpus
from bench.platform import embedded_platform
from config.commands import EXIT_BAD_INPUT, EXIT_FAILED
from config.embedded.errors import EmbeddedError
from config.errors import DomainError, InvalidInput, NotFound

HERE = Path(__file__).resolve().parent
# Passages, sentences (0: not looked at).
THRESHOLDS = [
    *((passage, 0.0) for passage in (0.30, 0.35, 0.40, 0.45, 0.50, 0.55)),
    *((passage, sentence) for passage in (0.35, 0.40, 0.45) for sentence in (0.45, 0.50, 0.55)),
]

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path, metavar="CORPUS_DIR")
    parser.add_argument("--json", action="store_true", help="print the rows as one JSON list")
    parser.add_argument("--unanswerable", type=Path, default=HERE / "unanswerable.txt")
    parser.add_argument("--followups", type=Path, default=HERE / "followups.jsonl")
    options = parser.parse_args()
    try:
        # Whatever a library prints must not stand among the rows.
        with redirect_stdout(sys.stderr):
            rows = list(all_rows(options.corpus, options.unanswerable, options.followups))
    except DomainError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    except EmbeddedError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(EXIT_FAILED)
    print(json.dumps(rows) if options.json else "\n".join(map(described, rows)))


def described(row: Row) -> str:
    """A row as a line."""
    return "  ".join(f"{name} {value}" for name, value in row.items())


def all_rows(folder: Path, unanswerable: Path, followups: Path) -> Iterator[Row]:
    corpus = load_corpus(folder)
    if "html" not in corpus.files:
        raise NotFound(f"{folder}: no sections/*.html")
    wrong = [line for line in lines_of(unanswerable) if not line.startswith("#")]
    titles = {row["title"]: row["section"] for row in json_lines(folder / "queries.jsonl")}
    asked = [row for row in json_lines(followups) if set(row["titles"]) <= set(titles)]
    with embedded_platform():
        # By its name: the platform's models can be imported only once Django has started.
        platform = import_string("bench.chat_platform.ChatPlatform")(corpus.files["html"])
        right = [platform.ask(query) for query in corpus.queries]
        refusable = [platform.ask(query) for query in wrong]
        for passage, sentence in THRESHOLDS:
            answered = [each.near(passage, sentence) for each in right]
            refused = [not each.near(passage, sentence) for each in refusable]
            yield {
                "measure": "threshold",
                "passage": passage,
                "sentence": sentence,
                "answered": share(answered),
                "refused": share(refused),
            }
        yield {
            "measure": "model is asked",
            "answerable": share([each.answerable for each in right]),
            "unanswerable": share([each.answerable for each in refusable]),
        }
        yield extractive_row(right, refusable, corpus.wanted["html"])
        for leans in (True, False):
            yield from followup_rows(platform, [row for row in asked if row["leans"] is leans],
                                     titles)  # fmt: skip


def extractive_row(right: list[Any], wrong: list[Any], wanted: list[str]) -> Row:
    """Of the questions that have an answer, each with its section, and of those that have none."""
    pairs = [(each.cited, section) for each, section in zip(right, wanted, strict=True)]
    answered = [(cited, section) for cited, section in pairs if cited]
    quoted = [name == section for cited, section in answered for name in cited]
    return {
        "measure": "extractive",
        "answered": share([bool(each.cited) for each in right]),
        "refused": share([not each.cited for each in wrong]),
        "right_section_cited": share([section in cited for cited, section in answered]),
        "sentences_of_right_section": share(quoted),
        "p50_ms": round(1000 * median(each.seconds for each in right), 1),
    }


def followup_rows(platform: Any, asked: list[Row], titles: dict[str, str]) -> Iterator[Row]:
    if not asked:
        return
    found = [platform.follow(row["before"], row["question"]) for row in asked]
    wanted = [{titles[title] for title in row["titles"]} for row in asked]
    pairs = list(zip(found, wanted, strict=True))
    yield {
        "measure": "followups",
        "leans": asked[0]["leans"],
        "questions": len(asked),
        "taken_for_such": share([each.leans for each in found]),
        "found_alone": share([bool(sections & set(each.alone)) for each, sections in pairs]),
        "found_by_rule": share([bool(sections & set(each.ruled)) for each, sections in pairs]),
    }


def share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


def lines_of(path: Path) -> list[str]:
    """The lines of a file that are not empty. Raises NotFound, InvalidInput."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise NotFound(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{path}: can't be read as text") from None
    return [line.strip() for line in lines if line.strip()]


def json_lines(path: Path) -> list[Row]:
    """The objects of a file with one a line. Raises NotFound, InvalidInput."""
    try:
        return [dict(json.loads(line)) for line in lines_of(path)]
    except ValueError:
        raise InvalidInput(f"{path}: not one JSON object a line") from None


if __name__ == "__main__":
    main()
