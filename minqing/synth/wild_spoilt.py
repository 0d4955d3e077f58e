"""Files that are no table, each in another way: every one must be refused with a Chinese sentence that says what to do."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib

from minqing.synth import locked, sheets
from minqing.synth.sheets import ZIP_TIME, Sheet
from minqing.synth.tables import File

PASSWORD = "bai-shi-2026"
BOMB_BYTES = 300 << 20


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def picture(width: int = 40, height: int = 30) -> bytes:
    """A small PNG: the photograph of a table."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + bytes([255 if (x // 8 + y // 6) % 2 else 200 for x in range(width)]) for y in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def workbook_of_a_picture() -> bytes:
    """An xlsx whose only sheet holds a picture and no cell."""
    whole = sheets.as_xlsx([Sheet("Sheet1", [])])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return _zip(parts | {"xl/media/image1.png": picture()})


def bomb() -> bytes:
    """A few hundred kilobytes that unpack to hundreds of megabytes of the same row."""
    whole = sheets.as_xlsx([Sheet("Sheet1", [["姓名", "身份证号"], ["测试", "330899199001010015"]])])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    row = b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + b"a" * 900 + b"</t></is></c></row>"
    head, _, tail = parts["xl/worksheets/sheet1.xml"].partition(b"</sheetData>")
    parts["xl/worksheets/sheet1.xml"] = head + row * (BOMB_BYTES // len(row)) + b"</sheetData>" + tail
    return _zip(parts)


def files(chance: random.Random, *, with_bomb: bool = False) -> list[File]:
    """The spoilt files of a county."""
    whole = sheets.as_xlsx([Sheet("名册", [["姓名", "身份证号", "联系电话"], *[[f"测试{n}", "330899199001010015", "154"] for n in range(40)]])])
    letters = "各村（社区）：请于本月15日前将《民情登记表》报送我办。\r\n联系人：办公室\r\n".encode("gb18030")
    found = [
        File("空文件.xlsx", "", "xlsx", b"", expect="refuse", note="0 bytes"),
        File("只有表头没有内容的文件.csv", "", "csv", b"\xef\xbb\xbf\r\n\r\n", expect="refuse", note="blank lines"),
        File("加密名册.xlsx", "", "xlsx", locked.protect(whole, PASSWORD), expect="refuse", note="password"),
        File("截断.xlsx", "", "xlsx", whole[: len(whole) * 2 // 3], expect="refuse", note="truncated"),
        File("拍照上传.xlsx", "", "xlsx", workbook_of_a_picture(), expect="refuse", note="a picture in a workbook"),
        File("名册照片.png", "", "png", picture(), expect="refuse", note="a picture"),
        File("照片改名.xlsx", "", "xlsx", picture(41), expect="refuse", note="a picture called xlsx"),
        File("打包.zip", "", "zip", _zip({"名册.xlsx": whole}), expect="refuse", note="an archive"),
        File("通知.txt", "", "txt", letters, encoding="gb18030", expect="refuse", note="a letter"),
        File("说明.pdf", "", "pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(chance.randrange(256) for _ in range(200)), expect="refuse", note="pdf"),
        File("损坏.xls", "", "xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(chance.randrange(256) for _ in range(3000)), expect="refuse", note="broken OLE"),
        File("乱码.csv", "", "csv", bytes(chance.randrange(128, 256) for _ in range(4000)), expect="refuse", note="no encoding fits"),
    ]  # fmt: skip
    if with_bomb:
        found.append(File("压缩炸弹.xlsx", "", "xlsx", bomb(), expect="refuse", note="zip bomb"))
    return found
