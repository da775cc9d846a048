"""Plain text: paragraphs are apart by blank lines."""

import codecs
import re
from importlib import import_module
from pathlib import Path

from retrieval.parsing.builder import BlockBuilder, clean_text
from retrieval.parsing.document import BlockKind, ParsedDocument
from retrieval.parsing.errors import Corrupt

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes) -> str:
    """Text in UTF-8, or else in the encoding that fits best. Raises Corrupt if none does."""
    try:
        return data.decode("utf-16" if data.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError:
        # Loaded for such a text only: it takes as long as all else that is needed here.
        best = import_module("charset_normalizer").from_bytes(data).best()
    if best is None:
        raise Corrupt("The file is in no known text encoding: save it as UTF-8")
    return str(best)


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    builder = BlockBuilder()
    for paragraph in re.split(r"\n[^\S\n]*\n", clean_text(decode(path.read_bytes()))):
        builder.add(paragraph, BlockKind.PARAGRAPH)
    return ParsedDocument(title, builder.blocks)
