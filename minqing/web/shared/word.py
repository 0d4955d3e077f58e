"""Word files that Word, WPS and LibreOffice open and an office edits on: titles, paragraphs, tables in Chinese type. The one place that makes them.

Invariants: every text is stripped of what XML may not hold; nothing is fetched, no macro, no author's name and no time of this machine
in its properties.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import docx
from django.http import HttpResponse
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: What XML 1.0 may not hold.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: The faces of official papers (GB/T 9704-2012): title 小标宋, headings 黑体, text 仿宋; the Latin letters beside them.
TITLE, HEAD, SONG, TEXT = ("方正小标宋简体", "SimSun"), ("黑体", "SimHei"), ("宋体", "SimSun"), ("仿宋", "FangSong")
GREY = RGBColor(0x66, 0x66, 0x66)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
INDENT = 2


class Word:
    """One A4 file; `margins` in millimetres: top, right, bottom, left. Sizes are points (三号 = 16, 四号 = 14, 五号 = 10.5)."""

    def __init__(self, *, title: str, margins: tuple[float, float, float, float] = (20, 20, 20, 20)) -> None:
        self.file: Document = docx.Document()
        core = self.file.core_properties
        core.author, core.last_modified_by, core.comments, core.title = "", "", "", clean(title)
        core.created = core.modified = LONG_AGO
        page = self.file.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.top_margin, page.right_margin, page.bottom_margin, page.left_margin = (Mm(m) for m in margins)

    def paragraph(self, text: str = "", *, size: float = 10.5, face: tuple[str, str] = SONG, bold: bool = False, grey: bool = False, centre: bool = False, right: bool = False, indent: bool = False, line: float | None = None) -> Paragraph:
        """`indent`: the first line stands in by two characters; `line`: the lines' distance in points."""
        made = self.file.add_paragraph()
        _write(made, text, size=size, face=face, bold=bold, grey=grey)
        if centre or right:
            made.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT
        made.paragraph_format.space_after = Pt(0)
        if indent:
            made.paragraph_format.first_line_indent = Pt(size * INDENT)
        if line:
            made.paragraph_format.line_spacing = Pt(line)
        return made

    def table(self, rows: Iterable[Sequence[str]], widths: Sequence[float], *, size: float = 10.5, face: tuple[str, str] = SONG, quiet: int | None = None) -> None:
        """Rows of cells, the first one heads; `widths` in millimetres; `quiet`: a column in smaller grey type."""
        lines = [list(row) for row in rows]
        made = self.file.add_table(rows=len(lines), cols=len(widths), style="Table Grid")
        made.autofit = False
        for n, (row, cells) in enumerate(zip(made.rows, lines, strict=True)):
            for i, (cell, text, width) in enumerate(zip(row.cells, cells, widths, strict=True)):
                _fill(cell, text, width, size=size - 1 if i == quiet else size, face=face, bold=n == 0, grey=i == quiet and n > 0)
        if lines:
            head = made.rows[0]._tr.get_or_add_trPr()
            head.append(OxmlElement("w:tblHeader"))  # stands again on the next page

    def bytes(self) -> bytes:
        out = io.BytesIO()
        self.file.save(out)
        return out.getvalue()

    def answer(self, name: str) -> HttpResponse:
        """As a download; `name` without ending, ASCII."""
        return HttpResponse(self.bytes(), content_type=TYPE, headers={"Content-Disposition": f'attachment; filename="{name}.docx"', "Cache-Control": "no-store"})


def clean(text: str) -> str:
    return FORBIDDEN.sub("", text)


def _write(paragraph: Paragraph, text: str, *, size: float, face: tuple[str, str], bold: bool, grey: bool) -> None:
    run = paragraph.add_run(clean(text))
    run.bold, run.font.size, run.font.name = bold or None, Pt(size), face[1]
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face[0])
    if grey:
        run.font.color.rgb = GREY


def _fill(cell: _Cell, text: str, width: float, *, size: float, face: tuple[str, str], bold: bool, grey: bool) -> None:
    cell.width = Mm(width)
    first = cell.paragraphs[0]
    first.paragraph_format.space_after = Pt(0)
    _write(first, text, size=size, face=face, bold=bold, grey=grey)
