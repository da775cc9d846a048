"""The benchmark of chat's answers, on very little: what it prints, not how good it is."""

import json
from pathlib import Path

from tests.test_bench import corpus, run_bench

__all__ = ["corpus"]


def test_answers_have_a_row_for_each_measure(corpus: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("# history\nWho signed the Magna Carta?\n")
    leaning = {"before": "Why dough rises", "question": "and why?", "titles": ["Bread"]}
    follow = tmp_path / "follow.jsonl"
    follow.write_text(json.dumps(leaning | {"leans": True}))
    files = ("--unanswerable", wrong, "--followups", follow)
    done = run_bench(corpus, "--json", *files, cwd=tmp_path, script="answers.py")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    measures = [row["measure"] for row in rows if row["measure"] != "threshold"]
    assert measures == ["model is asked", "extractive", "followups"]
    assert rows[-2]["refused"] == 1
    assert (rows[-1]["taken_for_such"], rows[-1]["found_by_rule"]) == (1, 1)


def test_questions_that_are_not_there_are_one_line(corpus: Path) -> None:
    nowhere = corpus / "nowhere.txt"
    done = run_bench(corpus, "--unanswerable", nowhere, cwd=corpus, script="answers.py")
    assert (done.returncode, done.stderr) == (2, f"error: {nowhere}: no such file\n")
