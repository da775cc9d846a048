"""Files to read, each made by the library that writes its format."""

import zipfile
from pathlib import Path

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from PIL import Image
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
    with zipfile.ZipFile(like) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            target.writestr(entry, source.read(entry))
        target.writestr("word/media/zeros.bin", bytes(unpacked), zipfile.ZIP_DEFLATED)
    return path
