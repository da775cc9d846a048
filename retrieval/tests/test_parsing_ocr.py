"""Pages that are pictures: read by Tesseract where it is, named where it is not."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from retrieval.parsing.document import ParsedDocument
from retrieval.parsing.errors import ParseCrash, ParseError, ScannedOnly
from retrieval.parsing.ocr import Ocr
from retrieval.parsing.pdf_pictures import MAX_PIXELS, page_ranges
from retrieval.parsing.registry import MIB, parse_document
from retrieval.parsing.sandbox import ParserProcess
from retrieval.parsing.tesseract import Reader
from retrieval.tests.files import write_pdf, write_scan, write_scanned
from tests.contracts import absent

SENTENCE = "The heart pumps blood\nthrough the whole body."


@pytest.fixture
def tesseract() -> None:
    if shutil.which("tesseract") is None:
        absent("tesseract")


@pytest.fixture
def slow_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name which reads for ever, and writes down its process id."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program, pid = folder / "tesseract", tmp_path / "pid"
    program.write_text(f'#!/bin/sh\necho $$ > "{pid}"\nexec sleep 600\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return pid


def parser(**limits: int) -> ParserProcess:
    given = {"memory_mb": 1024, "seconds": 60, "max_bytes": 50 * MIB, "max_pages": 50}
    return ParserProcess(**(given | limits))


def recognized(path: Path, **limits: int) -> ParsedDocument:
    with parser(**limits) as process:
        return process.parse(path, path.name)


def gone(pid: int) -> bool:
    """Whether a process ends within some seconds."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":  # its new parent has not looked yet
            return True
        time.sleep(0.05)
    return False


def started(file: Path) -> int:
    for _ in range(400):
        if file.exists() and (text := file.read_text().strip()):
            return int(text)
        time.sleep(0.05)
    raise AssertionError("the program was not started")


@pytest.mark.usefixtures("tesseract")
def test_pictures_are_read_between_pages_with_text(tmp_path: Path) -> None:
    path = write_scanned(tmp_path / "scan.pdf", [None, SENTENCE, SENTENCE, None])
    document = recognized(path)
    texts = [(block.page_number, block.text) for block in document.blocks]
    assert texts == [
        (1, "Page 1 has a text layer."),
        (2, "The heart pumps blood through the whole body."),
        (3, "The heart pumps blood through the whole body."),
        (4, "Page 4 has a text layer."),
    ]
    assert document.warnings == [
        "2 of 4 pages are pictures, read by OCR, which makes mistakes: 2–3"
    ]


@pytest.mark.usefixtures("tesseract")
def test_a_file_of_pictures_alone_is_read_up_to_the_limit(tmp_path: Path) -> None:
    document = recognized(write_scanned(tmp_path / "scan.pdf", [SENTENCE] * 3), ocr_pages=1)
    assert [block.page_number for block in document.blocks] == [1]
    assert document.warnings == [
        "1 of 3 pages are pictures, read by OCR, which makes mistakes: 1",
        "2 of 3 pages are pictures, and were not read: 2–3",
    ]


@pytest.mark.usefixtures("tesseract")
def test_pictures_without_letters(tmp_path: Path) -> None:
    with pytest.raises(ScannedOnly, match="OCR found no text"):
        recognized(write_scan(tmp_path / "scan.pdf"))


@pytest.mark.usefixtures("tesseract")
def test_a_language_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCR_LANGUAGES", "xxx")
    with pytest.raises(ScannedOnly):
        recognized(write_scanned(tmp_path / "scan.pdf", [SENTENCE]))


@pytest.mark.usefixtures("tesseract")
def test_a_page_of_any_size_is_a_picture_of_bounded_size(tmp_path: Path) -> None:
    path = tmp_path / "huge.pdf"
    content = write_scanned(tmp_path / "scan.pdf", [SENTENCE]).read_bytes()
    usual, huge = b"/MediaBox [ 0 0 595.2756 841.8898 ]", b"/MediaBox [ 0 0 14400 14400 ]"
    path.write_bytes(content.replace(usual, huge.ljust(len(usual))))
    assert path.read_bytes() != content
    with pytest.raises(ScannedOnly):
        recognized(path, memory_mb=512)
    assert MAX_PIXELS < 20_000_000


def test_without_tesseract_the_pages_are_named(tmp_path: Path) -> None:
    path = write_scanned(tmp_path / "scan.pdf", [None, SENTENCE, None, *[SENTENCE] * 3])
    document = parse_document(path, path.name, max_bytes=50 * MIB, max_pages=50)
    assert document.warnings == ["4 of 6 pages are pictures, and were not read: 2, 4–6"]
    assert len(document.blocks) == 2
    path = write_scanned(tmp_path / "all.pdf", [SENTENCE])
    with pytest.raises(ScannedOnly, match="or install Tesseract on the server"):
        parse_document(path, path.name, max_bytes=50 * MIB, max_pages=50)


def test_a_process_without_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ScannedOnly, match="install Tesseract"):
        recognized(write_scanned(tmp_path / "scan.pdf", [SENTENCE]))


def test_pages_with_nothing_on_them_are_not_read(tmp_path: Path, slow_tesseract: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [[("Helvetica", 11, "Text.")], []])
    assert recognized(path).warnings == ["1 of 2 pages have no text: 2"]
    assert not slow_tesseract.exists()


def test_a_page_that_takes_too_long_is_left_out(tmp_path: Path, slow_tesseract: Path) -> None:
    path = write_scanned(tmp_path / "scan.pdf", [None, SENTENCE, SENTENCE])
    # The time for reading pictures comes on top of that for the file.
    document = recognized(path, seconds=3, ocr_page_seconds=2, ocr_seconds=60)
    assert document.warnings == ["2 of 3 pages are pictures, and were not read: 2–3"]
    assert gone(started(slow_tesseract))


def test_all_pages_together_have_a_limit(tmp_path: Path, slow_tesseract: Path) -> None:
    path = write_scanned(tmp_path / "scan.pdf", [None, *[SENTENCE] * 20])
    begun = time.monotonic()
    document = recognized(path, ocr_page_seconds=2, ocr_seconds=3)
    assert time.monotonic() - begun < 20
    assert document.warnings == ["20 of 21 pages are pictures, and were not read: 2–21"]


def _while_reading(path: Path, pid: Path, act: Callable[[ParserProcess], None]) -> list[ParseError]:
    errors: list[ParseError] = []
    with parser() as process:

        def run() -> None:
            try:
                process.parse(path, path.name)
            except ParseError as error:
                errors.append(error)

        thread = Thread(target=run)
        thread.start()
        reader = started(pid)
        act(process)
        thread.join(20)
    assert not thread.is_alive()
    assert gone(reader)
    return errors


def test_tesseract_dies_with_the_process_that_started_it(
    tmp_path: Path, slow_tesseract: Path
) -> None:
    path = write_scanned(tmp_path / "scan.pdf", [SENTENCE])

    def kill(process: ParserProcess) -> None:
        assert process._process is not None
        os.kill(process._process.pid, signal.SIGKILL)

    [error] = _while_reading(path, slow_tesseract, kill)
    assert isinstance(error, ParseCrash)


def test_tesseract_dies_when_the_process_is_closed(tmp_path: Path, slow_tesseract: Path) -> None:
    path = write_scanned(tmp_path / "scan.pdf", [SENTENCE])

    def kill_group(process: ParserProcess) -> None:
        assert process._process is not None
        os.killpg(process._process.pid, signal.SIGALRM)  # as the alarm does

    _while_reading(path, slow_tesseract, kill_group)


def test_an_alarm_that_is_set_waits_longer() -> None:
    ocr = Ocr("eng", max_pages=9, page_seconds=30, seconds=70)
    signal.alarm(100)
    try:
        Reader(ocr, 9)
        assert 160 < signal.alarm(0) <= 170
        Reader(ocr, 9)
        assert signal.alarm(0) == 0
    finally:
        signal.alarm(0)


@pytest.mark.parametrize(
    ("pages", "ranges"),
    [([], []), ([4], ["4"]), ([1, 2], ["1–2"]), ([1, 3, 4, 5, 9], ["1", "3–5", "9"])],
)
def test_page_ranges(pages: list[int], ranges: list[str]) -> None:
    assert list(page_ranges(pages)) == ranges
