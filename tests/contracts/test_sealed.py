"""No ciphertext is forgotten when keys change: every binary column is declared by its area (`rules/sealed.py`) as a cipher, a
digest, or something that stays, with its reason; what is declared exists, and its SQL is SQL."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connections, models

from minqing.commands import rotation
from minqing.lib import ciphers

DECLARED = [*((c.table, c.column) for c in rotation.CIPHERS), *((d.table, d.column) for d in rotation.DIGESTS), *((x.table, x.column) for x in rotation.LASTING)]
BINARY = [(m._meta.db_table, f.column) for config in apps.get_app_configs() if config.name.startswith("minqing.") for m in config.get_models() for f in m._meta.concrete_fields if isinstance(f, models.BinaryField)]


def test_every_binary_column_is_declared_once():
    missing = sorted(set(BINARY) - set(DECLARED))
    assert not missing, f"declare in rules/sealed.py of the area (CIPHERS, DIGESTS or LASTING): {missing}"
    assert len(DECLARED) == len(set(DECLARED))


def test_nothing_is_declared_that_is_not_there():
    assert sorted(set(DECLARED) - set(BINARY)) == []


def test_what_stays_says_why():
    assert all(len(x.why) >= 6 for x in rotation.LASTING)


@pytest.mark.parametrize("c", rotation.CIPHERS, ids=lambda c: c.label)
def test_the_sql_of_a_cipher_is_sql(committed, c):
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'explain select {c.bound_to}, {c.sensitive}, t."{c.column}" from "{c.table}" t where {rotation._old(c)} for update of t', {"field": b"\0\1", "sensitive": b"\0\1"})
        assert cursor.fetchall()


@pytest.mark.parametrize("d", rotation.DIGESTS, ids=lambda d: f"{d.table}.{d.column}")
def test_the_sql_of_a_digest_is_sql(committed, d):
    with connections["owner"].cursor() as cursor:
        cursor.execute(f'explain select {d.bound_to}, {d.sensitive}, t."{d.cipher}", t."{d.column}" from "{d.table}" t where t."{d.key_no}" <> 1')
        assert cursor.fetchall()
    assert (d.table, d.cipher) in {(c.table, c.column) for c in rotation.CIPHERS}


def test_an_envelope_begins_with_its_key_number():
    """What `waiting` asks of the rows is what the cipher writes."""
    cipher = ciphers.FieldCipher({3: bytes(range(16))}, 3)
    assert cipher.encrypt("x", b"a")[:2] == (3).to_bytes(2, "big")
