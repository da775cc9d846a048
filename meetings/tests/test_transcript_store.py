"""What every engine of the transcripts store does; its engines are in tests/contracts.py."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from django.utils import timezone as django_timezone

from analytics.tests.threads import in_threads
from config import limits
from config.errors import TooLarge
from meetings.stores.base import Transcript, TranscriptSegment, TranscriptStore
from meetings.tests.factories import transcript
from tests.contracts import contract_fixture

pytestmark = pytest.mark.django_db
store = contract_fixture("transcripts")


def found(store: TranscriptStore, query: str, *ids: UUID, limit: int = 10) -> list[str]:
    hits = store.search(meeting_ids=ids, query=query, limit=limit)
    return [hit.snippet for hit in hits]


class TestKeeping:
    def test_a_transcript_comes_back_as_it_was_saved(self, store: TranscriptStore) -> None:
        segment = TranscriptSegment(
            speaker_id=uuid4(),
            speaker_name="Zoë O'Neill",
            start_time=0.1,
            end_time=5.2000000000000002,
            text='“Grüße” \\ "x" – 数学 🎓',
            confidence=0.95,
        )
        saved = transcript(None, "one", "two", segments=(segment, segment), full_text="a\nb")
        store.save(saved)

        assert store.get(saved.meeting_id) == saved

    def test_empty_values_come_back_as_they_were(self, store: TranscriptStore) -> None:
        empty = TranscriptSegment("", 0.0, 0.0, "", None, 0.0)
        saved = transcript(None, segments=(empty, empty), full_text="", language="", word_count=0)
        store.save(saved)

        assert store.get(saved.meeting_id) == saved

    def test_numbers_come_back_as_they_were(self, store: TranscriptStore) -> None:
        segment = TranscriptSegment("Ada", 1e-9, 86_399.999_999_9, "x", uuid4(), 1 / 3)
        saved = transcript(
            None, segments=(segment,), word_count=2**31 - 1, duration_seconds=2**31 - 1
        )
        store.save(saved)

        read = store.get(saved.meeting_id)
        assert read == saved
        assert type(read.word_count) is int
        assert type(read.segments[0].start_time) is float

    def test_a_time_is_kept_to_the_millisecond(self, store: TranscriptStore) -> None:
        moment = datetime(2026, 1, 5, 8, 0, 59, 999_999, tzinfo=timezone(timedelta(hours=-11)))
        saved = transcript(None, "one", created_at=moment)
        store.save(saved)

        read = store.get(saved.meeting_id)
        assert read is not None
        assert read.created_at == datetime(2026, 1, 5, 19, 0, 59, 999_000, tzinfo=UTC)

    def test_a_time_of_another_zone_is_the_same_instant(self, store: TranscriptStore) -> None:
        moment = datetime(2026, 1, 5, 8, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
        saved = transcript(None, "one", created_at=moment)
        store.save(saved)

        read = store.get(saved.meeting_id)
        assert read is not None
        assert read.created_at == moment
        assert read.created_at.tzinfo is not None

    def test_segments_keep_their_order(self, store: TranscriptStore) -> None:
        saved = transcript(None, *[f"text {n}" for n in range(1500)])
        store.save(saved)

        assert store.get(saved.meeting_id) == saved

    def test_saving_again_replaces(self, store: TranscriptStore) -> None:
        meeting = uuid4()
        store.save(transcript(meeting, "alpha", "beta", "gamma"))
        second = transcript(meeting, "delta", language="de")
        store.save(second)
        store.save(second)

        assert store.get(meeting) == second
        assert found(store, "alpha", meeting) == []
        assert found(store, "delta", meeting) == ["delta"]
        assert len(store.page(limit=10)) == 1

    def test_a_transcript_without_segments(self, store: TranscriptStore) -> None:
        saved = transcript()
        store.save(saved)

        assert store.get(saved.meeting_id) == saved

    def test_an_unknown_meeting_has_none(self, store: TranscriptStore) -> None:
        assert store.get(uuid4()) is None
        assert store.delete(uuid4()) is False

    def test_delete_removes_it_from_everywhere(self, store: TranscriptStore) -> None:
        gone, kept = transcript(None, "alpha"), transcript(None, "alpha")
        store.save(gone)
        store.save(kept)

        assert store.delete(gone.meeting_id) is True
        assert store.delete(gone.meeting_id) is False
        assert store.get(gone.meeting_id) is None
        assert found(store, "alpha", gone.meeting_id) == []
        assert [entry.meeting_id for entry in store.page(limit=10)] == [kept.meeting_id]

    def test_one_of_16_megabytes_round_trips(self, store: TranscriptStore) -> None:
        count = limits.TRANSCRIPT_MAX_BYTES // 1000
        # Different words nearly everywhere, the hardest case for an index.
        texts = [" ".join(f"w{n}x{i}" for i in range(100)).ljust(1000, "z") for n in range(count)]
        saved = transcript(None, *texts)
        assert len(saved.full_text) >= limits.TRANSCRIPT_MAX_BYTES - 1000
        store.save(saved)

        assert store.get(saved.meeting_id) == saved
        [hit] = store.search(meeting_ids=[saved.meeting_id], query="w9999x50", limit=10)
        assert hit.start_time == 9999 * 10 + 0.5

    def test_a_text_that_is_larger_is_kept_whole_or_refused(self, store: TranscriptStore) -> None:
        segment = TranscriptSegment("x" * (17 * limits.MIB), 0.0, 1.0, "alpha")
        saved = transcript(None, segments=(segment,), full_text="alpha")
        refused = False
        try:
            store.save(saved)
        except TooLarge as error:
            refused = "MiB" in error.detail

        assert store.get(saved.meeting_id) == (None if refused else saved)

    def test_nothing_expires(self, store: TranscriptStore) -> None:
        saved = transcript(None, "old", created_at=datetime(2000, 1, 1, tzinfo=UTC))
        store.save(saved)

        assert store.purge(django_timezone.now()) == 0
        assert store.get(saved.meeting_id) == saved


@pytest.mark.django_db(transaction=True)
class TestConcurrentWriters:
    def test_of_one_meeting_leave_one_whole_transcript(self, store: TranscriptStore) -> None:
        meeting = uuid4()
        versions = [transcript(meeting, *[f"version {n}"] * (n + 1)) for n in range(32)]
        in_threads(store.save, versions)

        assert store.get(meeting) in versions
        [entry] = store.page(limit=10)
        assert entry.meeting_id == meeting

    def test_of_many_meetings_leave_them_all(self, store: TranscriptStore) -> None:
        saved = {t.meeting_id: t for t in (transcript(None, f"text {n}") for n in range(40))}
        in_threads(store.save, saved.values())

        assert {meeting: store.get(meeting) for meeting in saved} == saved
        assert len(store.page(limit=100)) == 40

    def test_a_reader_finds_all_of_one_version(self, store: TranscriptStore) -> None:
        meeting = uuid4()
        versions = [transcript(meeting, *[f"version {n}"] * 50) for n in range(8)]
        store.save(versions[0])

        def write_and_read(version: Transcript) -> Transcript | None:
            store.save(version)
            return store.get(meeting)

        assert all(read in versions for read in in_threads(write_and_read, versions * 3))


class TestSearch:
    def test_a_hit_says_where_and_who(self, store: TranscriptStore) -> None:
        speaker = uuid4()
        saved = transcript(None, "first words", "second words")
        segments = (
            saved.segments[0],
            TranscriptSegment("Ada", 61.5, 70.0, "Recursion explained", speaker, 0.5),
        )
        store.save(transcript(saved.meeting_id, segments=segments, full_text="x"))

        [hit] = store.search(meeting_ids=[saved.meeting_id], query="recursion", limit=10)
        assert hit.meeting_id == saved.meeting_id
        assert (hit.speaker_id, hit.speaker_name) == (speaker, "Ada")
        assert (hit.start_time, hit.end_time) == (61.5, 70.0)
        assert hit.snippet == "Recursion explained"

    def test_only_the_given_meetings_are_searched(self, store: TranscriptStore) -> None:
        mine, other = transcript(None, "mine alpha"), transcript(None, "other alpha")
        store.save(mine)
        store.save(other)

        assert found(store, "alpha", mine.meeting_id) == ["mine alpha"]
        assert found(store, "alpha", uuid4()) == []
        assert found(store, "alpha") == []

    def test_a_hit_in_another_meeting_stays_there(self, store: TranscriptStore) -> None:
        mine, other = transcript(None, "alpha"), transcript(None, "beta")
        store.save(mine)
        store.save(other)

        assert found(store, "alpha beta", mine.meeting_id, other.meeting_id) == []

    @pytest.mark.parametrize("query", ["", "   ", "…", "' & | ! ( ) : * \\ <->", "\0", "%"])
    def test_a_query_without_words_finds_nothing(self, store: TranscriptStore, query: str) -> None:
        saved = transcript(None, "alpha")
        store.save(saved)

        assert found(store, query, saved.meeting_id) == []

    @pytest.mark.parametrize(
        "query",
        [
            *("binary", "BINARY", "bin", "a binary", "search-tree", "it's", "'it's"),
            *("Straße", "STRAßE", "übung", "ÜBUNG", "数学", "binary übu"),
        ],
    )
    def test_words_match_by_their_beginning_in_any_case(
        self, store: TranscriptStore, query: str
    ) -> None:
        text = "It's a Binary search-tree, Straße Übung 数学"
        saved = transcript(None, "nothing here", text)
        store.save(saved)

        assert found(store, query, saved.meeting_id) == [text]

    def test_all_words_are_needed(self, store: TranscriptStore) -> None:
        saved = transcript(None, "alpha one", "nothing", "beta two")
        store.save(saved)

        assert found(store, "alpha gamma", saved.meeting_id) == []
        assert found(store, "alpha beta", saved.meeting_id) == []

    @pytest.mark.parametrize("query", ["inary", "bung", "traße", "rch"])
    def test_the_end_of_a_word_is_not_enough(self, store: TranscriptStore, query: str) -> None:
        saved = transcript(None, "Binary Übung Straße search")
        store.save(saved)

        assert found(store, query, saved.meeting_id) == []

    def test_words_may_run_on_into_the_next_segment(self, store: TranscriptStore) -> None:
        saved = transcript(None, "we look at binary", "search trees now", "and so on")
        store.save(saved)

        [hit] = store.search(meeting_ids=[saved.meeting_id], query="binary search", limit=10)
        assert hit.start_time == 0.5
        assert "binary search trees" in hit.snippet

    def test_a_segment_before_the_words_is_no_hit(self, store: TranscriptStore) -> None:
        saved = transcript(None, "before", "alpha", "after", "alpha again")
        store.save(saved)

        assert sorted(found(store, "alpha", saved.meeting_id)) == ["alpha", "alpha again"]

    def test_a_whole_segment_comes_before_words_that_run_on(self, store: TranscriptStore) -> None:
        saved = transcript(None, "x alpha", "beta x", "z", "alpha beta")
        store.save(saved)

        assert found(store, "alpha beta", saved.meeting_id)[0] == "alpha beta"

    def test_limit(self, store: TranscriptStore) -> None:
        saved = transcript(None, *["alpha"] * 7)
        store.save(saved)

        assert len(found(store, "alpha", saved.meeting_id, limit=3)) == 3

    def test_a_long_segment_is_shown_around_the_words(self, store: TranscriptStore) -> None:
        saved = transcript(None, " ".join(["before"] * 300 + ["needle"] + ["after"] * 300))
        store.save(saved)

        [snippet] = found(store, "needle", saved.meeting_id)
        assert "needle" in snippet
        assert len(snippet) < 400

    def test_markup_in_a_text_is_text(self, store: TranscriptStore) -> None:
        text = "<b>alpha</b> & <script>, where i <n and m> k"
        saved = transcript(None, text)
        store.save(saved)

        assert found(store, "alpha", saved.meeting_id) == [text]
        assert found(store, "i <n and", saved.meeting_id) == [text]


class TestPage:
    def test_pages_hold_every_transcript_once_in_order(self, store: TranscriptStore) -> None:
        saved = {t.meeting_id: t for t in (transcript(None, f"text {n}") for n in range(5))}
        for one in saved.values():
            store.save(one)

        seen: list[UUID] = []
        after = None
        while page := store.page(after=after, limit=2):
            assert len(page) <= 2
            seen += [entry.meeting_id for entry in page]
            after = seen[-1]

        assert seen == sorted(saved)

    def test_an_entry_sums_up(self, store: TranscriptStore) -> None:
        saved = transcript(None, "three words here", "four", language="de")
        store.save(saved)

        [entry] = store.page(limit=1)
        assert not isinstance(entry, Transcript)
        assert entry.meeting_id == saved.meeting_id
        assert (entry.word_count, entry.duration_seconds, entry.language) == (4, 20, "de")
        assert entry.created_at == saved.created_at

    def test_a_page_keeps_to_the_given_meetings(self, store: TranscriptStore) -> None:
        mine, other = transcript(None, "a"), transcript(None, "b")
        store.save(mine)
        store.save(other)

        page = store.page(meeting_ids=[mine.meeting_id], limit=10)
        assert [entry.meeting_id for entry in page] == [mine.meeting_id]
        assert store.page(meeting_ids=[], limit=10) == []

    def test_what_is_saved_meanwhile_leaves_no_gap(self, store: TranscriptStore) -> None:
        first = [transcript(None, f"text {n}") for n in range(6)]
        store.load(first)
        seen: list[UUID] = []
        while page := store.page(after=seen[-1] if seen else None, limit=2):
            seen += [entry.meeting_id for entry in page]
            if len(seen) < 20:
                store.save(transcript(None, "between"))

        assert seen == sorted(set(seen))
        assert {one.meeting_id for one in first} <= set(seen)


class TestCopying:
    def test_a_scan_goes_on_in_another_process(self, store: TranscriptStore) -> None:
        saved = [transcript(None, f"text {n}") for n in range(5)]
        store.load(saved)
        seen: list[Transcript] = []
        after = None
        while True:
            page = type(store)(**store.options).scan(after=after, limit=2)
            seen += page.records
            after = page.next
            if after is None:
                break

        assert len(seen) == 5
        assert {one.meeting_id: one for one in seen} == {one.meeting_id: one for one in saved}

    def test_a_page_of_a_scan_ends_once_it_is_large(
        self, store: TranscriptStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "TRANSCRIPT_SCAN_MAX", 10)
        saved = [transcript(None, "a text of some length") for _ in range(3)]
        store.load(saved)
        pages = [store.scan(limit=5)]
        while pages[-1].next is not None:
            pages.append(store.scan(after=pages[-1].next, limit=5))

        assert [len(page.records) for page in pages] == [1, 1, 1, 0]
        assert {page.records[0].meeting_id for page in pages[:3]} == {
            one.meeting_id for one in saved
        }

    def test_loading_twice_is_the_same_as_once(self, store: TranscriptStore) -> None:
        saved = transcript(None, "alpha")
        store.save(replace(saved, language="xx"))
        store.load([saved])
        store.load([saved])
        store.load([])

        assert store.scan(limit=10).records == [saved]

    def test_the_schema_is_ready(self, store: TranscriptStore) -> None:
        assert {state.state for state in store.inspect()} <= {"ok", "not kept"}
        assert {state.state for state in store.prepare()} <= {"ok", "not kept"}
