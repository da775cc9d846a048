"""Dialogues, a line each ("Name: what they say"), as WebVTT with plausible times."""

import html
from datetime import timedelta
from pathlib import Path

FOLDER = Path(__file__).parent / "dialogues"
_SECONDS_PER_WORD = 0.4  # 150 words a minute
_PAUSE = 0.8


def dialogue_read(name: str) -> list[tuple[str, str]]:
    """The speaker and the words of each line of a dialogue."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    spoken = (line.partition(": ") for line in lines if line.strip())
    return [(speaker, words) for speaker, _, words in spoken]


def dialogue_vtt(lines: list[tuple[str, str]]) -> bytes:
    """The lines as a WebVTT file, spoken one after the other."""
    cues = ["WEBVTT\nLanguage: en"]
    at = 1.0
    for speaker, words in lines:
        end = at + len(words.split()) * _SECONDS_PER_WORD
        cues.append(f"{_clock(at)} --> {_clock(end)}\n<v {speaker}>{html.escape(words, False)}</v>")
        at = end + _PAUSE
    return ("\n\n".join(cues) + "\n").encode()


def _clock(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{timedelta(seconds=whole)!s:0>8}.{milliseconds:03d}"
