"""Text tables: csv, tsv, txt, Excel's "Unicode 文本", and text that calls itself .xls.

Invariant: the encoding is never guessed from how the text looks. The order is: byte order mark (believed only when the
whole file agrees with it), UTF-16 without a mark where every other byte of the separators is empty, strict UTF-8, strict
GB18030; a file that fits none is read in the one with fewer errors only if fewer than one character in a thousand is
broken, and the broken characters stay visible (U+FFFD) and are reported. A stray quote costs no row: where it would
swallow the next one it is read as a letter, and the report says so.
"""

from __future__ import annotations

import codecs
import csv
import dataclasses
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from minqing.gather.engine import reading

_CHUNK = 1 << 22
_TOLERATED = 1000
#: A quoted cell that runs over more lines than this is a stray quote, not a cell.
_QUOTED_LINES = 40
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
#: Share of empty bytes on one side, and none to speak of on the other, that makes text UTF-16 without a mark.
_HALF_EMPTY = 0.05
#: Cells longer than the csv module's own limit (131,072) are text too; the reader bounds memory by rows.
csv.field_size_limit(1 << 24)


@dataclasses.dataclass(frozen=True)
class Encoding:
    """How a file's bytes are read: the codec, the bytes of its mark (`skip`), how many characters are broken."""

    name: str
    skip: int = 0
    broken: int = 0


def encoding_of(path: Path) -> Encoding:
    """The encoding by strict ordered decoding of the whole file. Raises `reading.Refused` when no encoding fits."""
    with path.open("rb") as stream:
        start = stream.read(1 << 16)
    skip = 0
    for mark, name in _MARKS:
        if start.startswith(mark):
            if _decodes(path, name, len(mark)):
                return Encoding(name, len(mark))
            # Somebody has put a mark before text of another kind: the text decides.
            skip = len(mark)
            break
    if b"\x00" in start and (wide := _without_mark(path, start, skip)):
        return Encoding(wide, skip)
    if start.count(b"\x00") > len(start) // 100:
        raise reading.Refused("文件内容不是文字表格，可能已损坏。请在 Excel 中打开后另存为 xlsx 再上传。")
    for name in ("utf-8", "gb18030"):
        if _decodes(path, name, skip):
            return Encoding(name, skip)
    broken = {name: _broken(path, name, skip) for name in ("utf-8", "gb18030")}
    best = min(broken, key=lambda name: broken[name])
    if broken[best] * _TOLERATED > path.stat().st_size // 2:
        raise reading.Refused("文字编码无法识别（既不是 UTF-8，也不是 GBK/GB18030）。请在 Excel 中另存为 xlsx 或“CSV UTF-8”后再上传。")
    return Encoding(best, skip, broken[best])


def _without_mark(path: Path, start: bytes, skip: int) -> str | None:
    """UTF-16 whose mark was lost: the separators, digits and line ends have an empty byte, always on the same side."""
    even, odd = start[skip::2].count(0), start[skip + 1 :: 2].count(0)
    half = (len(start) - skip) // 2
    if max(even, odd) < half * _HALF_EMPTY or min(even, odd) * 20 > max(even, odd):
        return None
    name = "utf-16-le" if odd > even else "utf-16-be"
    return name if _decodes(path, name, skip) else None


def _decodes(path: Path, name: str, skip: int) -> bool:
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        with path.open("rb") as stream:
            stream.seek(skip)
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _broken(path: Path, name: str, skip: int) -> int:
    decoder = codecs.getincrementaldecoder(name)("replace")
    total = 0
    with path.open("rb") as stream:
        stream.seek(skip)
        while chunk := stream.read(_CHUNK):
            total += decoder.decode(chunk).count("\ufffd")
    return total + decoder.decode(b"", True).count("\ufffd")


def open_text(path: Path, form: str = "csv") -> reading.Book:
    """A text table as a book of one sheet. Raises `reading.Refused`."""
    encoding = encoding_of(path)
    delimiter, usual = _delimiter(path, encoding)
    if not usual and (columns := _aligned(path, encoding)):
        return reading.Book(path=path, format="text", sheets=[reading.Sheet(name="", rows=lambda: _cut_rows(path, encoding, columns))], encoding=encoding.name)

    def rows() -> Iterator[list[str]]:
        records = (record for record, _ in _records(_lines(path, encoding), delimiter, usual))
        yield from csv.reader(records, delimiter=delimiter)

    stray = sum(1 for _, plain in _records(_lines(path, encoding), delimiter, usual) if plain)
    notes = [f"有 {encoding.broken} 个字符无法解码，已用“\ufffd”标出。"] if encoding.broken else []
    if encoding.skip and encoding.name == "gb18030":
        notes.append("文件开头标着 UTF-8，内容却是 GBK，已按 GBK 读取。")
    if stray:
        notes.append(f"有 {stray} 行的引号不成对，引号已按普通文字读取；请核对这些行里含逗号的单元格。")
    return reading.Book(path=path, format=form, sheets=[reading.Sheet(name="", rows=rows)], encoding=encoding.name, notes=notes)


def _lines(path: Path, encoding: Encoding) -> Iterator[str]:
    """The file's lines; NUL bytes end a record for the csv module, and some exports pad with them."""
    with path.open("rb") as raw:
        raw.seek(encoding.skip)
        with io.TextIOWrapper(raw, encoding.name, "replace" if encoding.broken else "strict", newline="") as stream:
            for line in stream:
                yield line.replace("\x00", "")


def _records(lines: Iterator[str], delimiter: str, usual: int) -> Iterator[tuple[str, bool]]:
    """(the lines of one record joined, whether a quote in it was stray and is left out).

    A quoted cell may run over lines, but not over many, and not from a line that is a whole row into another that is.
    """
    waiting: list[str] = []
    source = iter(lines)
    while True:
        line = waiting.pop(0) if waiting else next(source, None)
        if line is None:
            return
        if '"' not in line or not _is_open(line, delimiter, False):
            yield line, False
            continue
        taken, opened = [line], True
        while opened and len(taken) <= _QUOTED_LINES:
            following = waiting.pop(0) if waiting else next(source, None)
            if following is None:
                break
            taken.append(following)
            if usual > 1 and min(line.count(delimiter), following.count(delimiter)) >= usual:
                break
            opened = _is_open(following, delimiter, True)
        if not opened:
            yield "".join(taken), False
            continue
        yield line.replace('"', ""), True
        waiting = taken[1:] + waiting


#: Lines looked at to see where columns that are aligned with spaces begin.
_ALIGNED_LINES = 200


def _aligned(path: Path, encoding: Encoding) -> tuple[int, ...]:
    """Where the columns of a text begin that is aligned with spaces (old programs print so); empty for any other text.

    Counted as on a screen, where a Chinese character is two wide: a column begins behind a place that is empty in every line.
    """
    lines = [line.rstrip("\r\n") for line, _ in zip(_lines(path, encoding), range(_ALIGNED_LINES), strict=False)]
    rows = [_screen(line) for line in lines if len(line.split()) >= _COLUMNS]
    if len(rows) < _COLUMNS:
        return ()
    width = max(map(len, rows))
    taken = [any(at < len(row) and row[at] for row in rows) for at in range(width)]
    starts = tuple(at for at in range(width) if taken[at] and (at == 0 or not taken[at - 1]))
    return starts if len(starts) >= _COLUMNS else ()


_COLUMNS = 3


def _screen(line: str) -> list[bool]:
    """For each place on the screen, whether something stands there."""
    return [not char.isspace() for char in line for _ in range(_places(char))]


def _places(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut_rows(path: Path, encoding: Encoding, starts: tuple[int, ...]) -> Iterator[list[str]]:
    for line in _lines(path, encoding):
        words = line.split()
        if len(words) == len(starts):
            yield words
            continue
        cells, at, column = [""] * len(starts), 0, 0
        for char in line.rstrip("\r\n"):
            # a word that runs over the border stays whole
            if column + 1 < len(starts) and at >= starts[column + 1] and (char.isspace() or not cells[column] or cells[column][-1].isspace()):
                column += 1
            cells[column] += char
            at += _places(char)
        yield [cell.strip() for cell in cells]


def _is_open(line: str, delimiter: str, opened: bool) -> bool:
    """True when a quoted cell is still open at the end of the line, as the csv module reads it: only a quote that begins a cell opens one."""
    at = 0
    while True:
        if opened:
            end = line.find('"', at)
            if end < 0:
                return True
            if line.startswith('""', end):
                at = end + 2
                continue
            opened, at = False, end + 1
        elif line.startswith('"', at):
            opened, at = True, at + 1
            continue
        following = line.find(delimiter, at)
        if following < 0:
            return False
        at = following + 1


def _delimiter(path: Path, encoding: Encoding) -> tuple[str, int]:
    """The separator that splits the first lines most evenly (a comma when none does), and how often it stands in a usual line."""
    lines = [line for line, _ in zip(_lines(path, encoding), range(30), strict=False) if line.strip()]
    if lines and lines[0].lower().startswith("sep="):
        named = lines[0].strip()[4:5] or ","
        return named, max((line.count(named) for line in lines), default=0)
    best, best_score = ",", 0
    for candidate in ",\t;|":
        counts = sorted(line.count(candidate) for line in lines)
        score = counts[len(counts) // 2] if counts else 0
        if score > best_score:
            best, best_score = candidate, score
    return best, best_score
