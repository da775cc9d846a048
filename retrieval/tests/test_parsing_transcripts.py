"""Transcripts: cues become paragraphs of one speaker, which know their second."""

from pathlib import Path

import pytest

from retrieval.parsing.document import Block, BlockKind
from retrieval.parsing.errors import Corrupt, EmptyDocument, Mislabelled
from retrieval.parsing.transcript import PARAGRAPH_MAX
from retrieval.tests.test_parsing import read, read_text


def said(text: str, second: float) -> Block:
    return Block(text, BlockKind.PARAGRAPH, start_seconds=second)


def stamp(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000"


def test_cues_are_merged_by_speaker(tmp_path: Path) -> None:
    document = read_text(
        tmp_path,
        "lesson.vtt",
        "WEBVTT - A lesson\n\nNOTE made by hand\n\nSTYLE\n::cue { color: red }\n\n"
        "1\n00:01.500 --> 00:04.000 align:start\n<v Ada Lovelace>Good <b>morning</b>,\n"
        "\n00:04.000 --> 00:06.000\n<v Ada Lovelace>all &amp; everyone.</v>\n"
        "\n00:06.000 --> 00:08.000\n<v Bo>Morning!\n<v Ada Lovelace>We begin.\n"
        "\n01:00:06.250 --> 01:00:08.000\nNobody's words.\n",
    )
    assert document.blocks == [
        said("Ada Lovelace: Good morning, all & everyone.", 1.5),
        said("Bo: Morning!", 6),
        said("Ada Lovelace: We begin.", 6),
        said("Nobody's words.", 3606.25),
    ]


def test_paragraphs_end_with_a_sentence_or_a_cue(tmp_path: Path) -> None:
    for text, ends in (("And so it goes on and on. ", "."), ("and so it goes on ", "on")):
        cues = (f"{stamp(2 * n)} --> {stamp(2 * n + 2)}\n{text}{n}\n{text}\n" for n in range(99))
        blocks = read_text(tmp_path, "long.vtt", "WEBVTT\n\n" + "\n".join(cues)).blocks
        assert len(blocks) > 5
        assert all(block.text.endswith(ends) for block in blocks)
        assert max(len(block.text) for block in blocks) < PARAGRAPH_MAX + 100
        for block in blocks:
            first = block.text.removeprefix(text).split()[0]
            assert block.start_seconds == 2 * int(first)


def test_a_silence_ends_a_paragraph(tmp_path: Path) -> None:
    source = "WEBVTT\n\n00:01.000 --> 00:02.000\nOne\n\n00:09.000 --> 00:10.000\nTwo\n"
    assert read_text(tmp_path, "a.vtt", source).blocks == [said("One", 1), said("Two", 9)]


def test_lines_that_roll_up_are_said_once(tmp_path: Path) -> None:
    source = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nfirst line\n\n"
        "00:02.000 --> 00:03.000\nfirst line\nsecond <00:02.500><c>line</c>\n\n"
        "00:03.000 --> 00:04.000\nsecond line\nthird line\n"
    )
    [block] = read_text(tmp_path, "a.vtt", source).blocks
    assert block.text == "first line second line third line"


def test_subrip(tmp_path: Path) -> None:
    source = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i>\r\nthere\r\n"
    assert read_text(tmp_path, "a.srt", source).blocks == [said("Hello there", 1)]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("Only text.", Mislabelled),
        ("WEBVTT", EmptyDocument),
        ("WEBVTT\n\nNOTE nothing", EmptyDocument),
        ("WEBVTT\n\n00:99.000 --> 99:99.000\nwhen?", EmptyDocument),
        ("no --> time", Corrupt),
    ],
)
def test_no_transcript(tmp_path: Path, source: str, error: type[Exception]) -> None:
    path = tmp_path / "a.vtt"
    path.write_text(source)
    with pytest.raises(error):
        read(path)
