"""A filled form as a .docx that Word, WPS and LibreOffice open: a title, a table, lines of text. Written by hand: five small parts.

Invariant: every text is escaped and stripped of what XML may not hold; nothing is fetched, no macro, no author's name in the file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PARTS = {
    "[Content_Types].xml": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
}
#: What XML 1.0 may not hold.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FONT = '<w:rFonts w:ascii="SimSun" w:eastAsia="SimSun" w:hAnsi="SimSun"/>'


def run(text: str, *, size: int = 21, bold: bool = False, grey: bool = False) -> str:
    """`size` in half points."""
    clean = escape(FORBIDDEN.sub("", text))
    return f'<w:r><w:rPr>{FONT}{"<w:b/>" if bold else ""}{"<w:color w:val=" + chr(34) + "666666" + chr(34) + "/>" if grey else ""}<w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve">{clean}</w:t></w:r>'


def paragraph(text: str, *, size: int = 21, bold: bool = False, grey: bool = False, centre: bool = False) -> str:
    return f'<w:p>{"<w:pPr><w:jc w:val=" + chr(34) + "center" + chr(34) + "/></w:pPr>" if centre else ""}{run(text, size=size, bold=bold, grey=grey)}</w:p>'


def table(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> str:
    """Rows of cells; `widths` in twentieths of a point."""
    edge = "".join(f'<w:{side} w:val="single" w:sz="6" w:color="333333"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    made = [f"<w:tbl><w:tblPr><w:tblBorders>{edge}</w:tblBorders><w:tblW w:w=\"{sum(widths)}\" w:type=\"dxa\"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>"]
    for number, row in enumerate(rows):
        cells = "".join(f'<w:tc><w:tcPr><w:tcW w:w="{w}" w:type="dxa"/></w:tcPr>{paragraph(cell, bold=number == 0, size=19 if i == 2 else 21, grey=i == 2 and number > 0)}</w:tc>' for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
        made.append(f"<w:tr>{cells}</w:tr>")
    return "".join(made) + "</w:tbl>"


def document(body: str) -> bytes:
    """The file."""
    page = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134"/></w:sectPr>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in PARTS.items():
            made.writestr(name, text)
        made.writestr("word/document.xml", f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="{W}"><w:body>{body}{page}</w:body></w:document>')
    return out.getvalue()
