"""The user's search, on every engine: by meaning and by words, within what one may see."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import TeacherFactory, UserFactory
from classrooms.models import Classroom
from classrooms.tests.factories import ClassroomFactory, MemberFactory
from config.errors import NotFound, StoreUnavailable
from retrieval import services
from retrieval.hybrid import SearchMode
from retrieval.models import Document
from retrieval.services import SearchFilters
from retrieval.stores.base import document_vectors
from retrieval.tests.engines import vector_engine, vectors_down

__all__ = ["vector_engine"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]

PLANTS = "Plants make sugar from light, water and carbon dioxide. It happens in the chloroplast."
LAVA = "Volcanoes spit lava. The error code of the seismograph is ERR-4711."
MODES = list(SearchMode)

TakeIn = Callable[..., Document]


@pytest.fixture
def take_in(tmp_path: Path) -> TakeIn:
    """Put a text into a class, under a name."""

    def ingest(
        classroom: Classroom, name: str, text: str, document_type: str = "material"
    ) -> Document:
        (tmp_path / name).write_text(text)
        return services.document_ingest_file(
            classroom=classroom, path=tmp_path / name, filename=name, document_type=document_type
        ).document

    return ingest


def names(user: User, query: str, **options: Any) -> list[str]:
    found = services.search_documents(user=user, query=query, **options)
    return [hit.passage.filename for hit in found.hits]


def test_meaning_and_words_find_what_the_other_does_not(
    vector_engine: str, take_in: TakeIn
) -> None:
    classroom = ClassroomFactory()
    take_in(classroom, "plants.md", PLANTS)
    take_in(classroom, "lava.md", LAVA)
    teacher = classroom.teacher
    assert names(teacher, "how does vegetation get its food?")[0] == "plants.md"
    assert names(teacher, "how does vegetation get food?", mode=SearchMode.SPARSE) == []
    assert names(teacher, "4711", mode=SearchMode.SPARSE) == ["lava.md"]
    assert names(teacher, "4711")[0] == "lava.md"


def test_what_is_merely_nearest_is_not_called_close(vector_engine: str, take_in: TakeIn) -> None:
    classroom = ClassroomFactory()
    take_in(classroom, "plants.md", PLANTS)
    take_in(classroom, "lava.md", LAVA)

    def close(query: str) -> bool:
        return services.search_documents(user=classroom.teacher, query=query).close

    assert close("how does vegetation get its food?")
    assert close("4711")
    assert not close("xxxxxxxx")
    assert not close("who won the football match?")


def test_a_hit_says_where_it_stands_and_why(vector_engine: str, take_in: TakeIn) -> None:
    classroom = ClassroomFactory()
    take_in(classroom, "plants.md", f"# Photosynthesis\n\n{PLANTS}")
    take_in(classroom, "lava.md", LAVA)
    hit, *_ = services.search_documents(user=classroom.teacher, query="sugar from light").hits
    assert hit.rank == 1
    assert hit.score == pytest.approx(2 / 61)
    assert hit.passage.text.startswith("Photosynthesis")
    marks = [hit.passage.text[start:end] for start, end in hit.highlights]
    assert marks == ["sugar from light"]
    why = hit.explanation
    assert (why.dense_rank, why.sparse_rank) == (1, 1)
    assert why.dense_score is not None
    assert 0.3 < why.dense_score < 1
    assert [term.word for term in why.terms] == ["sugar", "from", "light"]
    total = sum(term.idf * term.weight for term in why.terms)
    assert why.sparse_score == pytest.approx(total)
    assert total > 0


@pytest.mark.parametrize("mode", MODES)
def test_nothing_of_another_class_is_found(
    vector_engine: str, mode: SearchMode, take_in: TakeIn
) -> None:
    mine, theirs, archived = (ClassroomFactory() for _ in range(3))
    for classroom in (mine, theirs, archived):
        take_in(classroom, f"{classroom.pk}.md", PLANTS)
    student = MemberFactory(classroom=mine).user
    MemberFactory(classroom=archived, user=student)
    archived.is_active = False
    archived.save()
    assert names(student, "plants and sugar", mode=mode) == [f"{mine.pk}.md"]
    for wanted in ([theirs.pk], [mine.pk, theirs.pk], [archived.pk], [uuid4()]):
        with pytest.raises(NotFound):
            names(student, "plants", mode=mode, classroom_ids=wanted)
    assert names(UserFactory(), "plants and sugar", mode=mode) == []
    assert names(student, "plants", mode=mode, classroom_ids=[]) == []


@pytest.mark.parametrize("mode", MODES)
def test_filters_narrow_and_never_widen(
    vector_engine: str, mode: SearchMode, take_in: TakeIn
) -> None:
    mine, theirs = ClassroomFactory(), ClassroomFactory()
    notes = take_in(mine, "notes.md", PLANTS, "notes")
    take_in(mine, "lava.md", LAVA + " Plants die.")
    foreign = take_in(theirs, "foreign.md", PLANTS, "notes")
    old = timezone.now() - timedelta(days=9)
    Document.objects.filter(pk=notes.pk).update(created_at=old)
    teacher = mine.teacher

    def found(**filters: object) -> set[str]:
        return set(names(teacher, "plants", mode=mode, filters=SearchFilters(**filters)))  # type: ignore[arg-type]

    assert found() == {"notes.md", "lava.md"}
    assert found(document_type="notes") == {"notes.md"}
    assert found(document_id=notes.pk) == {"notes.md"}
    assert found(document_id=foreign.pk) == found(document_id=uuid4()) == set()
    assert found(created_after=old) == {"notes.md", "lava.md"}
    assert found(created_after=old + timedelta(seconds=1)) == {"lava.md"}
    assert found(created_before=old) == set()
    assert found(created_before=old + timedelta(seconds=1)) == {"notes.md"}
    assert found(document_type="material", document_id=notes.pk) == set()


def test_the_same_page_in_two_files_is_told_once(vector_engine: str, take_in: TakeIn) -> None:
    one, other = ClassroomFactory(), ClassroomFactory()
    other.teacher = one.teacher
    other.save()
    take_in(one, "plants.md", PLANTS)
    take_in(one, "copy.md", PLANTS + " 2")
    take_in(other, "plants.md", PLANTS)
    take_in(one, "lava.md", LAVA)
    hits = services.search_documents(user=one.teacher, query="sugar from light").hits
    assert len(hits) == 2
    assert [hit.rank for hit in hits] == [1, 2]
    places = [hits[0].passage, *hits[0].duplicates]
    assert sorted((p.filename, p.classroom_id == one.pk) for p in places) == [
        *(("copy.md", True), ("plants.md", False), ("plants.md", True)),
    ]


@pytest.mark.parametrize("mode", MODES)
def test_what_is_deleted_is_gone_at_once(
    vector_engine: str, mode: SearchMode, take_in: TakeIn
) -> None:
    classroom = ClassroomFactory()
    document = take_in(classroom, "plants.md", PLANTS)
    take_in(classroom, "lava.md", LAVA)
    Document.objects.filter(pk=document.pk).delete()
    assert document_vectors().count(classroom_ids=[classroom.pk]) == 2
    assert "plants.md" not in names(classroom.teacher, "plants and sugar", mode=mode)


def test_without_the_vector_store_words_are_left(take_in: TakeIn) -> None:
    classroom = ClassroomFactory()
    take_in(classroom, "plants.md", PLANTS)
    take_in(classroom, "lava.md", LAVA)
    with vectors_down():
        found = services.search_documents(user=classroom.teacher, query="sugar and light")
        assert found.degraded
        assert [hit.passage.filename for hit in found.hits] == ["plants.md"]
        assert found.hits[0].explanation.dense_rank is None
        words = services.search_documents(
            user=classroom.teacher, query="sugar", mode=SearchMode.SPARSE
        )
        assert not words.degraded
        with pytest.raises(StoreUnavailable):
            services.search_documents(user=classroom.teacher, query="sugar", mode=SearchMode.DENSE)
        assert services.search_web(user=TeacherFactory(), query="sugar").degraded
    found = services.search_documents(user=classroom.teacher, query="sugar and light")
    assert not found.degraded


def test_many_results_and_few_statements(take_in: TakeIn) -> None:
    classroom = ClassroomFactory()
    for number in range(12):
        take_in(
            classroom, f"{number}.md", f"{PLANTS} " + " ".join(f"w{number}{i}" for i in range(40))
        )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = services.search_documents(user=classroom.teacher, query="sugar", limit=10)
    assert len(found.hits) == 10
    assert len(queries) <= 6
