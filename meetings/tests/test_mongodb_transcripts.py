"""Transcripts of MongoDB that are too large for one document: written, read and swept in parts."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from bson import ObjectId
from django.utils import timezone

from analytics.tests.threads import in_threads
from config import limits
from config.connections.mongodb import Document
from config.errors import InvalidInput, StoreUnavailable
from meetings.stores.base import Transcript, TranscriptSegment
from meetings.stores.mongodb import MongoTranscripts
from meetings.stores.mongodb_parts import cut, joined
from meetings.tests.factories import transcript
from tests.contracts import ENGINES, opened

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MongoTranscripts:
    """Documents of 2 kB at most stand for those of 16 MiB."""
    monkeypatch.setattr(limits, "MONGODB_DOCUMENT_MAX_BYTES", 2000)
    monkeypatch.setattr(limits, "TRANSCRIPT_PART_BYTES", 500)
    [engine] = [engine for engine in ENGINES["transcripts"] if engine.name == "mongodb"]
    return opened(engine)


def large(meeting_id: UUID | None = None, word: str = "alpha") -> Transcript:
    return transcript(meeting_id, *[f"{word} text {n}" for n in range(60)])


def generations(store: MongoTranscripts, meeting_id: UUID) -> set[ObjectId]:
    return set(store.parts.distinct("generation", {"meeting_id": str(meeting_id)}))


def orphan(store: MongoTranscripts, meeting_id: UUID, age: timedelta) -> ObjectId:
    """A part that a save of then has left when it died."""
    generation = ObjectId.from_datetime(timezone.now() - age)
    part = {"generation": generation, "position": 1, "segments": [], "full_text": "left"}
    store.parts.insert_one({"meeting_id": str(meeting_id), **part})
    return generation


OLD = limits.TRANSCRIPT_PART_ORPHAN_AGE + timedelta(seconds=5)
YOUNG = limits.TRANSCRIPT_PART_ORPHAN_AGE - timedelta(minutes=1)


@pytest.mark.parametrize("size", [4, 5, 7, 50, 10_000])
def test_what_is_cut_is_joined_again(size: int) -> None:
    document = {
        "segments": [{"text": text} for text in ("a", "数学 🎓", "", "é" * 30)],
        "full_text": "a数学🎓é" * 9,
    }
    assert joined(cut(document, size)) == document


def test_nothing_is_one_part() -> None:
    assert cut({"segments": [], "full_text": ""}, 100) == [{"segments": [], "full_text": ""}]


def test_a_small_one_is_the_specs_document(store: MongoTranscripts) -> None:
    saved = transcript(None, "alpha")
    store.save(saved)
    [document] = store.documents.find()
    assert list(document) == [
        *("_id", "meeting_id", "segments", "full_text"),
        *("word_count", "duration_seconds", "language", "created_at"),
    ]
    assert isinstance(document["_id"], ObjectId)
    assert document["meeting_id"] == str(saved.meeting_id)
    assert list(document["segments"][0]) == [
        *("speaker_id", "speaker_name", "start_time", "end_time", "text", "confidence")
    ]
    assert store.parts.count_documents({}) == 0


def test_a_large_one_goes_on_in_parts(store: MongoTranscripts) -> None:
    saved = large()
    store.save(saved)
    assert store.parts.count_documents({}) > 2
    assert store.get(saved.meeting_id) == saved
    assert [one.meeting_id for one in store.page(limit=5)] == [saved.meeting_id]
    assert store.scan(limit=5).records == [saved]


def test_parts_are_searched_and_their_borders_too(store: MongoTranscripts) -> None:
    texts = [f"w{n:02} text" for n in range(60)]
    saved = transcript(None, *texts)
    store.save(saved)
    for n in range(59):
        [hit] = store.search(
            meeting_ids=[saved.meeting_id], query=f"w{n:02} w{n + 1:02}", limit=100
        )
        assert hit.start_time == saved.segments[n].start_time
    assert store.search(meeting_ids=[uuid4()], query="w1", limit=5) == []


def test_what_has_not_every_word_is_not_read_whole(
    store: MongoTranscripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = large(word="alpha"), large(word="beta")
    store.load([first, second])
    read: list[str] = []
    whole = MongoTranscripts._whole

    def counted(self: MongoTranscripts, document: Document | None) -> Document | None:
        assert document is not None
        read.append(document["meeting_id"])
        return whole(self, document)

    monkeypatch.setattr(MongoTranscripts, "_whole", counted)
    meetings = [first.meeting_id, second.meeting_id]
    for query in ("absent", "alpha absent", "alpha beta"):
        assert store.search(meeting_ids=meetings, query=query, limit=5) == []
    assert read == []
    # "59" is in the last part alone, "alpha" in all.
    assert len(store.search(meeting_ids=meetings, query="ALPHA 59", limit=5)) == 1
    assert read == [str(first.meeting_id)]


def test_replacing_leaves_no_part_of_the_old_one(store: MongoTranscripts) -> None:
    first = large()
    store.save(first)
    second = large(first.meeting_id, "beta")
    store.save(second)
    assert store.get(first.meeting_id) == second
    assert len(generations(store, first.meeting_id)) == 1

    store.save(transcript(first.meeting_id, "small"))
    assert generations(store, first.meeting_id) == set()


def test_deleting_leaves_nothing(store: MongoTranscripts) -> None:
    gone, kept = large(), large()
    store.load([gone, kept])
    orphan(store, gone.meeting_id, OLD)
    assert store.delete(gone.meeting_id)
    assert generations(store, gone.meeting_id) == set()
    assert store.get(kept.meeting_id) == kept


def test_what_a_crash_has_left_is_removed_by_the_next_save(store: MongoTranscripts) -> None:
    saved = large()
    old = orphan(store, saved.meeting_id, OLD)
    under_way = orphan(store, saved.meeting_id, YOUNG)
    store.save(saved)
    assert old not in generations(store, saved.meeting_id)
    assert under_way in generations(store, saved.meeting_id)
    assert store.get(saved.meeting_id) == saved


def test_what_a_crash_has_left_is_swept(store: MongoTranscripts) -> None:
    saved = large()
    store.save(saved)
    [used] = generations(store, saved.meeting_id)
    orphan(store, saved.meeting_id, OLD)
    lone = uuid4()
    orphan(store, lone, OLD)
    under_way = orphan(store, lone, YOUNG)

    assert store.purge(timezone.now()) == 0
    assert generations(store, saved.meeting_id) == {used}
    assert generations(store, lone) == {under_way}
    # However old it is, what a document names stays.
    store.purge(timezone.now() + timedelta(days=400))
    assert store.get(saved.meeting_id) == saved
    assert generations(store, lone) == set()


def test_a_crash_before_the_switch_leaves_the_old_one(
    store: MongoTranscripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = large()
    store.save(saved)

    def crash(*args: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(MongoTranscripts, "_switch", crash)
        with pytest.raises(StoreUnavailable):
            store.save(large(saved.meeting_id, "beta"))
    assert len(generations(store, saved.meeting_id)) == 2
    assert store.get(saved.meeting_id) == saved


def test_parts_that_are_gone_are_told(store: MongoTranscripts) -> None:
    saved = large()
    store.save(saved)
    store.parts.delete_one({"position": 1})
    with pytest.raises(StoreUnavailable):
        store.get(saved.meeting_id)


def test_readers_and_writers_at_once_see_whole_transcripts(store: MongoTranscripts) -> None:
    meeting = uuid4()
    versions = [large(meeting, f"version{n}") for n in range(4)]
    versions += [transcript(meeting, "small")]
    store.save(versions[0])
    done = threading.Event()

    def read(_: int) -> int:
        reads = 0
        while not done.is_set():
            assert store.get(meeting) in versions
            reads += 1
        return reads

    with ThreadPoolExecutor(1) as aside:
        reading = aside.submit(in_threads, read, range(3))
        try:
            in_threads(store.save, versions * 6, threads=3)
        finally:
            done.set()
        reads = reading.result()

    assert all(reads)
    last = store.get(meeting)
    assert last in versions
    assert len(generations(store, meeting)) == (0 if last == versions[-1] else 1)


def test_half_a_character_is_refused(store: MongoTranscripts) -> None:
    for saved in (
        transcript(None, segments=(TranscriptSegment("A", 0.0, 1.0, "\ud800"),)),
        transcript(None, "alpha", full_text="\ud800"),
        transcript(None, "alpha", word_count=2**63),
    ):
        with pytest.raises(InvalidInput):
            store.save(saved)
        assert store.get(saved.meeting_id) is None


def test_many_are_loaded_at_once_large_ones_among_them(store: MongoTranscripts) -> None:
    first, second, shrunk = transcript(None, "alpha"), large(), large()
    store.save(shrunk)
    small = transcript(shrunk.meeting_id, "now small")
    for _ in range(2):
        store.load([first, large(first.meeting_id), second, first, small])
    for saved in (first, second, small):
        assert store.get(saved.meeting_id) == saved
    assert len(store.page(limit=9)) == 3
    # What the large one had is named by nobody, and swept once it is old.
    assert generations(store, shrunk.meeting_id)
    store.purge(timezone.now() + OLD)
    assert not generations(store, shrunk.meeting_id)
    assert store.get(second.meeting_id) == second
