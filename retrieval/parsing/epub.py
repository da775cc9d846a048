"""EPUB books: the chapters in the order of reading, each a web page.

The libraries for EPUB are old or under the AGPL, and there is little to it: one file names
the package, which names the chapters.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from retrieval.parsing.builder import one_line
from retrieval.parsing.document import Block, ParsedDocument
from retrieval.parsing.errors import Corrupt, DocumentTooLarge, Encrypted
from retrieval.parsing.html import parse_html

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
PAGE_TYPES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document")
# Fonts may be scrambled in a book that everybody may read.
FONT_SCRAMBLING = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def parse(path: Path, title: str, max_pages: int) -> ParsedDocument:
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if ENCRYPTION in names:
            _check_free(_xml(archive, ENCRYPTION))
        package_name = _package_name(_xml(archive, CONTAINER))
        package = _xml(archive, package_name)
        chapters = list(_chapters(package, posixpath.dirname(package_name)))
        if len(chapters) > max_pages:
            raise DocumentTooLarge(
                f"The book has {len(chapters)} chapters; at most {max_pages} are read"
            )
        blocks: list[Block] = []
        missing = 0
        for name in chapters:
            if name in names:
                blocks += parse_html(archive.read(name), title).blocks
            else:
                missing += 1
    own_title = package.find(".//{*}metadata//{http://purl.org/dc/elements/1.1/}title")
    if own_title is not None:
        title = one_line("".join(own_title.itertext())) or title
    warnings = [f"{missing} of {len(chapters)} chapters are missing in the file"] if missing else []
    return ParsedDocument(title, blocks, warnings=warnings)


def _xml(archive: zipfile.ZipFile, name: str) -> etree._Element:
    """The root of an XML file, which names entities but does not unfold or fetch any."""
    try:
        content = archive.read(name)
    except KeyError as error:
        raise Corrupt("The file is damaged: a part that every book has is missing") from error
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True
    )
    return etree.fromstring(content, parser)


def _check_free(encryption: etree._Element) -> None:
    for data in encryption.iter("{*}EncryptedData"):
        method = data.find("{*}EncryptionMethod")
        if method is None or method.get("Algorithm") not in FONT_SCRAMBLING:
            raise Encrypted("The book is encrypted (DRM): upload one without copy protection")


def _package_name(container: etree._Element) -> str:
    for rootfile in container.iter("{*}rootfile"):
        if name := rootfile.get("full-path"):
            return str(name)
    raise Corrupt("The file is damaged: it does not say where the book begins")


def _chapters(package: etree._Element, folder: str) -> Iterator[str]:
    """The names of the chapters' files, each once."""
    files = {
        item.get("id"): item.get("href")
        for item in package.iter("{*}item")
        if item.get("media-type") in PAGE_TYPES
    }
    seen = set()
    for reference in package.iter("{*}itemref"):
        if href := files.get(reference.get("idref")):
            name = posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))
            if name not in seen:
                seen.add(name)
                yield name
