"""Changing keys on a village that was really gathered: killed twice in the middle, used meanwhile, finished, and said by the doctor."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from minqing.commands import rotation
from minqing.gateways import postgres
from minqing.lib import ciphers, keys
from tests.commands.test_cli import ROOT, minqing

VILLAGE = ROOT / "tests" / "samples" / "penglicun"
#: The command in slices of twenty, so that there is a middle to be killed in.
SLOWLY = "from minqing import ground; ground.set_up_django(); ground.load('minqing.commands.rotation').rotate(say=print, slice_size=20)"
#: Somebody looks people up by number, as the web process would, with the keys that lie there now.
LOOK_UP = """
import json, sys
from minqing import ground
ground.set_up_django()
scope, sessions, queries, vault, models = (ground.load('minqing.' + n) for n in ('access.scope', 'access.actions.sessions', 'archives.queries', 'archives.vault', 'archives.models'))
account = ground.load('minqing.access.models').Account.objects.get(username='data')
token = sessions.open_session(account, device='test', origin='test', complete=True).token
found = []
for person in sys.argv[1:]:
    with scope.acting(token, purpose='test', origin='test') as me:
        row = models.Resident.objects.get(pk=person)
        number = vault.decrypt('archives_resident.id_cipher', row.pk, row.id_cipher)
        phone = vault.decrypt('archives_resident.phone_cipher', row.pk, row.phone_cipher)
        found.append([str(h.id) for h in queries.search(me, number)] == [person] and (not phone or person in [str(h.id) for h in queries.search(me, phone)]))
print(json.dumps(found))
"""


def environment(home: Path) -> dict[str, str]:
    base = {k: v for k, v in os.environ.items() if not k.startswith(("MINQING_", "DATABASE_URL", "DJANGO_"))}
    return {**base, "MINQING_HOME": str(home)}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """彭里村 gathered in an installation of its own from four departments: people, statements, level 4, questions, a report."""
    with tempfile.TemporaryDirectory(prefix="mqk") as folder:
        path = Path(folder) / "home"
        assert minqing(path, "--json", "init", "--data-officer", "吴小数", "--area", "330881").returncode == 0
        folders = [str(p) for p in sorted(VILLAGE.iterdir()) if p.name.startswith(("00_", "01_", "02_", "04_"))]
        loaded = minqing(path, "--json", "gather", "load", *folders, "--as", "data")
        assert loaded.returncode == 0, loaded.stderr
        yield path
        minqing(path, "stop")


def ask(home: Path, sql: str, *values: Any) -> list[Any]:
    with psycopg.connect(**postgres.open_cluster(home).superuser_dsn(postgres.DATABASE), autocommit=True) as root:
        return root.execute(sql, values).fetchall()


def numbers(home: Path) -> dict[str, set[int]]:
    """Key numbers under which anything stands, by column; each value is opened, so that it is proven readable."""
    ring, found = keys.load(home / "keys"), {}
    for c in rotation.CIPHERS:
        if not ask(home, "select to_regclass(%s)", f"public.{c.table}")[0][0]:
            continue
        rows = ask(home, f'select {c.bound_to}, coalesce({c.sensitive}, false), t."{c.column}" from "{c.table}" t where t."{c.column}" is not null')
        for bound, sensitive, envelope in rows:
            ring.cipher(sensitive=sensitive).decrypt(envelope, ciphers.context(c.label, bound))
        found[c.label] = {ciphers.key_number(envelope) for *_, envelope in rows}
    found["archives_identity"] = {n for (n,) in ask(home, "select distinct key_no from archives_identity")}
    for report in (home / "batches").glob("*/report.bin"):
        ring.cipher(sensitive=True).decrypt(report.read_bytes(), ciphers.context("gather_batch.report", report.parent.name))
        found["reports"] = found.get("reports", set()) | {ciphers.key_number(report.read_bytes())}
    return {label: n for label, n in found.items() if n}


def killed_when(home: Path, sql: str) -> None:
    """Start the command and end it without warning as soon as `sql` answers true."""
    process = subprocess.Popen([sys.executable, "-c", SLOWLY], cwd=ROOT, env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None and not ask(home, sql)[0][0]:
        time.sleep(0.02)
    assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def found_by_number(home: Path, *persons: str) -> list[bool]:
    done = subprocess.run([sys.executable, "-c", LOOK_UP, *persons], cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def doctor(home: Path) -> dict[str, dict[str, str]]:
    return {f["code"]: f for f in json.loads(minqing(home, "--json", "doctor").stdout)}


def test_keys_are_changed_under_a_running_installation(home):
    first = numbers(home)
    assert set().union(*first.values()) == {1}
    # what a village gathers stands under every kind of key: fields, statements, questions, level 4, the report
    assert {"archives_resident.id_cipher", "archives_resident.phone_cipher", "gather_statement.original", "gather_question.payload", "archives_relief.payload", "reports"} <= set(first)
    before = ask(home, "select count(*), count(distinct (person_id, kind, grid_code)) from archives_searchkey where kind in ('i', 'p')")
    history = ask(home, "select count(*) from archives_change")

    killed_when(home, "select count(*) >= 200 from archives_identity where key_no = 2")
    half = numbers(home)
    assert half["archives_identity"] == {1, 2}
    one, other = (ask(home, "select person_id::text from archives_identity i join archives_resident r on r.id = i.person_id where key_no = %s and phone_cipher is not null limit 1", n)[0][0] for n in (1, 2))
    assert found_by_number(home, one, other) == [True, True]
    assert doctor(home)["rotation"]["level"] == "warn"

    killed_when(home, "select count(*) >= 500 from gather_statement where substring(original from 1 for 2) = '\\x0002'")
    assert numbers(home)["gather_statement.original"] == {1, 2}
    assert found_by_number(home, one, other) == [True, True]

    done = minqing(home, "--json", "rotate-keys")
    assert done.returncode == 0, done.stderr
    assert "继续" in done.stderr
    after = numbers(home)
    assert set(after) == set(first)
    assert set().union(*after.values()) == {2}
    assert [n for (n,) in ask(home, "select count(*) - count(distinct (key_no, digest)) from archives_identity")] == [0]
    assert ask(home, "select count(*), count(distinct (person_id, kind, grid_code)) from archives_searchkey where kind in ('i', 'p')") == before
    assert found_by_number(home, one, other) == [True, True]
    assert doctor(home)["rotation"]["level"] == "ok"
    assert ask(home, "select count(*) from archives_change") == history  # the same values under another key are no news


def test_a_run_killed_between_two_key_files_goes_on(home):
    """The first of three new key files is there, the others not: the command completes the set instead of beginning again."""
    newest = max(keys.load(home / "keys").field)
    keys.rotate(home / "keys", "field")
    done = minqing(home, "--json", "rotate-keys")
    assert done.returncode == 0, done.stderr
    ring = keys.load(home / "keys")
    assert {max(ring.field), max(ring.sensitive), max(ring.digest)} == {newest + 1}
    assert set().union(*numbers(home).values()) == {newest + 1}


def test_a_phone_without_an_identity_number_is_found_under_the_new_key(home):
    person = ask(home, "select id::text from archives_resident where phone_cipher is not null and id_cipher is not null order by id limit 1")[0][0]
    with psycopg.connect(**postgres.open_cluster(home).superuser_dsn(postgres.DATABASE), autocommit=True) as root:
        root.execute("delete from archives_identity where person_id = %s", [person])
    assert minqing(home, "--json", "rotate-keys").returncode == 0
    newest = max(keys.load(home / "keys").digest)
    ring = keys.load(home / "keys")
    envelope = ask(home, "select phone_cipher from archives_resident where id = %s", person)[0][0]
    phone = ring.cipher().decrypt_text(envelope, ciphers.context("archives_resident.phone_cipher", person))
    wanted = f"p:{ring.digests('phone', phone)[newest].hex()}"
    assert ask(home, "select distinct key from archives_searchkey where person_id = %s and kind = 'p' and key = %s", person, wanted) == [(wanted,)]
