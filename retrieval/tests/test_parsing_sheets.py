"""Excel workbooks: every sheet a table under its name."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from retrieval.parsing import xlsx
from retrieval.parsing.document import Block, BlockKind
from retrieval.parsing.errors import DocumentTooLarge, EmptyDocument
from retrieval.tests.files import write_xlsx
from retrieval.tests.test_parsing import read


def test_sheets(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "marks.xlsx",
        {
            "Marks": [["Name", "Points", "Passed"], ["Ada", 9.5, True], [], ["Bo", 3.0, False]],
            "Empty": [],
            "Days": [
                ["Day", "At"],
                [date(2026, 3, 1), time(8, 30)],
                [datetime(2026, 3, 2, 9), None],
            ],
            "_answers": [["secret"]],
        },
        title="The year's marks",
    )
    document = read(path)
    assert (document.title, document.page_count) == ("The year's marks", None)
    assert document.warnings == ["Hidden sheets were not read: 1"]
    assert document.blocks == [
        Block("Marks", BlockKind.HEADING),
        Block(
            "Name | Points | Passed\nAda | 9.5 | yes\nBo | 3 | no",
            BlockKind.TABLE,
            None,
            ("Marks",),
        ),
        Block("Days", BlockKind.HEADING),
        Block(
            "Day | At\n2026-03-01 | 08:30:00\n2026-03-02 09:00:00",
            BlockKind.TABLE,
            None,
            ("Days",),
        ),
    ]


def test_formulas_give_what_was_calculated_last(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "sum.xlsx", {"Sum": [["=1+1"]]})  # never calculated
    with pytest.raises(EmptyDocument):
        read(path)


def test_cells_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_CELLS", 100)
    path = write_xlsx(tmp_path / "wide.xlsx", {"Wide": [[None] * 200 + ["x"]]})
    with pytest.raises(DocumentTooLarge, match="more than 100 cells"):
        read(path)
