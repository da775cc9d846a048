"""What a user would pick instead: LangChain's splitter, with the same model and exact search.

Text comes from the files as LangChain's loaders take it: what BeautifulSoup finds in a page, and
each page of a PDF by itself. The model reads the first 256 word pieces of a passage.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdfium2 as pdfium
from bs4 import BeautifulSoup
from langchain_text_splitters import RecursiveCharacterTextSplitter

from bench.engines import ExactEngine, Found


class LangChain(ExactEngine):
    """The splitter as it comes: 4,000 characters, 200 of them shared."""

    splitter = RecursiveCharacterTextSplitter()

    def ingest(self, files: Sequence[Path]) -> int:
        found, texts = [], []
        for file in files:
            for page, text in _pages(file):
                pieces = self.splitter.split_text(text)
                texts += pieces
                found += [Found(file.name, page)] * len(pieces)
        return self.keep(found, texts)


class LangChainTutorial(LangChain):
    """The splitter as LangChain's tutorials set it: 1,000 characters, 200 of them shared."""

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)


def _pages(file: Path) -> Iterator[tuple[int | None, str]]:
    if file.suffix != ".pdf":
        yield None, BeautifulSoup(file.read_bytes(), "lxml").get_text()
        return
    with pdfium.PdfDocument(file) as document:
        for index in range(len(document)):
            yield index + 1, document[index].get_textpage().get_text_bounded()
