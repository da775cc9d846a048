"""How fast the platform is, beside the least that its work takes on the same machine."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles

from bench.corpus import load_passages
from bench.engines import PlatformEngine
from bench.turns import in_turn, seconds
from config import limits
from retrieval.embedders import get_embedder

Row = dict[str, object]


def measure_ingestion(
    new_engine: Callable[[], PlatformEngine], files: Sequence[Path], repeats: int
) -> tuple[PlatformEngine, Row]:
    """Files into a new engine against their passages through the embedder alone.

    Gives the last engine, with the files in it, and the row: passages, passages_per_s and
    bare_encoder_per_s (medians of `repeats` runs), ratio (of the medians).
    """
    embedder = get_embedder()
    texts = [each.chunk.embedding_text for each in load_passages(list(files), embedder)]
    embedder.encode(texts[:1])
    engine = new_engine()

    def encode() -> None:
        embedder.encode(texts)

    def ingest() -> None:
        passages = engine.ingest(files)
        if passages != len(texts):
            raise RuntimeError(f"{passages} passages were taken in, {len(texts)} encoded")

    bare: list[float] = []
    platform: list[float] = []
    for run in range(repeats):
        engine = engine if run == 0 else new_engine()
        for work, rates in in_turn((encode, bare), (ingest, platform), run):
            rates.append(len(texts) / seconds(work))
        print(
            f"  run {run + 1} of {repeats}: platform {platform[-1]:.1f}, "
            f"encoder alone {bare[-1]:.1f} passages/s",
            file=sys.stderr,
        )
    return engine, {
        "passages": len(texts),
        "passages_per_s": round(median(platform), 1),
        "bare_encoder_per_s": round(median(bare), 1),
        "ratio": round(median(platform) / median(bare), 3),
    }


def measure_search(engine: PlatformEngine, queries: Sequence[str], mode: str, repeats: int) -> Row:
    """The user's search against the embedded query and the engine's own statements.

    The row: queries, p50_ms, p95_ms, baseline_p50_ms and baseline_p95_ms over `repeats` searches
    of each, ratio (of the p50) and ratio_p95.
    """
    limit = limits.SEARCH_RESULTS
    platform: list[float] = []
    bare: list[float] = []
    for count in range(len(queries) * repeats):
        query = queries[count % len(queries)]

        def search(query: str = query) -> None:
            engine.search(query, limit, mode)

        def search_bare(query: str = query) -> None:
            engine.search_bare(query, limit, mode)

        for work, times in in_turn((search_bare, bare), (search, platform), count):
            times.append(seconds(work) * 1000)
    p95, baseline_p95 = (quantiles(times, n=20)[-1] for times in (platform, bare))
    return {
        "queries": len(queries),
        "p50_ms": round(median(platform), 2),
        "p95_ms": round(p95, 2),
        "baseline_p50_ms": round(median(bare), 2),
        "baseline_p95_ms": round(baseline_p95, 2),
        "ratio": round(median(platform) / median(bare), 3),
        "ratio_p95": round(p95 / baseline_p95, 3),
    }
