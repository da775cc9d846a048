"""WebVTT in and out."""

import time

import pytest

from config import limits
from config.errors import InvalidInput, TooLarge
from meetings.tests.factories import VTT, transcript
from meetings.vtt import vtt_format, vtt_parse

CUE = b"00:00:01.000 --> 00:00:02.000\n"


def refused(content: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        vtt_parse(content)
    return caught.value


def test_speakers_times_and_words() -> None:
    first, second = vtt_parse(VTT).segments

    assert (first.speaker_name, first.start_time, first.end_time) == ("John Doe", 0.5, 5.2)
    assert first.text == "Welcome to today's class about binary"
    assert (second.speaker_name, second.text) == ("Ada", "search trees & recursion")
    assert second.confidence is None


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"plain", [("", "plain")]),
        (b"<v.loud.first  Mary  Ann>hi\nthere", [("Mary Ann", "hi there")]),
        (b"<v A>one</v> <v B>two</v>", [("A", "one"), ("B", "two")]),
        (b"- before <v A>after", [("", "- before"), ("A", "after")]),
        (b"<v A><i>x</i> <00:00:01.500><c.red>y</c> &lt;b&gt;", [("A", "x y <b>")]),
        (b"<v O&apos;Neill>x", [("O'Neill", "x")]),
        ("<v Zoë>数学 🎓".encode(), [("Zoë", "数学 🎓")]),
        (b"a\0b", [("", "a\N{REPLACEMENT CHARACTER}b")]),
    ],
)
def test_voices(payload: bytes, expected: list[tuple[str, str]]) -> None:
    segments = vtt_parse(b"WEBVTT\n\n" + CUE + payload + b"\n").segments
    assert [(s.speaker_name, s.text) for s in segments] == expected


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_mark(newline: bytes, mark: bytes) -> None:
    assert len(vtt_parse(mark + VTT.replace(b"\n", newline)).segments) == 2


def test_notes_styles_identifiers_and_settings_are_no_words() -> None:
    content = (
        b"WEBVTT - a title\nKind: captions\nLanguage: de\n\nNOTE said\nby whom\n\n"
        b"STYLE\n::cue { color: red }\n\n7\n01:01.250 --> 01:02.500 align:start line:0\nword\n"
    )
    parsed = vtt_parse(content)

    assert [s.text for s in parsed.segments] == ["word"]
    assert parsed.segments[0].start_time == 61.25
    assert parsed.language == "de"


def test_segments_are_in_the_order_of_time() -> None:
    content = b"WEBVTT\n\n00:09.000 --> 00:10.000\nlate\n\n00:01.000 --> 00:02.000\nearly\n"
    assert [s.text for s in vtt_parse(content).segments] == ["early", "late"]


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"", "empty_file", "empty"),
        (b" \n\n", "empty_file", "empty"),
        (b"WEBVTT\n", "empty_file", "no words"),
        (b"WEBVTT\n\n" + CUE + b"<v A></v>\n", "empty_file", "no words"),
        (b"hello\n", "malformed_vtt", "Line 1:"),
        (b"%PDF-1.7\n", "malformed_vtt", "Line 1:"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nSubRip\n", "malformed_vtt", "Line 1:"),
        (b"WEBVTT\n\n" + CUE + b"a\n\n00:01 --> 00:02\nb\n", "malformed_vtt", "Line 6:"),
        (b"WEBVTT\n\n00:99:01.000 --> 00:99:02.000\nb\n", "malformed_vtt", "Line 3:"),
        (b"WEBVTT\n\n00:00:05.000 --> 00:00:02.000\nb\n", "malformed_vtt", "Line 3: The cue ends"),
        (b"WEBVTT\n\n00:00:01.000 --> 9999999:00:02.000\nb\n", "malformed_vtt", "24 hours"),
        (b"WEBVTT\n\n" + CUE + b"x" * 5001, "malformed_vtt", "Line 3: A cue has at most 5000"),
        (b"WEBVTT\n\n" + CUE + b"<v " + b"n" * 201 + b">x", "malformed_vtt", "name 200"),
        (b"WEBVTT\n\n" + CUE + b"a\n\n" + CUE + b"caf\xe9\n", "wrong_encoding", "Line 7:"),
        ("WEBVTT\n\nx".encode("utf-16"), "wrong_encoding", "Line 1:"),
    ],
)
def test_bad_files_name_the_line(content: bytes, code: str, says: str) -> None:
    error = refused(content)
    assert error.code == code
    assert says in error.errors["file"][0]


def test_too_large() -> None:
    with pytest.raises(TooLarge, match="16 MB"):
        vtt_parse(b"x" * (limits.TRANSCRIPT_MAX_BYTES + 1))


@pytest.mark.parametrize("unit", [b"<v ", b"<", b"<v.a", b"&", b"<v a>", b"-->", b"<v \t"])
def test_hostile_cues_cost_linear_time(unit: bytes) -> None:
    content = b"WEBVTT\n\n" + CUE + unit * (1_000_000 // len(unit))
    began = time.process_time()  # not slowed down by what else runs
    refused(content)
    assert time.process_time() - began < 5


def test_what_is_written_is_read_again() -> None:
    saved = transcript(None, "a <b> & c", "plain", language="pt-BR")
    parsed = vtt_parse(vtt_format(saved).encode())

    assert parsed.segments == saved.segments
    assert parsed.language == "pt-BR"
