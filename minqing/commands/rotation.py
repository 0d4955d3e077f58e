"""New keys for old: every ciphertext and digest is renewed, in slices, and a killed run goes on where it was.

Invariant: a row is always readable: new rows are written under the newest key, old ones are opened under the key whose
number they carry, and look-ups use every key number until nothing names the old one. Which rows still wait is asked of
the rows themselves (the number stands in the first two bytes), so there is no progress to lose.
Which columns there are is declared by their areas (`rules/sealed.py`), not here.
Runs as the owner of the tables on the machine itself: no role of the running program sees everybody.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from minqing.access.rules.sealed import Cipher, Digest, Lasting
from minqing.archives.rules import keys as search_keys
from minqing.archives.vault import IDENTITY, PHONE
from minqing.lib import ciphers, keys

SLICE = 2_000
#: Purposes that are renewed together; the seal and the backup keep their own numbers.
PURPOSES = ("field", "sensitive", "digest")


def _declared() -> list[Any]:
    """The `rules/sealed.py` of every installed area that has one."""
    names = [f"{app}.rules.sealed" for app in settings.INSTALLED_APPS if app.startswith("minqing.") and importlib.util.find_spec(f"{app}.rules")]
    return [importlib.import_module(name) for name in names if importlib.util.find_spec(name)]


CIPHERS: tuple[Cipher, ...] = tuple(c for module in _declared() for c in module.CIPHERS)
DIGESTS: tuple[Digest, ...] = tuple(d for module in _declared() for d in module.DIGESTS)
LASTING: tuple[Lasting, ...] = tuple(x for module in _declared() for x in module.LASTING)


def begin(directory: Path) -> dict[str, int]:
    """Add the next key of each purpose."""
    return {purpose: keys.rotate(directory, purpose) for purpose in PURPOSES}


def waiting() -> int:
    """How many ciphertexts and digests still carry an old key number; files of reports too."""
    ring = keys.load(settings.HOME / "keys")
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        old = sum(_count(cursor, f'from "{c.table}" t where {_old(c)}', _marks(ring)) for c in CIPHERS)
        number, _ = ring.current("digest")
        old += sum(_count(cursor, f'from "{d.table}" t where t."{d.column}" is not null and t."{d.key_no}" <> %(number)s', {"number": number}) for d in DIGESTS)
        old += _count(cursor, "from archives_identity where key_no <> %(number)s", {"number": number})
    return old + sum(1 for _ in _old_reports(ring))


def rotate(*, say: Callable[[str], None], slice_size: int = SLICE) -> dict[str, Any]:
    """Finish a rotation that was interrupted, or begin a new one and finish it. Returns rows renewed by column."""
    directory = settings.HOME / "keys"
    if waiting() == 0 and _even(keys.load(directory)):
        begin(directory)
        say("已生成新密钥，开始重新加密。可以随时中断，再次运行即可继续。请立即把 keys 目录另存一份。")
    else:
        _complete(directory)
        say("继续上次没有完成的换密。")
    ring = keys.load(directory)
    # digests first: they are made from ciphertexts, and those are readable under either key
    done: dict[str, Any] = {"archives_identity": sum(_renew_identities(ring, slice_size)), "archives_searchkey": sum(_renew_phones(ring, slice_size))}
    for d in DIGESTS:
        done[f"{d.table}.{d.column}"] = sum(_renew_digest(ring, d, slice_size))
    for c in CIPHERS:
        done[c.label] = sum(_renew(ring, c, slice_size))
    done["reports"] = sum(_renew_report(ring, path) for path in list(_old_reports(ring)))
    return done


def _even(ring: ciphers.KeyRing) -> bool:
    """Whether the purposes stand at the same number: a run killed between two new key files left them uneven."""
    return len({ring.current(purpose)[0] for purpose in PURPOSES}) == 1


def _complete(directory: Path) -> None:
    """Bring the purposes to the same number."""
    ring = keys.load(directory)
    newest = max(ring.current(purpose)[0] for purpose in PURPOSES)
    for purpose in PURPOSES:
        for _number in range(ring.current(purpose)[0], newest):
            keys.rotate(directory, purpose)


# --- ciphertexts ------------------------------------------------------------------------------------------------------


def _marks(ring: ciphers.KeyRing) -> dict[str, bytes]:
    return {name: ring.current(name)[0].to_bytes(2, "big") for name in ("field", "sensitive")}


def _old(c: Cipher) -> str:
    """Rows that are not under the newest key of their purpose."""
    return f't."{c.column}" is not null and substring(t."{c.column}" from 1 for 2) <> case when {c.sensitive} then %(sensitive)s::bytea else %(field)s::bytea end'


def _count(cursor: Any, rows: str, parameters: dict[str, Any]) -> int:
    cursor.execute(f"select count(*) {rows}", parameters)  # noqa: S608 - declared names
    return int(cursor.fetchone()[0])


def _renew(ring: ciphers.KeyRing, c: Cipher, size: int) -> Iterator[int]:
    """Slices of one column. `skip locked` leaves a row that somebody edits for the next slice."""
    marks = _marks(ring)
    while True:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(
                f'select t.id, {c.bound_to}, coalesce({c.sensitive}, false), t."{c.column}" from "{c.table}" t where {_old(c)} limit {size} for update of t skip locked',  # noqa: S608 - declared names
                marks,
            )
            rows = cursor.fetchall()
            if not rows:
                return
            renewed = [(row, _again(ring, c.label, bound, sensitive, envelope)) for row, bound, sensitive, envelope in rows]
            cursor.execute(
                f'update "{c.table}" t set "{c.column}" = x.envelope from unnest(%s::text[], %s::bytea[]) as x(id, envelope) where t.id::text = x.id and t.id in (select y::{_type(c.table)} from unnest(%s::text[]) y)',  # noqa: S608 - declared names
                [[str(r[0]) for r in renewed], [r[1] for r in renewed], [str(r[0]) for r in renewed]],
            )
        yield len(rows)


def _type(table: str) -> str:
    """The type of a table's id: rows of one table are counted, all others have random ids."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("select format_type(atttypid, atttypmod) from pg_attribute where attrelid = %s::regclass and attname = 'id'", [f"public.{table}"])
        return str(cursor.fetchone()[0])


def _again(ring: ciphers.KeyRing, label: str, row: object, sensitive: bool, envelope: bytes) -> bytes:
    cipher, associated = ring.cipher(sensitive=sensitive), ciphers.context(label, row)
    return cipher.encrypt(cipher.decrypt(envelope, associated), associated)


# --- digests ----------------------------------------------------------------------------------------------------------


def _renew_digest(ring: ciphers.KeyRing, d: Digest, size: int) -> Iterator[int]:
    """A digest beside the ciphertext it is made of; one whose ciphertext is gone says nothing any more and is emptied."""
    number, _ = ring.current("digest")
    while True:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(
                f'select t.id, {d.bound_to}, coalesce({d.sensitive}, false), t."{d.cipher}" from "{d.table}" t where t."{d.column}" is not null and t."{d.key_no}" <> %s limit {size} for update of t skip locked',  # noqa: S608 - declared names
                [number],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            for row, bound, sensitive, envelope in rows:
                value = _value(ring, d, bound, sensitive, envelope)
                cursor.execute(
                    f'update "{d.table}" set "{d.column}" = %s, "{d.key_no}" = %s where id = %s',  # noqa: S608 - declared names
                    [ring.digester().digest(d.kind, value) if value else None, number, row],
                )
        yield len(rows)


def _value(ring: ciphers.KeyRing, d: Digest, row: object, sensitive: bool, envelope: bytes | None) -> str:
    if envelope is None:
        return ""
    text = ring.cipher(sensitive=sensitive).decrypt_text(envelope, ciphers.context(f"{d.table}.{d.cipher}", row))
    return str(json.loads(text).get(d.part, "")) if d.part else text


def _renew_identities(ring: ciphers.KeyRing, size: int) -> Iterator[int]:
    """Digests of identity numbers and their search keys, from the clear values."""
    number, _ = ring.current("digest")
    digester, cipher = ring.digester(), ring.cipher()
    while True:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(
                "select i.id, r.id, r.id_cipher from archives_identity i left join archives_resident r on r.id = i.person_id"
                f" where i.key_no <> %s limit {size} for update of i skip locked",  # noqa: S608
                [number],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            for row, person, envelope in rows:
                if envelope is None:
                    cursor.execute("delete from archives_identity where id = %s", [row])
                    continue
                clear = cipher.decrypt_text(envelope, ciphers.context("archives_resident.id_cipher", person))
                cursor.execute("update archives_identity set digest = %s, key_no = %s where id = %s", [digester.digest(IDENTITY, clear), number, row])
                _rekey(cursor, ring, "i", IDENTITY, person, clear)
        yield len(rows)


def _renew_phones(ring: ciphers.KeyRing, size: int) -> Iterator[int]:
    """Search keys of phones, also of people without an identity number. Who still waits is told by the number of the phone's own
    ciphertext, which is renewed after its search key."""
    cipher, marks = ring.cipher(), _marks(ring)
    last = uuid.UUID(int=0)
    while True:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(
                "select t.id, t.phone_cipher from archives_resident t where t.id > %(last)s and t.phone_cipher is not null"
                f" and substring(t.phone_cipher from 1 for 2) <> %(field)s::bytea order by t.id limit {size}",  # noqa: S608
                {"last": last, "field": marks["field"]},
            )
            rows = cursor.fetchall()
            if not rows:
                return
            for person, envelope in rows:
                _rekey(cursor, ring, "p", PHONE, person, cipher.decrypt_text(envelope, ciphers.context("archives_resident.phone_cipher", person)))
            last = rows[-1][0]
        yield len(rows)


def _rekey(cursor: Any, ring: ciphers.KeyRing, kind: str, of: str, person: uuid.UUID, clear: str) -> None:
    """The search keys of one number of one person, in every area that sees him, under the newest key."""
    digests = ring.digests(of, clear)
    newest = search_keys.secret(kind, digests[max(digests)])
    cursor.execute("update archives_searchkey set key = %s where person_id = %s and kind = %s and key = any(%s)",
                   [newest, person, kind, [search_keys.secret(kind, d) for n, d in digests.items() if n != max(digests)]])


# --- files ------------------------------------------------------------------------------------------------------------


def _old_reports(ring: ciphers.KeyRing) -> Iterator[Path]:
    """Reports of batches (MINQING_HOME/batches/<batch>/report.bin) that are not under the newest key."""
    mark = _marks(ring)["sensitive"]
    for path in sorted((settings.HOME / "batches").glob("*/report.bin")):
        with path.open("rb") as file:
            if file.read(2) != mark:
                yield path


def _renew_report(ring: ciphers.KeyRing, path: Path) -> int:
    """A new file beside the old one takes its name only when it is whole."""
    new = path.with_suffix(".new")
    new.write_bytes(_again(ring, "gather_batch.report", path.parent.name, True, path.read_bytes()))
    new.rename(path)
    return 1
