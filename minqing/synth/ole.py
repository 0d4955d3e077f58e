"""The container of old Office files (MS-CFB): streams in 512-byte sectors behind one allocation table.

Only what our writers need: a handful of streams, each padded to at least 4096 bytes so that no mini stream is needed.
"""

from __future__ import annotations

import struct

SECTOR = 512
FREE, CHAIN_END, FAT_SECTOR, NO_ENTRY = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
MINI_LIMIT = 4096
ENTRIES_PER_FAT = SECTOR // 4
HEADER_FAT_SLOTS = 109


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16sIQQIQ", raw, len(raw) if name else 0, kind, 1, NO_ENTRY, right, child, b"", 0, 0, 0, start, size
    )


def container(streams: dict[str, bytes], *, padding: bytes = b"\0") -> bytes:
    """The container holding ``streams`` (name → bytes); short streams are filled up with ``padding``.

    Raises ValueError beyond 109 allocation sectors (about 7 MB).
    """
    ordered = sorted(streams.items(), key=lambda item: (len(item[0]), item[0].upper()))
    bodies = []
    for _, body in ordered:
        body += padding * max(0, MINI_LIMIT - len(body))
        bodies.append((len(body), body + b"\0" * (-len(body) % SECTOR)))
    directory_sectors = -(-(len(ordered) + 1) // 4)
    content_sectors = directory_sectors + sum(len(body) // SECTOR for _, body in bodies)
    fat_sectors = 1
    while fat_sectors * ENTRIES_PER_FAT < fat_sectors + content_sectors:
        fat_sectors += 1
    if fat_sectors > HEADER_FAT_SLOTS:
        raise ValueError("container too large")

    fat = [FAT_SECTOR] * fat_sectors

    def chain(sectors: int) -> int:
        start = len(fat)
        fat.extend(range(start + 1, start + sectors))
        fat.append(CHAIN_END)
        return start

    directory_start = chain(directory_sectors)
    entries = [_entry("Root Entry", 5, NO_ENTRY, 1 if ordered else NO_ENTRY, CHAIN_END, 0)]
    for at, ((name, _), (size, body)) in enumerate(zip(ordered, bodies, strict=True), start=1):
        right = at + 1 if at < len(ordered) else NO_ENTRY
        entries.append(_entry(name, 2, right, NO_ENTRY, chain(len(body) // SECTOR), size))
    empty = struct.pack("<64sHBBIII16sIQQIQ", b"", 0, 0, 1, NO_ENTRY, NO_ENTRY, NO_ENTRY, b"", 0, 0, 0, 0, 0)
    entries += [empty] * (-len(entries) % 4)
    fat += [FREE] * (fat_sectors * ENTRIES_PER_FAT - len(fat))

    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        bytes.fromhex("D0CF11E0A1B11AE1"), b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, fat_sectors, directory_start, 0,
        MINI_LIMIT, CHAIN_END, 0, CHAIN_END, 0,
    )  # fmt: skip
    slots = list(range(fat_sectors)) + [FREE] * (HEADER_FAT_SLOTS - fat_sectors)
    return b"".join(
        [header, struct.pack(f"<{HEADER_FAT_SLOTS}I", *slots), struct.pack(f"<{len(fat)}I", *fat), *entries]
        + [body for _, body in bodies]
    )
