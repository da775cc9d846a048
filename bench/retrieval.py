"""How well passages are found, and how fast: over a corpus of sections, chapters and queries.

    python bench/retrieval.py CORPUS_DIR [--json] [--source html|pdf] [--engine NAME]

CORPUS_DIR has `sections/*.html`, `chapters/chapterNN.pdf` or both, and `queries.jsonl`: one
JSON object a line with `query`, `section` (the one file that answers it), its `title`, and
`chapter` (number). Rows of source "html" rank sections, "pdf" chapters, and "pdf-pages"
sections by the pages that were found. A measure's interval (`…_ci`) holds 95 %.

The platform is measured whole, on embedded engines that are started for it in a temporary
folder (and on Qdrant: that of QDRANT_URL, else its client's local mode): files are ingested into
a class and searched by its teacher. Beside it stand "numpy-exact", the same passages, all
compared, and LangChain's splitter with the same model. Rows of measure "recall" say how much of
what an exact search finds the engine finds among --vectors vectors of many classes. With --json
stdout is one JSON list of rows; everything else goes to stderr. Exit code 2: the input can't be
used, and one line says why.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import NoReturn, cast

# Started as a file, Python looks for modules in this very folder, whose names are others'.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.corpus import FILES, Corpus, load_corpus, page_sections
from bench.engines import ENGINES, Engine, Found, PlatformEngine, engine_class
from bench.measures import Ranking, measure
from bench.platform import embedded_platform
from bench.scale import measure_recall
from bench.speed import Row, measure_ingestion, measure_search
from bench.table import tables
from config import limits
from config.commands import EXIT_BAD_INPUT, EXIT_FAILED
from config.embedded.errors import EmbeddedError
from config.errors import DomainError, NotFound

# Passages that are looked at for each query: as many as the platform gives at most. The first
# ten different documents among them count.
DEPTH = limits.SEARCH_RESULTS_MAX

REPEATS = 3
VECTORS = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path, metavar="CORPUS_DIR")
    parser.add_argument("--json", action="store_true", help="print the rows as one JSON list")
    parser.add_argument("--source", choices=("html", "pdf"), action="append")
    parser.add_argument("--engine", choices=sorted(ENGINES), action="append")
    parser.add_argument(
        "--repeats",
        type=int,
        choices=range(1, 10),
        default=REPEATS,
        metavar="N",
        help=f"runs that a speed is taken from ({REPEATS})",
    )
    parser.add_argument(
        "--vectors",
        type=int,
        default=VECTORS,
        metavar="N",
        help=f"vectors among which recall is measured ({VECTORS}); 0: it is not",
    )
    options = parser.parse_args()
    try:
        # Whatever a library prints must not stand among the rows.
        with redirect_stdout(sys.stderr):
            corpus = load_corpus(options.corpus)
            sources = chosen_sources(corpus, options.corpus, options.source)
            with embedded_platform():
                names = options.engine or list(ENGINES)
                rows = list(all_rows(corpus, sources, names, options.repeats))
                if options.vectors:
                    rows += recall_rows(corpus, sources[0], names, options.vectors)
    except DomainError as error:
        fail(str(error), EXIT_BAD_INPUT)
    except EmbeddedError as error:
        fail(str(error), EXIT_FAILED)
    print(json.dumps(rows) if options.json else "\n".join(tables(rows)))


def fail(message: str, code: int) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)


def chosen_sources(corpus: Corpus, folder: Path, wanted: list[str] | None) -> list[str]:
    """The sources to measure; says which ones the corpus has no files of."""
    wanted = wanted or list(FILES)
    missing = [source for source in wanted if source not in corpus.files]
    if missing == wanted:
        raise NotFound(f"{folder}: no {' and no '.join(FILES[source] for source in missing)}")
    for source in missing:
        print(f"{folder}: no {FILES[source]}, so {source} is left out", file=sys.stderr)
    return [source for source in wanted if source not in missing]


def all_rows(
    corpus: Corpus, sources: Sequence[str], engines: Sequence[str], repeats: int
) -> Iterator[Row]:
    """The rows of every source and engine: quality, and for the platform's engines speed."""
    for source in sources:
        files = corpus.files[source]
        names = names_by_source(source, files)
        for name in engines:
            print(f"{name}, {source}: {len(files)} files", file=sys.stderr)
            kind = engine_class(name)
            with kind.running():
                if not issubclass(kind, PlatformEngine):
                    engine = kind()
                    engine.ingest(files)
                    yield from quality_rows(name, engine, corpus, names)
                    continue
                platform, speed = measure_ingestion(kind, files, repeats)
                yield from quality_rows(name, platform, corpus, names)
                yield {"engine": name, "measure": "ingestion", "source": source, **speed}
                for mode in kind.modes:
                    speed = measure_search(platform, corpus.queries, mode, repeats)
                    labels = {"engine": name, "measure": "search", "mode": mode, "source": source}
                    yield labels | speed


def recall_rows(corpus: Corpus, source: str, engines: Sequence[str], vectors: int) -> Iterator[Row]:
    """For each of the platform's engines that has an index, a row for each size of class."""
    for name in engines:
        kind = engine_class(name)
        if issubclass(kind, PlatformEngine) and not kind.is_exact():
            print(f"{name}: {vectors} vectors", file=sys.stderr)
            with kind.running():
                for row in measure_recall(corpus, source, vectors):
                    yield {"engine": name, "measure": "recall", **row}


def quality_rows(
    name: str, engine: Engine, corpus: Corpus, names: dict[str, Callable[[Found], str]]
) -> Iterator[Row]:
    """A row for each mode and for each source in `names`, which says what a passage counts as
    there: the ranking of those by their best passage."""
    for mode in engine.modes:
        results = [engine.search(query, DEPTH, mode) for query in corpus.queries]
        for source, name_of in names.items():
            rankings = [
                Ranking(found=list(dict.fromkeys(map(name_of, passages))), wanted=wanted)
                for passages, wanted in zip(results, corpus.wanted[source], strict=True)
            ]
            yield {"engine": name, "mode": mode, "source": source, **measure(rankings)}


def names_by_source(source: str, files: list[Path]) -> dict[str, Callable[[Found], str]]:
    """What a passage of the files of `source` counts as, by the source of the row."""
    if source == "html":
        return {"html": lambda found: found.document}
    pages = page_sections(files)
    return {
        "pdf": lambda found: found.document,
        "pdf-pages": lambda found: pages[found.document, cast("int", found.page_number)],
    }


if __name__ == "__main__":
    main()
