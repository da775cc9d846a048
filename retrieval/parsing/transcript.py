"""Transcripts of talks and lessons (WebVTT, SubRip): cues made into paragraphs.

A paragraph is of one speaker and has whole cues, so that its second is that of its first
word.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from io import StringIO
from pathlib import Path

from webvtt import WebVTT
from webvtt.models import Caption

from retrieval.parsing.builder import BlockBuilder, one_line
from retrieval.parsing.document import BlockKind, ParsedDocument
from retrieval.parsing.errors import Mislabelled
from retrieval.parsing.text import decode

# A paragraph ends at the end of a sentence after so many characters, and at the end of a cue
# after so many more.
PARAGRAPH_ENOUGH = 300
PARAGRAPH_MAX = 600
# A silence of so many seconds ends it, too.
PAUSE_SECONDS = 4.0

_VOICE = re.compile(r"(?=<v[.\s])")
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")


@dataclass(slots=True)
class _Paragraph:
    speaker: str
    start: float
    end: float
    texts: list[str] = field(default_factory=list)
    length: int = 0

    def takes(self, speaker: str, start: float) -> bool:
        """Whether a cue belongs to it."""
        ended = self.length >= PARAGRAPH_ENOUGH and self.texts[-1].endswith(_SENTENCE_ENDS)
        pause = not -PAUSE_SECONDS < start - self.end < PAUSE_SECONDS
        return speaker == self.speaker and not (ended or pause or self.length >= PARAGRAPH_MAX)


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    text = decode(path.read_bytes())
    vtt = text.startswith("WEBVTT")
    if not vtt and "-->" not in text:
        raise Mislabelled("The name says a transcript, but the content has no times")
    cues = WebVTT.from_buffer(StringIO(text), format="vtt" if vtt else "srt").captions
    builder = BlockBuilder()
    for paragraph in _paragraphs(cues):
        said = " ".join(paragraph.texts)
        builder.add(
            f"{paragraph.speaker}: {said}" if paragraph.speaker else said,
            BlockKind.PARAGRAPH,
            start_seconds=paragraph.start,
        )
    return ParsedDocument(title, builder.blocks)


def _paragraphs(cues: Iterable[Caption]) -> Iterator[_Paragraph]:
    paragraph: _Paragraph | None = None
    shown: list[str] = []
    for cue in cues:
        start, end = (_seconds(part.to_tuple()) for part in (cue.start_time, cue.end_time))
        for voice in _voices(cue):
            lines = [line for line in map(_plain, voice.text.split("\n")) if line]
            # Captions that roll up show the line before once more.
            new = lines[1:] if shown and lines and lines[0] == shown[-1] else lines
            shown = lines or shown
            if not new:
                continue
            text, speaker = " ".join(new), _plain(voice.voice or "")
            if paragraph is None or not paragraph.takes(speaker, start):
                if paragraph is not None:
                    yield paragraph
                paragraph = _Paragraph(speaker, start, end)
            paragraph.texts.append(text)
            paragraph.length += len(text) + 1
            paragraph.end = end
    if paragraph is not None:
        yield paragraph


def _voices(cue: Caption) -> list[Caption]:
    """A cue in which several people speak, as one of each."""
    if cue.raw_text.count("<v") < 2:
        return [cue]
    return [Caption(cue.start, cue.end, part.strip()) for part in _VOICE.split(cue.raw_text)]


def _plain(text: str) -> str:
    return one_line(unescape(text))


def _seconds(parts: tuple[int, int, int, int]) -> float:
    hours, minutes, seconds, milliseconds = parts
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
