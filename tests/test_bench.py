"""The benchmarks' commands, on very little: what they print, not how fast it is."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SECTIONS = {
    "bread.html": ("Bread", "Dough rises because yeast turns sugar into gas.", "Why dough rises"),
    "tides.html": ("Tides", "The moon pulls the sea towards it.", "What moves the sea"),
    "bees.html": ("Bees", "A bee tells the hive by dancing where flowers are.", "How bees talk"),
}
MEASURES = ("ndcg10", "recall1", "recall5", "recall10")
QUALITY = {"engine", "mode", "source", *MEASURES, *(f"{name}_ci" for name in MEASURES)}
INGESTION = {
    "engine", "measure", "source", "passages", "passages_per_s", "bare_encoder_per_s", "ratio",
}  # fmt: skip
SEARCH = {
    "engine", "measure", "mode", "source", "queries", "p50_ms", "p95_ms", "baseline_p50_ms",
    "baseline_p95_ms", "ratio", "ratio_p95",
}  # fmt: skip
RECALL = {"engine", "measure", "vectors", "in_class", "queries", "recall10"}
STORE = {
    "store", "engine", "operation", "per_s", "raw_per_s", "ratio", "goal", "met",
}  # fmt: skip

SESSION = {"operation", "measure", "us", "baseline_us", "ratio", "goal", "met"}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "a corpus"
    (folder / "sections").mkdir(parents=True)
    lines = []
    for name, (title, text, query) in SECTIONS.items():
        (folder / "sections" / name).write_text(
            f"<html><head><title>{title}</title></head>"
            f"<body><h1>{title}</h1><p>{text}</p></body></html>"
        )
        row = {"query": query, "section": name, "title": title, "chapter": 1}
        lines.append(json.dumps(row))
    (folder / "queries.jsonl").write_text("\n".join(lines))
    return folder


def run_bench(
    *arguments: object, cwd: Path, script: str = "retrieval.py"
) -> subprocess.CompletedProcess[str]:
    """As from a shell that knows nothing of this test run's engines."""
    return subprocess.run(
        [sys.executable, str(ROOT / "bench" / script), *map(str, arguments)],
        cwd=cwd,
        env={name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_json_is_one_list_of_rows(corpus: Path) -> None:
    arguments = (corpus.name, "--json", "--source", "html", "--repeats", 1, "--vectors", 600)
    done = run_bench(*arguments, cwd=corpus.parent)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    platform = [QUALITY] * 3 + [INGESTION] + [SEARCH] * 3
    assert [set(row) for row in rows] == [QUALITY] * 3 + platform * 2 + [RECALL] * 4
    engines = ["numpy-exact", "langchain", "langchain-1000", *["pgvector"] * 7, *["qdrant"] * 7]
    assert [row["engine"] for row in rows] == engines + ["pgvector"] * 4
    modes = [row["mode"] for row in rows if set(row) == QUALITY]
    assert modes == ["dense"] * 3 + ["dense", "sparse", "hybrid"] * 2
    for row in rows[:4]:
        assert (row["source"], row["ndcg10"], row["ndcg10_ci"]) == ("html", 1, [1, 1])
    assert (rows[6]["passages"], rows[7]["queries"]) == (3, 3)
    assert [row["in_class"] for row in rows[-4:]] == [300, 60, 6, 1]
    assert all(row["recall10"] >= 0.98 for row in rows[-4:])


def test_a_folder_that_is_no_corpus_is_one_line(corpus: Path) -> None:
    nowhere = corpus / "nowhere"
    no_chapters = f"{corpus}: no chapters/*.pdf"
    no_queries = corpus / "sections"
    for arguments, message in [
        ([nowhere], f"{nowhere}: no such folder"),
        ([no_queries], f"{no_queries / 'queries.jsonl'}: no such file; a corpus needs its queries"),
        ([corpus, "--source", "pdf"], no_chapters),
    ]:
        done = run_bench(*arguments, "--json", cwd=corpus)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


def test_an_answer_that_is_not_there_is_one_line(corpus: Path) -> None:
    (corpus / "sections" / "bees.html").unlink()
    done = run_bench(corpus, cwd=corpus)
    assert done.returncode == 2
    assert done.stderr == f"error: {corpus}: bees.html is not there, and answers a query\n"


def test_stores_have_a_row_for_each_operation(tmp_path: Path) -> None:
    few = ("--engine", "postgresql", "--repeats", 1, "--count", 1)
    done = run_bench("--json", *few, cwd=tmp_path, script="stores.py")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert all(set(row) == STORE for row in rows)
    assert Counter(row["engine"] for row in rows) == {"postgresql": 7 * 3, "pgvector": 2 * 3}
    assert [row["operation"] for row in rows[:3]] == ["single write", "single read", "batch of 100"]
    assert [row["goal"] for row in rows[:3]] == [None, 0.8, 0.8]
    assert all(row["met"] == (row["ratio"] >= row["goal"]) for row in rows if row["goal"])


def test_sessions_have_a_row_for_each_comparison(tmp_path: Path) -> None:
    few = ("--repeats", 1, "--count", 1)
    done = run_bench("--json", *few, cwd=tmp_path, script="sessions.py")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert all(set(row) == SESSION for row in rows)
    assert [row["goal"] for row in rows] == [1.5, 1.0, 1.5]
    assert all(row["met"] == (row["ratio"] <= row["goal"]) for row in rows)


def test_a_copy_that_is_not_measured_is_one_line(tmp_path: Path) -> None:
    done = run_bench(
        "--json",
        *("--copy", "--engine", "qdrant", "--store", "events"),
        cwd=tmp_path,
        script="stores.py",
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --copy has no events for qdrant")
    assert done.stderr.count("\n") == 1
