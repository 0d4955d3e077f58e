"""Parcels as an attacker meets them: every changed byte, every foreign key, every wrong name on the outside."""

from __future__ import annotations

import dataclasses
import io
import json
import uuid
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from minqing.gateways import parcels
from minqing.gateways.parcels import Letter, Refusal

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
OURS, THEIRS, STRANGER = (parcels.keys_from(bytes([n]) * 32) for n in (1, 2, 3))
US, THEM = OURS.card("330881"), THEIRS.card("330899")


def letter(**more) -> Letter:
    return Letter(**{"id": uuid.uuid4(), "kind": "handover", "sender": "330899", "recipient": "330881", "sent_at": NOW, "content": {"words": "想办老年优待证"}, "files": (b"\xff\xd8one", b"\xff\xd8two"), **more})


def opened(data: bytes, **more) -> Letter:
    return parcels.unpack(data, more.pop("keys", OURS), **{"own": "330881", "sender": THEM, "now": NOW, **more})


def refusal(data: bytes, **more) -> str:
    with pytest.raises(Refusal) as found:
        opened(data, **more)
    assert "。" in str(found.value)
    return found.value.code


def rebuilt(data: bytes, change) -> bytes:
    """The same zip with one entry changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        entries = {n: old.read(n) for n in old.namelist()}
    change(entries)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def test_there_and_open():
    sent = letter()
    assert opened(parcels.pack(sent, THEIRS, US)) == sent
    assert "想办" not in parcels.pack(sent, THEIRS, US).decode("latin-1")


@pytest.mark.parametrize("key", ["to", "from", "kind", "about", "sent_at", "sha256", "id"])
def test_the_outside_is_signed(key):
    data = parcels.pack(letter(), THEIRS, US)

    def change(entries):
        said = json.loads(entries["manifest.json"])
        said[key] = {"to": "330881", "from": "330899", "kind": "status", "about": str(uuid.uuid4()), "sent_at": (NOW - timedelta(days=1)).isoformat(), "sha256": "0" * 64, "id": str(uuid.uuid4())}[key]
        entries["manifest.json"] = json.dumps(said, indent=1).encode()

    assert refusal(rebuilt(data, change)) in ("signature", "broken")


@pytest.mark.parametrize("at", [0, 31, 32, 43, 44, 200, -1])
def test_a_changed_byte_inside_is_noticed(at):
    def change(entries):
        sealed = bytearray(entries["sealed.bin"])
        sealed[at] ^= 1
        entries["sealed.bin"] = bytes(sealed)

    assert refusal(rebuilt(parcels.pack(letter(), THEIRS, US), change)) == "altered"


def test_a_foreign_key_a_stranger_and_the_wrong_address():
    assert refusal(parcels.pack(letter(), STRANGER, US)) == "signature"
    assert refusal(parcels.pack(letter(sender="330822"), STRANGER, US)) == "stranger"
    assert refusal(parcels.pack(letter(), THEIRS, US), sender=None) == "stranger"
    assert refusal(parcels.pack(letter(recipient="330802"), THEIRS, US)) == "recipient"
    assert refusal(parcels.pack(letter(), THEIRS, STRANGER.card("330881"))) == "sealed"
    assert refusal(parcels.pack(letter(sent_at=NOW - timedelta(days=61)), THEIRS, US)) == "stale"
    assert refusal(parcels.pack(letter(sent_at=NOW + timedelta(days=2)), THEIRS, US)) == "stale"


def test_the_signature_of_one_parcel_fits_no_other():
    first, second = parcels.pack(letter(), THEIRS, US), parcels.pack(letter(), THEIRS, US)
    with zipfile.ZipFile(io.BytesIO(second)) as other:
        sealed, signature = other.read("sealed.bin"), other.read("manifest.sig")
    assert refusal(rebuilt(first, lambda e: e.update({"sealed.bin": sealed}))) == "altered"
    assert refusal(rebuilt(first, lambda e: e.update({"manifest.sig": signature}))) == "signature"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.7", b"x" * 100])
def test_what_is_no_parcel_is_refused_with_a_sentence(data):
    assert refusal(data) == "broken"


def test_a_damaged_or_foreign_compression_is_a_refusal():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parcels.NAMES:
            made.writestr(name, bytes(range(256)) * 40)
    spoilt = bytearray(out.getvalue())
    start = 30 + len(parcels.NAMES[0])
    spoilt[start:start + 8] = b"\xff" * 8
    assert refusal(bytes(spoilt)) == "broken"
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w", zipfile.ZIP_LZMA) as made:
        for name in parcels.NAMES:
            made.writestr(name, b"x")
    assert refusal(other.getvalue()) == "broken"


def test_half_a_character_is_a_refusal():
    sent = letter()
    whole = parcels.json.dumps
    try:
        parcels.json.dumps = lambda content, **_more: whole(content, sort_keys=True)   # as another county's program may write it
        data = parcels.pack(dataclasses.replace(sent, content={"words": "\ud83d"}), THEIRS, US)
    finally:
        parcels.json.dumps = whole
    assert refusal(data) == "content"


def test_a_parcel_that_would_fill_the_memory_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parcels.NAMES:
            made.writestr(name, b"0" * (parcels.MOST_BYTES // 2))
    assert refusal(out.getvalue()) == "broken"
    many = rebuilt(parcels.pack(letter(), THEIRS, US), lambda e: e.update({f"x{n}": b"" for n in range(40)}))
    assert refusal(many) == "broken"


def test_cards_and_keys(tmp_path):
    assert parcels.read_card(f" {THEM.text[:30]}\n{THEM.text[30:]} ") == THEM
    assert THEM.fingerprint != US.fingerprint
    for wrong in ("", "mq1.330899.x.y", THEM.text[:-4], THEM.text.replace("330899", "33")):
        with pytest.raises(parcels.BadCard):
            parcels.read_card(wrong)
    first = parcels.load_keys(tmp_path).card("330881")
    assert parcels.load_keys(tmp_path).card("330881") == first
    assert (tmp_path / parcels.FILE).stat().st_mode & 0o077 == 0
    (tmp_path / parcels.FILE).chmod(0o644)
    with pytest.raises(ValueError, match="chmod"):
        parcels.load_keys(tmp_path)
