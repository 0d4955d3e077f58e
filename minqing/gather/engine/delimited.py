"""Text tables: csv, tsv, txt, Excel's "Unicode 文本", and text that calls itself .xls.

Invariant: the encoding is never guessed from how the text looks. The order is: byte order mark, strict UTF-8, strict
GB18030; a file that fits none is read in the one with fewer errors only if fewer than one character in a thousand is
broken, and the broken characters stay visible (U+FFFD) and are reported.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from minqing.gather.engine import reading

_CHUNK = 1 << 22
_TOLERATED = 1000
#: A quoted cell that runs over more lines than this is a stray quote, not a cell.
_QUOTED_LINES = 40
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def encoding_of(path: Path) -> tuple[str, int]:
    """The encoding by strict ordered decoding of the whole file, and the number of broken characters (0 when strict).

    Raises `reading.Refused` when no encoding fits.
    """
    with path.open("rb") as stream:
        start = stream.read(4096)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name, 0
    if b"\x00" in start:
        raise reading.Refused("文件内容不是文字表格，可能已损坏。请在 Excel 中打开后另存为 xlsx 再上传。")
    for name in ("utf-8", "gb18030"):
        if _decodes(path, name):
            return name, 0
    broken = {name: _broken(path, name) for name in ("utf-8", "gb18030")}
    best = min(broken, key=lambda name: broken[name])
    if broken[best] * _TOLERATED > path.stat().st_size // 2:
        raise reading.Refused("文字编码无法识别（既不是 UTF-8，也不是 GBK/GB18030）。请在 Excel 中另存为 xlsx 或“CSV UTF-8”后再上传。")
    return best, broken[best]


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _broken(path: Path, name: str) -> int:
    decoder = codecs.getincrementaldecoder(name)("replace")
    total = 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            total += decoder.decode(chunk).count("\ufffd")
    return total + decoder.decode(b"", True).count("\ufffd")


def open_text(path: Path, form: str = "csv") -> reading.Book:
    """A text table as a book of one sheet. Raises `reading.Refused`."""
    name, broken = encoding_of(path)
    delimiter = _delimiter(path, name)
    quoting = csv.QUOTE_NONE if _stray_quote(path, name) else csv.QUOTE_MINIMAL

    def rows() -> Iterator[list[str]]:
        with path.open(encoding=name, errors="replace" if broken else "strict", newline="") as stream:
            # NUL bytes end a record for the csv module; some exports pad with them.
            lines = (line.replace("\x00", "") for line in stream)
            for row in csv.reader(lines, delimiter=delimiter, quoting=quoting):
                yield [cell.strip('"') for cell in row] if quoting == csv.QUOTE_NONE else row

    notes = [f"有 {broken} 个字符无法解码，已用“\ufffd”标出。"] if broken else []
    if quoting == csv.QUOTE_NONE:
        notes.append("引号不成对，已按普通文字读取；请核对含逗号的单元格。")
    return reading.Book(path=path, format=form, sheets=[reading.Sheet(name="", rows=rows)], encoding=name, notes=notes)


def _delimiter(path: Path, encoding: str) -> str:
    """The separator that splits the first lines most evenly; a comma when none does."""
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        lines = [line for line, _ in zip(stream, range(30), strict=False) if line.strip()]
    if lines and lines[0].lower().startswith("sep="):
        return lines[0].strip()[4:5] or ","
    best, best_score = ",", 0
    for candidate in ",\t;|":
        counts = sorted(line.count(candidate) for line in lines)
        score = counts[len(counts) // 2] if counts else 0
        if score > best_score:
            best, best_score = candidate, score
    return best


def _stray_quote(path: Path, encoding: str) -> bool:
    """True when a quote opens and does not close within a cell's worth of lines."""
    opened = 0
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        for line in stream:
            if line.count('"') % 2:
                opened = 0 if opened else 1
            elif opened:
                opened += 1
                if opened > _QUOTED_LINES:
                    return True
    return opened > 0
