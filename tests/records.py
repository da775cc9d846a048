"""Records of every store for tests and benchmarks: the same ones for the same seed."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np

from accounts.activity import Activity
from analytics.stores.events.base import Event
from analytics.stores.rollups.base import LearningProgress, PageViews, UserEngagement
from assessments.stores.base import FrameSnapshot, ProctoringReport, Violation
from meetings.stores.base import Transcript, TranscriptSegment
from retrieval.stores.base import DIMENSIONS, DocumentPassage, Vector, WebPassage

WORDS = "cells make energy Größe 数学 of light and water 🎓 while roots hold the soil".split()  # noqa: SIM905 - reads better


def records(name: str, count: int, seed: int = 0) -> list[Any]:
    """So many records of the store `name`, their times within the last day."""
    return list(islice(stream(name, seed), count))


def stream(name: str, seed: int = 0) -> Iterator[Any]:
    """Records of the store `name` without end."""
    rng = random.Random(f"{name}-{seed}")
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    number = 0
    while True:
        # Milliseconds, so that no two of a million are at one moment.
        yield _MAKERS[name](rng, number, now - timedelta(milliseconds=80 * (number % 1_000_000)))
        number += 1


def _uuid(rng: random.Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def _text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def _transcript(rng: random.Random, number: int, at: datetime) -> Transcript:
    segments = tuple(
        TranscriptSegment(f"Ada {n}", n * 5.0, n * 5 + 4.25, _text(rng, 12), _uuid(rng), 0.95)
        for n in range(20)
    )
    full_text = "\n".join(segment.text for segment in segments)
    return Transcript(_uuid(rng), 240, 100, "en", at, segments, full_text)


def _report(rng: random.Random, number: int, at: datetime) -> ProctoringReport:
    violation = Violation("gaze_deviation", at, {"horizontal": number % 40, "note": _text(rng, 3)})
    return ProctoringReport(
        session_id=_uuid(rng),
        user_id=_uuid(rng),
        assessment_id=_uuid(rng),
        integrity_score=rng.randrange(1000) / 10,
        risk_level="low",
        started_at=at - timedelta(hours=1),
        ended_at=at,
        violations=(violation, Violation("no_face", at)),
        frame_snapshots=(FrameSnapshot(at, "private://x/1", ("multiple_faces",)),),
    )


def _activity(rng: random.Random, number: int, at: datetime) -> Activity:
    return Activity(
        user_id=str(_uuid(rng)) if number % 10 else None,
        action="document_upload",
        resource_type="material",
        resource_id=str(number),
        timestamp=at,
        metadata={"filename": _text(rng, 2), "file_size": number},
        ip_address="192.168.1.1",
        user_agent="Mozilla/5.0",
        id=f"{rng.getrandbits(96):024x}",
    )


def _vector(rng: random.Random) -> Vector:
    found = np.random.default_rng(rng.getrandbits(64)).normal(size=DIMENSIONS).astype(np.float32)
    vector: Vector = found / np.float32(np.linalg.norm(found))
    return vector


def _document(rng: random.Random, number: int, at: datetime) -> tuple[DocumentPassage, Vector]:
    passage = DocumentPassage(
        id=_uuid(rng),
        document_id=UUID(int=number // 50 + 1),
        classroom_id=UUID(int=number // 500 + 1),
        document_type="material",
        filename=f"chapter{number // 50}.pdf",
        page_number=number % 50 + 1 if number % 7 else None,
        chunk_index=number % 50,
        text=_text(rng, 60),
        created_at=at,
    )
    return passage, _vector(rng)


def _web(rng: random.Random, number: int, at: datetime) -> tuple[WebPassage, Vector]:
    url = f"https://school.test/{number // 20}"
    return WebPassage(_uuid(rng), url, "Cells", "biology", _text(rng, 60), at), _vector(rng)


def _event(rng: random.Random, number: int, at: datetime) -> Event:
    properties = {"page": f"/lessons/{number % 50}", "title": _text(rng, 3)}
    return Event(_uuid(rng), at, "page_view", _uuid(rng) if number % 20 else None, properties)


def _views(rng: random.Random, number: int, at: datetime) -> PageViews:
    day = date(2026, 1, 1) + timedelta(days=number // 2400)
    return PageViews(day, number // 100 % 24, f"/lessons/{number % 100}", rng.randrange(1, 1000))


def _engagement(rng: random.Random, number: int, at: datetime) -> UserEngagement:
    user, day = UUID(int=number // 100 + 1), date(2026, 1, 1) + timedelta(days=number % 100)
    return UserEngagement(user, day, rng.randrange(2**40), 7, 2, 45, rng.random() * 100)


def _learning(rng: random.Random, number: int, at: datetime) -> LearningProgress:
    monday = date(2024, 1, 1) + timedelta(weeks=number % 50)
    topics = frozenset(rng.sample(WORDS, number % 4))
    score = rng.random() if number % 3 else None
    return LearningProgress(UUID(int=number // 50 + 1), "Größen", monday, 3, 120, score, topics)


_MAKERS: dict[str, Callable[[random.Random, int, datetime], Any]] = {
    "transcripts": _transcript,
    "proctoring_reports": _report,
    "activity_logs": _activity,
    "documents": _document,
    "web_content": _web,
    "events": _event,
    "page_view_stats": _views,
    "user_engagement": _engagement,
    "learning_progress": _learning,
}
