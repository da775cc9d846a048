"""The contract of the store `web_content`, on every engine."""

import pytest

from config.errors import InvalidInput
from retrieval.stores.base import WebPoint, WebVectors
from retrieval.tests.vectors import (
    MARKS,
    MOMENTS,
    contents,
    long_text,
    scanned,
    stored,
    unit,
    web_passage,
)
from tests.contracts import contract_fixture

pytestmark = MARKS

web = contract_fixture("web_content")
URL = "https://example.org/cells"


def test_pages_are_stored_found_and_deleted(web: WebVectors) -> None:
    one, other = "https://example.org/cells", "https://example.org/rome"
    cells = [web_passage(one), web_passage(one, text="Zellen — 细胞")]
    rome = web_passage(other, topic="history", title="Rome")
    assert web.replace(one, zip(cells, (unit(1), unit(0, 1)), strict=True)) == 2
    assert web.replace(other, [(rome, unit(1))]) == 1
    assert web.count() == 3
    assert [hit.id for hit in web.search(unit(0, 1), limit=1)] == [cells[1].id]
    assert [hit.id for hit in web.search(unit(1), limit=5, topic="history")] == [rome.id]
    assert stored(web) == {each.id: each for each in [*cells, rome]}
    assert web.replace(one, []) == 0
    assert web.delete([other]) == 1
    assert web.delete([]) == 0
    assert web.count() == 0


def test_every_field_comes_back_as_it_was(web: WebVectors) -> None:
    url = "https://example.org/zellen?q=größe&x=%20#"
    pages = [
        web_passage(url, title="Straße, 数学 🎓", topic="", text="\\N \t '' \""),
        web_passage(url, title="", topic="Biologie für später", text=""),
    ]
    web.replace(url, zip(pages, (unit(1), unit(0, 1)), strict=True))
    nearest = [web.search(unit(*v), limit=1)[0].id for v in ((1,), (0, 1))]
    assert [stored(web)[id_] for id_ in nearest] == pages
    assert [hit.id for hit in web.search(unit(1), limit=9, topic="")] == [pages[0].id]


def test_replacing_a_page_leaves_the_others(web: WebVectors) -> None:
    one, other = "https://example.org/1", "https://example.org/12"
    for url in (one, other):
        web.replace(url, [(web_passage(url), unit(1, i)) for i in range(3)])
    new = web_passage(one, text="new")
    web.replace(one, [(new, unit(1))])
    assert web.count() == 4
    assert stored(web)[new.id] == new
    with pytest.raises(InvalidInput):
        web.replace(one, [(web_passage(one), unit(1)[:5])])
    assert stored(web)[new.id] == new
    assert web.count() == 4
    assert web.delete([one, other, one]) == 4


def test_times_keep_their_microseconds(web: WebVectors) -> None:
    pages = [web_passage(URL, ingested_at=moment) for moment in MOMENTS]
    web.replace(URL, [(page, unit(1)) for page in pages])
    found = stored(web)
    assert [found[page.id].ingested_at for page in pages] == MOMENTS


def test_what_is_not_there_is_no_error(web: WebVectors) -> None:
    assert web.search(unit(1), limit=9) == web.search(unit(1), limit=0) == []
    assert web.search(unit(1), limit=9, topic="") == scanned(web, limit=9) == []
    assert web.delete([URL]) == 0
    assert web.replace(URL, []) == web.count() == 0


def test_a_query_is_a_vector_too(web: WebVectors) -> None:
    for wrong in (unit(1)[:383], unit(1) * 3):
        with pytest.raises(InvalidInput):
            web.search(wrong, limit=1)


def test_a_passage_may_be_long(web: WebVectors) -> None:
    page = web_passage(URL, text=long_text())
    web.replace(URL, [(page, unit(1))])
    assert stored(web) == {page.id: page}


def test_a_scan_while_pages_are_added_and_removed(web: WebVectors) -> None:
    urls = [f"https://example.org/{letter}" for letter in "bdfh"]
    written = [(web_passage(url), unit(1, i)) for url in urls for i in range(3)]
    for url in reversed(urls):
        web.replace(url, [point for point in written if point[0].source_url == url])
    seen: list[WebPoint] = []
    after = None
    for _ in range(100):
        page = web.scan(after=after, limit=2)
        seen += [point for point in page.records if point[0].source_url in urls]
        web.replace(URL, [(web_passage(URL), unit(1)) for _ in range(len(seen) % 4)])
        after = page.next
        if after is None:
            break
    assert contents(seen) == contents(written)


def test_what_is_scanned_is_loaded_elsewhere(web: WebVectors) -> None:
    web.replace(URL, [(web_passage(URL), unit(1, i)) for i in range(7)])
    before = scanned(web, limit=3)
    web.delete([URL])
    for _ in range(2):
        web.load(before[:4])
        web.load(before)
        assert contents(scanned(web, limit=4)) == contents(before)


def test_the_whole_schema_is_there(web: WebVectors) -> None:
    assert [str(state) for state in web.inspect() if state.state != "ok"] == []


def test_preparing_again_changes_nothing(web: WebVectors) -> None:
    assert list(web.prepare()) == list(web.prepare())
