"""New keys for old: every ciphertext and digest is renewed, in slices, and a killed run goes on where it was.

Invariant: a row is always readable: new rows are written under the newest key, old ones are opened under the key whose
number they carry, and look-ups use every key number until nothing names the old one. Which rows still wait is asked of
the rows themselves (the number stands in the first two bytes), so there is no progress to lose.
Runs as the owner of the tables on the machine itself: no role of the running program sees everybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from minqing.archives.rules import keys as search_keys
from minqing.archives.vault import IDENTITY, PHONE
from minqing.lib import ciphers, keys

SLICE = 2_000

# table, column, sensitive key?
CIPHERS: tuple[tuple[str, str, bool], ...] = (
    ("archives_resident", "id_cipher", False),
    ("archives_resident", "phone_cipher", False),
    ("archives_resident", "emergency_cipher", False),
    ("archives_health", "payload", True),
    ("archives_disability", "payload", True),
    ("archives_relief", "payload", True),
    ("gather_question", "payload", True),
    ("gather_statement", "original", True),
)


def begin(directory: Path) -> dict[str, int]:
    """Add the next key of each purpose, unless a rotation is still under way (then none is added)."""
    return {purpose: keys.rotate(directory, purpose) for purpose in ("field", "sensitive", "digest")}


def waiting() -> int:
    """How many ciphertexts still carry an old key number."""
    ring = keys.load(settings.HOME / "keys")
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        return sum(_count(cursor, table, column, _mark(ring, sensitive)) for table, column, sensitive in CIPHERS)


def rotate(*, say: Callable[[str], None]) -> dict[str, Any]:
    """Finish a rotation that was interrupted, or begin a new one and finish it. Returns rows renewed by column."""
    directory = settings.HOME / "keys"
    if waiting() == 0 and not _old_digests():
        begin(directory)
        say("已生成新密钥，开始重新加密。可以随时中断，再次运行即可继续。请立即把 keys 目录另存一份。")
    else:
        say("继续上次没有完成的换密。")
    ring = keys.load(directory)
    done = {f"{table}.{column}": sum(_renew(ring, table, column, sensitive)) for table, column, sensitive in CIPHERS}
    done["archives_identity"] = sum(_renew_digests(ring))
    return done


def _mark(ring: ciphers.KeyRing, sensitive: bool) -> bytes:
    number, _ = ring.current("sensitive" if sensitive else "field")
    return number.to_bytes(2, "big")


def _count(cursor: Any, table: str, column: str, mark: bytes) -> int:
    cursor.execute(f'select count(*) from "{table}" where "{column}" is not null and substring("{column}" from 1 for 2) <> %s', [mark])  # noqa: S608
    return int(cursor.fetchone()[0])


def _renew(ring: ciphers.KeyRing, table: str, column: str, sensitive: bool) -> Iterator[int]:
    """Slices of one column. `skip locked` leaves a row that somebody edits for the next slice."""
    cipher, mark = ring.cipher(sensitive=sensitive), _mark(ring, sensitive)
    while True:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(
                f'select id, "{column}" from "{table}" where "{column}" is not null and substring("{column}" from 1 for 2) <> %s limit {SLICE} for update skip locked',  # noqa: S608
                [mark],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            renewed = []
            for row, envelope in rows:
                associated = ciphers.context(f"{table}.{column}", row)
                renewed.append((row, cipher.encrypt(cipher.decrypt(envelope, associated), associated)))
            cursor.execute(
                f'update "{table}" t set "{column}" = x.envelope from unnest(%s::uuid[], %s::bytea[]) as x(id, envelope) where t.id = x.id',  # noqa: S608
                [[r[0] for r in renewed], [r[1] for r in renewed]],
            )
        yield len(rows)


def _old_digests() -> bool:
    number, _ = keys.load(settings.HOME / "keys").current("digest")
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("select exists (select 1 from archives_identity where key_no <> %s)", [number])
        return bool(cursor.fetchone()[0])


def _renew_digests(ring: ciphers.KeyRing) -> Iterator[int]:
    """Digests of identity numbers, and the search keys of numbers and phones, from the clear values."""
    number, _ = ring.current("digest")
    digester, cipher = ring.digester(), ring.cipher()
    while True:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(
                "select i.id, r.id, i.digest, r.id_cipher, r.phone_cipher from archives_identity i join archives_resident r on r.id = i.person_id"
                f" where i.key_no <> %s limit {SLICE} for update of i skip locked",  # noqa: S608
                [number],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            for row, person, old, id_cipher, phone_cipher in rows:
                _renew_person(cursor, cipher, digester, ring, number, row, person, bytes(old), id_cipher, phone_cipher)
        yield len(rows)


def _renew_person(cursor: Any, cipher: ciphers.FieldCipher, digester: ciphers.Digester, ring: ciphers.KeyRing, number: int, row: int, person: uuid.UUID,
                  old: bytes, id_cipher: bytes | None, phone_cipher: bytes | None) -> None:
    if id_cipher is None:
        cursor.execute("delete from archives_identity where id = %s", [row])
        return
    clear = cipher.decrypt_text(id_cipher, ciphers.context("archives_resident.id_cipher", person))
    new = digester.digest(IDENTITY, clear)
    cursor.execute("update archives_identity set digest = %s, key_no = %s where id = %s", [new, number, row])
    cursor.execute("update archives_searchkey set key = %s where person_id = %s and kind = 'i' and key = %s", [search_keys.secret("i", new), person, search_keys.secret("i", old)])
    if phone_cipher is not None:
        phone = cipher.decrypt_text(phone_cipher, ciphers.context("archives_resident.phone_cipher", person))
        for digest in ring.digests(PHONE, phone).values():
            cursor.execute("update archives_searchkey set key = %s where person_id = %s and kind = 'p' and key = %s", [search_keys.secret("p", digester.digest(PHONE, phone)), person, search_keys.secret("p", digest)])
