"""Files to read, each made by the library that writes its format."""

import zipfile
from pathlib import Path
from urllib.parse import quote

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from openpyxl import Workbook
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from pptx.util import Inches
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

PAGE_HEIGHT = A4[1]

# Font name, size, and what it says; None is an empty line.
PdfLine = tuple[str, float, str] | None
BODY = ("Helvetica", 11)
HEADING = ("Helvetica-Bold", 18)
CODE = ("Courier", 10)


def write_pdf(
    path: Path,
    pages: list[list[PdfLine]],
    *,
    title: str = "",
    password: str | None = None,
    head: str = "",
) -> Path:
    """A PDF of `pages`; every page has `head` and its number where they always stand."""
    encryption = StandardEncryption(password, canPrint=0) if password else None
    canvas = Canvas(str(path), pagesize=A4, encrypt=encryption)
    canvas.setTitle(title)
    for number, lines in enumerate(pages, start=1):
        if head:
            canvas.setFont("Helvetica", 9)
            canvas.drawString(72, PAGE_HEIGHT - 30, head)
            canvas.drawString(300, 30, f"Page {number}")
        y = PAGE_HEIGHT - 90
        for line in lines:
            y -= 14 if line is None else line[1] * 1.2
            if line is not None:
                canvas.setFont(line[0], line[1])
                text = line[2].lstrip(" ")
                indent = canvas.stringWidth(" ", line[0], line[1]) * (len(line[2]) - len(text))
                canvas.drawString(72 + indent, y, text)
        canvas.showPage()
    canvas.save()
    return path


def write_scan(path: Path) -> Path:
    """A PDF with a picture on its page, and no text."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawInlineImage(Image.new("L", (200, 200), 128), 72, 400, 200, 200)
    canvas.showPage()
    canvas.save()
    return path


def write_docx(path: Path) -> Path:
    document = Document()
    document.core_properties.title = "The water cycle"
    document.styles.add_style("Source Code", WD_STYLE_TYPE.PARAGRAPH)
    document.add_heading("Water", 1)
    document.add_paragraph("Water moves all the time.")
    document.add_heading("Evaporation", 2)
    document.add_paragraph("warm sea", style="List Bullet")
    document.add_paragraph("dry wind", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [cell for row in table.rows for cell in row.cells],
        ("Place", "Rain", "Bergen", "2,250 mm"),
        strict=True,
    ):
        cell.text = text
    document.add_paragraph("for drop in cloud:", style="Source Code")
    document.add_paragraph("    fall(drop)", style="Source Code")
    document.add_heading("Clouds", 1)
    document.add_paragraph("Clouds are drops.")
    document.save(str(path))
    return path


def write_pptx(path: Path) -> Path:
    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "Photosynthesis"
    first.placeholders[1].text = "Light goes in\nOxygen comes out"
    first.notes_slide.notes_text_frame.text = "Ask who has a garden."
    second = presentation.slides.add_slide(presentation.slide_layouts[6])
    table = second.shapes.add_table(1, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Gas", "Share"
    presentation.save(str(path))
    return path


def write_bomb(path: Path, like: Path, unpacked: int) -> Path:
    """A copy of `like` with one more entry, of `unpacked` zero bytes."""
    return with_entry(path, like, "word/media/zeros.bin", bytes(unpacked))


def write_xlsx(path: Path, sheets: dict[str, list[list[object]]], *, title: str = "") -> Path:
    """A workbook; a sheet whose name begins with "_" is hidden."""
    workbook = Workbook()
    workbook.properties.title = title
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith("_") else "visible"
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


EPUB_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)


def write_epub(
    path: Path,
    chapters: dict[str, str],
    *,
    title: str = "A book",
    head: str = "",
    more: dict[str, str] | None = None,
) -> Path:
    """A book of `chapters` (file name: XHTML), read in the opposite order of their files.

    `head` stands at the beginning of its package, `more` are other files.
    """
    names = list(chapters)
    items = "".join(
        f'<item id="c{n}" href="text/{quote(name)}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(names)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in reversed(range(len(names))))
    package = (
        f'{head}<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", EPUB_CONTAINER)
        archive.writestr("OEBPS/book.opf", package)
        for name, content in chapters.items():
            archive.writestr(f"OEBPS/text/{name}", content)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return path


# Entities that unfold to ten times the one before; "l0" is the first.
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


def write_scanned(path: Path, pages: list[str | None]) -> Path:
    """A PDF whose pages are pictures of what they say; None is a page with a text layer."""
    canvas = Canvas(str(path), pagesize=A4)
    font = ImageFont.load_default(size=48)
    for number, text in enumerate(pages, start=1):
        if text is None:
            canvas.setFont("Helvetica", 11)
            canvas.drawString(72, PAGE_HEIGHT - 90, f"Page {number} has a text layer.")
        else:
            picture = Image.new("L", (1600, 600), 255)
            ImageDraw.Draw(picture).multiline_text((40, 40), text, fill=0, font=font, spacing=24)
            canvas.drawInlineImage(picture, 50, 500, 480, 180)
        canvas.showPage()
    canvas.save()
    return path


def with_entry(path: Path, like: Path, name: str, content: bytes) -> Path:
    """A copy of the zip file `like` in which `name` is `content`."""
    with zipfile.ZipFile(like) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            if entry.filename != name:
                target.writestr(entry, source.read(entry))
        target.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path
