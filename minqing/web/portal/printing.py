"""Paper of the portal: a copy of one's file, the village's poster, the log-in letter.

Invariants: nothing is fetched while a PDF is made; a letter's code stands on the paper and nowhere else; the poster's QR holds
the address of the public page and no word about anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import segno
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from minqing.web.shared.printing import no_outside


def pdf(template: str, context: dict[str, Any]) -> bytes:
    """A template as PDF bytes, with the portal's paper style alone."""
    fonts = FontConfiguration()
    path = finders.find("portal/paper.css")
    sheets = [CSS(filename=str(path), font_config=fonts, url_fetcher=no_outside)] if path else []
    return bytes(HTML(string=render_to_string(template, context), url_fetcher=no_outside, base_url=None).write_pdf(stylesheets=sheets, font_config=fonts))


def picture(address: str, scale: int = 5) -> str:
    return str(segno.make(address, error="m", micro=False).svg_inline(scale=scale, border=1, dark="#000", omitsize=False))


def my_file(mine: Any, level_4: Sequence[Any], opened: Sequence[Any], *, at: datetime) -> bytes:
    return pdf("portal/print/file.html", {"mine": mine, "level_4": level_4, "opened": opened, "at": timezone.localtime(at)})


def poster(content: dict[str, Any], *, size: str, address: str, at: datetime) -> bytes:
    return pdf("portal/print/poster.html", {**content, "size": size, "address": address, "qr": picture(address, 8 if size == "A3" else 5), "at": timezone.localtime(at)})


def letter(letter: Any, *, address: str, by: str, at: datetime) -> bytes:
    """Eighteen point and larger; the code in groups of four."""
    return pdf("portal/print/letter.html", {"letter": letter, "code": f"{letter.code[:4]} {letter.code[4:]}", "number": f"{letter.number[:3]} {letter.number[3:6]} {letter.number[6:]}",
                                            "address": address, "qr": picture(address), "by": by, "at": timezone.localtime(at)})
