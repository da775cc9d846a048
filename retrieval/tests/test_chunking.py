"""Chunks keep every word, the limit of word pieces, pages and headings."""

import random
import string

import pytest

from retrieval.chunking import SPECIAL_TOKENS, Chunk, Chunker
from retrieval.embedders.base import Embedder
from retrieval.embedders.onnx import OnnxEmbedder
from retrieval.packing import CHARACTERS_PER_TOKEN
from retrieval.parsing.document import Block, BlockKind, ParsedDocument

ALPHABETS = (
    string.ascii_letters,
    string.ascii_letters + string.punctuation,
    "äöüßéèêñçøåœ",
    "абвгдеёжзийклмнопрст",
    "漢字仮名交じり文水火木金土",
    "אבגדהוזחט",
    "👩‍🔬🧪☀️🎓",
    "e\u0301o\u0308n\u0303",
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return OnnxEmbedder(threads=1)


def paragraph(text: str, page: int | None = None, headings: tuple[str, ...] = ()) -> Block:
    return Block(text, BlockKind.PARAGRAPH, page, headings)


def document(*blocks: Block) -> ParsedDocument:
    return ParsedDocument("title", list(blocks))


def letters(text: str) -> str:
    return "".join(text.split())


def holds(text: str, words: str) -> bool:
    """Whether all letters of `words` are in `text`, in their order."""
    left = iter(text)
    return all(letter in left for letter in words)


def random_document(seed: int) -> ParsedDocument:
    rng = random.Random(seed)

    def words(most: int) -> str:
        alphabet = rng.choice(ALPHABETS)
        made = ("".join(rng.choices(alphabet, k=rng.randint(1, 14))) for _ in range(most))
        return rng.choice((" ", " ", "\n")).join(made)

    blocks: list[Block] = []
    path: list[str] = []
    page = 1
    for _ in range(rng.randint(1, 25)):
        kind = rng.choice(list(BlockKind))
        page += rng.random() < 0.2
        if kind is BlockKind.HEADING:
            path = path[: rng.randint(0, len(path))]
            blocks.append(Block(words(rng.randint(1, 30)), kind, page, tuple(path)))
            path.append(blocks[-1].text)
        else:
            text = words(rng.choice((1, 5, 40, 400)))
            blocks.append(Block(text, kind, page, tuple(path)))
    return ParsedDocument("random", blocks)


@pytest.mark.parametrize("seed", range(80))
def test_any_document(embedder: Embedder, seed: int) -> None:
    source = random_document(seed)
    chunks = Chunker(embedder).chunks(source)
    limit = embedder.max_tokens
    assert all(embedder.count_tokens(chunk.embedding_text) <= limit for chunk in chunks)
    assert [chunk.chunk_index for chunk in chunks] == list(range(len(chunks)))
    for page in {block.page_number for block in source.blocks}:
        written = "".join(letters(b.text) for b in source.blocks if b.page_number == page)
        made = "".join(letters(c.text) for c in chunks if c.page_number == page)
        if any(b.kind is BlockKind.TABLE for b in source.blocks if b.page_number == page):
            assert holds(made, written)  # and the headers once more
        else:
            assert made == written
    assert {chunk.page_number for chunk in chunks} <= {b.page_number for b in source.blocks}
    for block in source.blocks:
        if block.kind is BlockKind.CODE and fits_alone(embedder, block):
            assert any(block.text in chunk.text for chunk in chunks)


def fits_alone(embedder: Embedder, block: Block) -> bool:
    whole = Chunk(block.text, None, 0, block.headings).embedding_text
    room = embedder.max_tokens - SPECIAL_TOKENS - embedder.count_tokens("\n".join(block.headings))
    return (
        embedder.count_tokens(whole) <= embedder.max_tokens
        and len(block.text) <= room * CHARACTERS_PER_TOKEN
    )


@pytest.mark.parametrize("max_tokens", [128, 160, 256])
def test_a_smaller_limit_is_kept(embedder: Embedder, max_tokens: int) -> None:
    source = random_document(7)
    chunks = Chunker(embedder, max_tokens=max_tokens).chunks(source)
    assert max(embedder.count_tokens(chunk.embedding_text) for chunk in chunks) <= max_tokens


def test_words_stay_whole(embedder: Embedder) -> None:
    text = "Every word of this long paragraph stays whole, in its order. " * 200
    chunks = Chunker(embedder).chunks(document(paragraph(text)))
    assert len(chunks) > 5
    assert " ".join(chunk.text for chunk in chunks).split() == text.split()
    assert all(chunk.text.endswith(".") for chunk in chunks)


def test_whole_blocks_are_packed(embedder: Embedder) -> None:
    blocks = [paragraph(f"Paragraph {n} says " + "something " * 57 + "here.") for n in range(8)]
    chunks = Chunker(embedder).chunks(document(*blocks))
    assert [chunk.text.count("Paragraph") for chunk in chunks] == [4, 4]
    assert chunks[0].text == "\n\n".join(block.text for block in blocks[:4])


def test_code_stays_whole_and_indented(embedder: Embedder) -> None:
    code = "def triangle(n):\n    total = 0\n\n    for i in range(n):\n        total += i\n" * 5
    chunks = Chunker(embedder).chunks(
        document(paragraph("Text. " * 100), Block(code, BlockKind.CODE), paragraph("Text. " * 100))
    )
    assert code.rstrip() in [chunk.text for chunk in chunks]


def test_code_that_is_too_long_is_cut_between_lines(embedder: Embedder) -> None:
    code = "\n".join(f"    call_number({n}, key={n!r})" for n in range(100))
    chunks = Chunker(embedder).chunks(document(Block(code, BlockKind.CODE)))
    assert len(chunks) > 1
    assert "\n".join(chunk.text for chunk in chunks) == code


def test_code_moves_to_the_next_chunk_rather_than_being_cut(embedder: Embedder) -> None:
    code = "\n".join(f"value_{n} = compute({n})" for n in range(20))
    chunks = Chunker(embedder).chunks(
        document(
            paragraph("One more sentence of text. " * 30),
            Block(code, BlockKind.CODE),
            paragraph("Two."),
        )
    )
    assert [code in chunk.text for chunk in chunks] == [False, True]


def test_code_under_many_headings_leaves_them_to_stay_whole(embedder: Embedder) -> None:
    heads = [Block(f"Chapter {n} of it", BlockKind.HEADING) for n in range(8)]
    code = Block("\n".join(f"call({n})" for n in range(60)), BlockKind.CODE)
    assert fits_alone(embedder, code)
    chunks = Chunker(embedder).chunks(document(*heads, code))
    assert [chunk.text for chunk in chunks] == ["\n\n".join(b.text for b in heads), code.text]


@pytest.mark.parametrize("header_lines", [1, 2])
def test_a_table_is_cut_between_rows_under_its_header(
    embedder: Embedder, header_lines: int
) -> None:
    rows = [
        "Rain in Norway",
        "Town | Year | Rain",
        *(f"Town {n} | {n} | {n} mm" for n in range(99)),
    ]
    rows = rows[2 - header_lines :]
    header, body = rows[:header_lines], rows[header_lines:]
    table = Block("\n".join(rows), BlockKind.TABLE, header_lines=header_lines)
    chunks = Chunker(embedder).chunks(document(table))
    pieces = [chunk.text.split("\n") for chunk in chunks]
    assert len(pieces) > 2
    assert all(piece[:header_lines] == header for piece in pieces)
    assert [row for piece in pieces for row in piece[header_lines:]] == body


def test_a_table_with_a_long_header_or_row_keeps_the_limit(embedder: Embedder) -> None:
    for header, row in (("head " * 600, "a | b"), ("a | b", "cell " * 600)):
        table = Block("\n".join([header.strip(), *[row.strip()] * 3]), BlockKind.TABLE)
        chunks = Chunker(embedder).chunks(document(table))
        assert all(embedder.count_tokens(c.embedding_text) <= embedder.max_tokens for c in chunks)
        assert holds("".join(letters(c.text) for c in chunks), letters(table.text))


def test_a_passage_of_a_transcript_knows_its_second(embedder: Embedder) -> None:
    blocks = [
        Block(f"Ada: {'word ' * 60}end {n}.", BlockKind.PARAGRAPH, start_seconds=n * 20.5)
        for n in range(9)
    ]
    chunks = Chunker(embedder).chunks(document(*blocks))
    assert len(chunks) == 3
    assert [chunk.start_seconds for chunk in chunks] == [0, 61.5, 123]
    assert Chunker(embedder).chunks(document(paragraph("x")))[0].start_seconds is None


def test_headings_stand_above_and_begin_a_chunk(embedder: Embedder) -> None:
    chunks = Chunker(embedder).chunks(
        document(
            Block("Biology", BlockKind.HEADING, 1),
            Block("Cells", BlockKind.HEADING, 1, ("Biology",)),
            paragraph("A cell is small. " * 70, 1, ("Biology", "Cells")),
            Block("Tissues", BlockKind.HEADING, 1, ("Biology",)),
            paragraph("A tissue is larger.", 1, ("Biology", "Tissues")),
        )
    )
    assert chunks[0].text.startswith("Biology\nCells\n\nA cell is small.")
    assert [chunk.headings for chunk in chunks] == [(), ("Biology", "Cells"), ("Biology",)]
    assert chunks[1].embedding_text.startswith("Biology\nCells\nA cell is small.")
    assert chunks[2] == Chunk("Tissues\n\nA tissue is larger.", 1, 2, ("Biology",))


def test_a_long_path_of_headings_loses_its_outer_ones(embedder: Embedder) -> None:
    path = tuple(f"Heading number {n} " + "which goes on " * 6 for n in range(6))
    [chunk] = Chunker(embedder).chunks(document(paragraph("Short.", None, path)))
    assert chunk.headings == path[-len(chunk.headings) :]
    assert 0 < len(chunk.headings) < len(path)


def test_pages_are_never_crossed(embedder: Embedder) -> None:
    chunks = Chunker(embedder).chunks(
        document(*(paragraph("Tiny.", page) for page in (1, 2, 2, 3)))
    )
    assert [(chunk.page_number, chunk.text) for chunk in chunks] == [
        (1, "Tiny."),
        (2, "Tiny.\n\nTiny."),
        (3, "Tiny."),
    ]


def test_one_word_of_ten_thousand_letters(embedder: Embedder) -> None:
    chunks = Chunker(embedder).chunks(document(paragraph("z" * 10_000)))
    assert "".join(chunk.text for chunk in chunks) == "z" * 10_000
    assert max(len(chunk.text) for chunk in chunks) <= embedder.max_tokens * CHARACTERS_PER_TOKEN


@pytest.mark.parametrize("text", ["z" * 500_000, "word " * 100_000, "One. Two! " * 50_000])
def test_a_very_long_text_without_a_line_break(embedder: Embedder, text: str) -> None:
    chunks = Chunker(embedder).chunks(document(paragraph(text)))
    assert "".join(letters(chunk.text) for chunk in chunks) == letters(text)
    assert max(embedder.count_tokens(c.embedding_text) for c in chunks) <= embedder.max_tokens


def test_nothing_gives_nothing(embedder: Embedder) -> None:
    assert Chunker(embedder).chunks(document()) == []
    assert Chunker(embedder).chunks(document(paragraph(" \n "))) == []
