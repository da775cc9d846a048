"""WebVTT (https://www.w3.org/TR/webvtt1/) to transcripts and back, by webvtt-py."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

import webvtt
from webvtt.errors import MalformedFileError

from config import limits
from config.errors import InvalidInput, TooLarge
from meetings.stores.base import Transcript, TranscriptSegment

DEFAULT_LANGUAGE = "en"
_ARROW = "-->"
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
# No run of characters here may cross a "<", so that a hostile file costs linear time.
_VOICE = re.compile(r"<v(?:\.[^\s<>.]+)*[ \t]+([^<>\n]+)>")
_LANGUAGE_HEADER = re.compile(r"Language\s*[:=]\s*([A-Za-z0-9-]+)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedVtt:
    """Segments in the order of their start; `language` is what the header says, or ""."""

    segments: tuple[TranscriptSegment, ...]
    language: str


def vtt_parse(content: bytes) -> ParsedVtt:
    """Read a WebVTT file. The speaker of a segment is its voice tag, `<v Name>`.

    A cue of several voices becomes one segment each; a cue without words is left out.
    InvalidInput (its codes: empty_file, wrong_encoding, malformed_vtt) names the line where
    it is known; TooLarge beyond TRANSCRIPT_MAX_BYTES.
    """
    if len(content) > limits.TRANSCRIPT_MAX_BYTES:
        raise TooLarge(
            f"The transcript is larger than {limits.TRANSCRIPT_MAX_BYTES // limits.MIB} MB."
        )
    if not content.strip():
        raise _invalid("The file is empty.", code="empty_file")
    # NUL is to be read as the replacement character, and PostgreSQL could not hold it.
    text = _decode(content).replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        parsed = webvtt.from_string(text)
    except MalformedFileError:
        raise _invalid('A WebVTT file begins with the line "WEBVTT".', line=1) from None
    cue_lines = [n for n, line in enumerate(_LINE_ENDS.split(text), start=1) if _ARROW in line]
    if len(cue_lines) != len(parsed.captions):
        _raise_for_bad_timing(text)
    segments: list[TranscriptSegment] = []
    for line, caption in zip(cue_lines, parsed.captions, strict=True):
        segments.extend(_segments(caption, line))
    if not segments:
        raise _invalid("The file holds no words.", code="empty_file")
    segments.sort(key=lambda segment: segment.start_time)
    return ParsedVtt(tuple(segments), _language(parsed.metadata))


def vtt_format(transcript: Transcript) -> str:
    """The transcript as a WebVTT file."""
    captions = [
        webvtt.Caption(_timestamp(s.start_time), _timestamp(s.end_time), _cue_text(s))
        for s in transcript.segments
    ]
    metadata = [f"Language: {transcript.language}"] if transcript.language else []
    content: str = webvtt.WebVTT(captions=captions, metadata=metadata).content
    return content


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _invalid(
            "A WebVTT file is UTF-8; this one is not.", line=line, code="wrong_encoding"
        ) from None


def _segments(caption: webvtt.Caption, line: int) -> Iterator[TranscriptSegment]:
    start, end = (time.in_milliseconds() / 1000 for time in (caption.start_time, caption.end_time))
    if end < start:
        raise _invalid("The cue ends before it starts.", line=line)
    if end > limits.TRANSCRIPT_MAX_SECONDS:
        raise _invalid(
            f"A cue later than {limits.TRANSCRIPT_MAX_SECONDS // 3600} hours.", line=line
        )
    # Words before the first voice tag are nobody's; then names and their words take turns.
    before, *voices = _VOICE.split(caption.raw_text)
    for name, raw in [("", before), *zip(voices[::2], voices[1::2], strict=True)]:
        text = _plain(raw)
        speaker = " ".join(html.unescape(name).split())
        if len(text) > limits.TRANSCRIPT_SEGMENT_MAX or len(speaker) > (
            limits.TRANSCRIPT_SPEAKER_MAX
        ):
            raise _invalid(
                f"A cue has at most {limits.TRANSCRIPT_SEGMENT_MAX} characters, a speaker's "
                f"name {limits.TRANSCRIPT_SPEAKER_MAX}.",
                line=line,
            )
        if text:
            yield TranscriptSegment(speaker_name=speaker, start_time=start, end_time=end, text=text)


def _plain(raw: str) -> str:
    """Cue text without tags, entities and line breaks."""
    return " ".join(html.unescape(webvtt.Caption(text=raw).text).split())


def _raise_for_bad_timing(text: str) -> None:
    """Name the line of the cue that the parser passed over."""
    for number, line in enumerate(_LINE_ENDS.split(text), start=1):
        if _ARROW in line and not webvtt.from_string(f"WEBVTT\n\n{line}\ntext").captions:
            raise _invalid(
                "Not the times of a cue: expected 00:00:01.000 --> 00:00:04.000.", line=number
            )
    raise _invalid(f'"{_ARROW}" may stand in the times of cues only.')


def _language(metadata: list[str]) -> str:
    found = (match for line in metadata if (match := _LANGUAGE_HEADER.match(line)))
    first = next(found, None)
    return first.group(1) if first else ""


def _timestamp(seconds: float) -> str:
    return str(webvtt.models.Timestamp.from_seconds(seconds))


def _cue_text(segment: TranscriptSegment) -> str:
    text = html.escape(segment.text, quote=False)
    if not segment.speaker_name:
        return text
    return f"<v {html.escape(segment.speaker_name, quote=False)}>{text}</v>"


def _invalid(why: str, *, line: int | None = None, code: str = "malformed_vtt") -> InvalidInput:
    return InvalidInput(errors={"file": [f"Line {line}: {why}" if line else why]}, code=code)
