"""Open any file a department hands in: the first bytes decide what it is, never its extension (step `read`).

Invariant: every path ends as a book or as one Chinese sentence saying why it was refused.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from minqing.gather.engine import delimited, markup, reading, workbooks

#: Not ours, and not worth a word in the report: system files, lock files of open workbooks, our own read-mes.
IGNORED_NAMES = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
IGNORED_SUFFIXES = frozenset({".md", ".lnk", ".tmp"})
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")
#: Telephones' photographs and films (HEIC, MP4) name themselves behind four bytes of length.
_FILMED = b"ftyp"


def files_of(roots: list[Path]) -> list[tuple[Path, str]]:
    """Every file below the roots, sorted: (path, the name shown: relative to its root)."""
    result = []
    for root in roots:
        found = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
        for path in found:
            name = path.name.lower()
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if hidden or name.startswith("~$") or name in IGNORED_NAMES or path.suffix.lower() in IGNORED_SUFFIXES:
                continue
            result.append((path, path.name if root.is_file() else path.relative_to(root).as_posix()))
    return sorted(result, key=lambda pair: pair[1])


def open_file(path: Path) -> reading.Book:
    """The file as a book of sheets. Raises `reading.Refused` with a Chinese sentence."""
    with path.open("rb") as stream:
        start = stream.read(4096)
    if not start:
        raise reading.Refused("文件是空的（0 字节）。请重新导出后再上传。")
    if start.startswith(b"PK"):
        return _open_zip(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return workbooks.open_workbook(path, "xls")
    if start.startswith(b"%PDF"):
        raise reading.Refused("这是 PDF，不是表格。请向部门要 Excel 或 CSV 格式的原表。")
    if start.startswith(_PICTURES) or start[4:8] == _FILMED:
        raise reading.Refused("这是图片，不是表格。请向部门要 Excel 或 CSV 格式的原表。")
    if start.startswith((b"Rar!", b"7z\xbc\xaf")):
        raise reading.Refused("这是压缩包。请解压后把里面的表格上传。")
    probe = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if probe.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")) or (probe.startswith(b"<?xml") and b"html" in probe[:500]):
        return markup.open_markup(path, "html")
    if probe.startswith(b"<?xml"):
        return markup.open_markup(path, "xml")
    return delimited.open_text(path, "csv" if path.suffix.lower() == ".csv" else "text")


#: A container that unpacks to more than this and shrank more than so many times holds no table that people made.
BOMB_BYTES, BOMB_RATIO = 100 << 20, 150


def _open_zip(path: Path) -> reading.Book:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise reading.Refused("文件打不开，可能没有传完整。请重新导出后再上传。") from error
    if unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * path.stat().st_size:
        raise reading.Refused("文件解开后异常地大（像是“压缩炸弹”），为安全起见不读取。请在 Excel 中打开，把有内容的部分复制到新工作簿后再上传。")
    if "xl/workbook.xml" in names or any(name.startswith("xl/") for name in names):
        return workbooks.open_workbook(path, "xlsx")
    if "content.xml" in names:
        return workbooks.open_workbook(path, "ods")
    if any(name.startswith("word/") for name in names):
        raise reading.Refused("这是 Word 文档，不是表格。请把表格放进 Excel 后再上传。")
    raise reading.Refused("这是压缩包。请解压后把里面的表格上传。")
