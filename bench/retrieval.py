"""How well passages are found, and how fast: over a corpus of sections, chapters and queries.

    python bench/retrieval.py CORPUS_DIR [--json] [--source html|pdf] [--engine NAME]

CORPUS_DIR has `sections/*.html`, `chapters/chapterNN.pdf`, and `queries.jsonl`: one JSON
object a line with `query`, `section` (the one file that answers it), its `title`, and
`chapter` (number). Rows of source "html" rank sections, "pdf" chapters, and "pdf-pages"
sections by the pages that were found.
With --json stdout is one JSON list of rows; everything else goes to stderr.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.corpus import Corpus, Passage, load_corpus, load_passages, page_sections
from bench.engines import ENGINES, Engine
from bench.measures import Ranking, measure
from retrieval.embedders.onnx import OnnxEmbedder

Row = dict[str, object]

# Passages that are looked at for each query: enough for ten different documents.
DEPTH = 200


def quality_rows(
    engine: Engine, corpus: Corpus, names: dict[str, Callable[[Passage], str]]
) -> list[Row]:
    """A row for each source in `names`, which says what a passage counts as there: the
    ranking of those by their best passage."""
    results = [engine.search(query, DEPTH) for query in corpus.queries]
    rows: list[Row] = []
    for source, name in names.items():
        rankings = [
            Ranking(found=list(dict.fromkeys(map(name, passages))), wanted=wanted)
            for passages, wanted in zip(results, corpus.wanted[source], strict=True)
        ]
        row: Row = {"engine": engine.name, "mode": "dense", "source": source, **measure(rankings)}
        rows.append(row)
        print(json.dumps(row), file=sys.stderr)
    return rows


def names_by_source(folder: Path, source: str) -> dict[str, Callable[[Passage], str]]:
    """What a passage of the files of `source` counts as, by the source of the row."""
    if source == "html":
        return {"html": lambda passage: passage.document}
    pages = page_sections(folder)
    return {
        "pdf": lambda passage: passage.document,
        "pdf-pages": lambda passage: pages[passage.document, passage.chunk.page_number or 0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpus", type=Path, metavar="CORPUS_DIR")
    parser.add_argument("--json", action="store_true", help="print the rows as one JSON list")
    parser.add_argument("--source", choices=("html", "pdf"), action="append")
    parser.add_argument("--engine", choices=sorted(ENGINES), action="append")
    options = parser.parse_args()
    corpus = load_corpus(options.corpus)
    embedder = OnnxEmbedder()
    rows: list[Row] = []
    for source in options.source or ("html", "pdf"):
        names = names_by_source(options.corpus, source)
        passages = load_passages(options.corpus, source, embedder)
        vectors = embedder.encode([passage.chunk.embedding_text for passage in passages])
        print(f"{source}: {len(passages)} passages", file=sys.stderr)
        for name in options.engine or ENGINES:
            engine = ENGINES[name](embedder)
            engine.store(passages, vectors)
            rows += quality_rows(engine, corpus, names)
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
