"""Transcripts: uploaded, replaced, deleted and searched."""

import pytest
from django.db import transaction

from config import limits
from config.errors import DomainError, InvalidInput, NotFound
from meetings import selectors, services
from meetings.stores.base import transcript_store
from meetings.tests.factories import VTT, MeetingFactory
from meetings.tests.school import School, school_make


@pytest.fixture
def school(db: None) -> School:
    return school_make()


class TestTranscripts:
    def test_the_document_is_the_specs(self, school: School) -> None:
        saved = services.transcript_upload(
            actor=school.teacher, meeting=school.meeting, content=VTT
        )

        assert selectors.transcript_of(meeting=school.meeting) == saved
        assert saved.full_text == (
            "Welcome to today's class about binary\nsearch trees & recursion"
        )
        assert (saved.word_count, saved.duration_seconds, saved.language) == (10, 69, "en")
        # Ada is a student of the class; nobody there is called John Doe.
        assert [s.speaker_id for s in saved.segments] == [None, school.student.pk]

    def test_two_people_of_one_name_are_nobody_for_sure(self, school: School) -> None:
        school.teacher.name = "ada"
        school.teacher.save()
        saved = services.transcript_upload(
            actor=school.teacher, meeting=school.meeting, content=VTT
        )
        assert saved.segments[1].speaker_id is None

    @pytest.mark.parametrize(
        ("header", "given", "expected"),
        [("", "", "en"), ("Language: de\n", "", "de"), ("Language: de\n", "fr", "fr")],
    )
    def test_language(self, school: School, header: str, given: str, expected: str) -> None:
        content = VTT.replace(b"WEBVTT\n", b"WEBVTT\n" + header.encode())
        saved = services.transcript_upload(
            actor=school.teacher, meeting=school.meeting, content=content, language=given
        )
        assert saved.language == expected

    @pytest.mark.parametrize(
        ("content", "language"), [(b"not vtt", ""), (b"WEBVTT\n\n\xff", ""), (VTT, "no language!")]
    )
    def test_a_bad_one_leaves_the_old_one(
        self, school: School, content: bytes, language: str
    ) -> None:
        saved = services.transcript_upload(
            actor=school.teacher, meeting=school.meeting, content=VTT
        )
        with pytest.raises(InvalidInput):
            services.transcript_upload(
                actor=school.teacher, meeting=school.meeting, content=content, language=language
            )
        assert selectors.transcript_of(meeting=school.meeting) == saved

    def test_delete(self, school: School) -> None:
        services.transcript_upload(actor=school.teacher, meeting=school.meeting, content=VTT)
        services.transcript_delete(actor=school.teacher, meeting=school.meeting)
        for read in (
            lambda: selectors.transcript_of(meeting=school.meeting),
            lambda: services.transcript_delete(actor=school.teacher, meeting=school.meeting),
        ):
            with pytest.raises(NotFound) as caught:
                read()
            assert caught.value.code == "no_transcript"


class TestSearch:
    @pytest.fixture(autouse=True)
    def _transcript(self, school: School) -> None:
        services.transcript_upload(actor=school.teacher, meeting=school.meeting, content=VTT)

    @pytest.mark.parametrize(
        ("who", "count"),
        [("teacher", 1), ("assistant", 1), ("student", 1), ("stranger", 0), ("other_teacher", 0)],
    )
    def test_membership_decides(self, school: School, who: str, count: int) -> None:
        found = selectors.transcript_search(user=school.person(who), query="binary search")
        assert len(found) == count

    def test_a_finding_names_meeting_and_time(self, school: School) -> None:
        [found] = selectors.transcript_search(user=school.student, query="recursion")
        assert found.meeting == school.meeting
        assert (found.hit.start_time, found.hit.speaker_name) == (65.0, "Ada")

    def test_a_class_only_narrows(self, school: School) -> None:
        for classroom_id, count in ((school.classroom.pk, 1), (school.other_classroom.pk, 0)):
            found = selectors.transcript_search(
                user=school.student, query="recursion", classroom_id=classroom_id
            )
            assert len(found) == count
        assert not selectors.transcript_search(
            user=school.stranger, query="recursion", classroom_id=school.classroom.pk
        )

    def test_leaving_the_class_ends_it(self, school: School) -> None:
        school.classroom.members.filter(user=school.student).delete()
        assert selectors.transcript_search(user=school.student, query="recursion") == []

    @pytest.mark.parametrize("query", ["", "  ", "x" * (limits.SEARCH_QUERY_MAX + 1)])
    def test_bad_queries(self, school: School, query: str) -> None:
        with pytest.raises(DomainError):
            selectors.transcript_search(user=school.student, query=query)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_upload_stores_no_transcript() -> None:
    meeting = MeetingFactory()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.transcript_upload(actor=meeting.classroom.teacher, meeting=meeting, content=VTT)
        raise ZeroDivisionError
    assert transcript_store().get(meeting.pk) is None
