"""An embedded cluster with 2.6 M residents and 1.1 M households for the benchmarks, made once and kept.

`python -m bench.population [HOUSEHOLDS]`; MINQING_BENCH_HOME (default ./var/bench) names the data directory.

Invariants: rows come from the files of FILES in their order, each run once and remembered in bench.done, so that a later
file (matters, visits) is added to a cluster that is there already; what only the program can make (ciphers, digests) is
made by `seal_numbers` and `seal_questions` with the cluster's own keys. The people are fictitious.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

from minqing import ground
from minqing.gateways import postgres

HOME = Path(os.environ.get("MINQING_BENCH_HOME", "var/bench")).absolute()
HERE = Path(__file__).parent
#: In this order, each once; a new one is added at the end. `population.sql` empties the archives and begins anew.
FILES = ("population.sql", "population_desk.sql", "matters.sql", "population_contact.sql", "population_homes.sql")
HOUSEHOLDS = 1_100_000
#: Indexes that no constraint needs are dropped while rows come in.
SECONDARY = """select schemaname, tablename, indexname, indexdef from pg_indexes
 where tablename like 'archives\\_%' and indexname not in (select conname from pg_constraint)"""
#: People whose file has numbers (the other files have none): the town of the cast and every fiftieth household elsewhere.
NUMBERED = "left(p.village, 9) = '330881002' or mod(p.i, 50) = 0"


def prepare(households: int = HOUSEHOLDS) -> dict[str, float]:
    """Start the cluster; bring schema, people and rows up to date. Returns seconds per step."""
    os.environ.update({"MINQING_HOME": str(HOME), "DJANGO_SETTINGS_MODULE": "minqing.settings", "MINQING_PROCESS": "admin"})
    os.environ.pop("DATABASE_URL", None)
    ground.prepare_home(HOME)
    ground.prepare_database(HOME)
    ground.set_up_django()
    installation, cast = ground.load("minqing.commands.installation"), ground.load("minqing.demo.cast")
    at = datetime.now(UTC)
    installation.migrate()
    installation.fill_divisions(at)
    town = installation.Person("3390", "bench-town", "衢镇", *cast.TOWN_OFFICE, (("data_officer", cast.TOWN),))
    for person in (*cast.CAST.values(), town):
        installation.employ(person, password=cast.PASSWORD, at=at)
    with psycopg.connect(**postgres.open_cluster(HOME).superuser_dsn(postgres.DATABASE), autocommit=True) as root:
        root.execute("create schema if not exists bench")
        root.execute("create table if not exists bench.done (step text primary key, households integer not null, at timestamptz not null default now())")
        root.execute("create table if not exists bench.dropped (definition text primary key)")
        return dict(_fill(root, households))


def _fill(root: psycopg.Connection[Any], households: int) -> Iterator[tuple[str, float]]:
    done = {step for (step,) in root.execute("select step from bench.done where households >= %s", [households]).fetchall()}
    steps = [s for s in (*FILES, "numbers", "questions") if s not in done]
    if not steps:
        return
    if FILES[0] in steps:
        made = sorted({table for name in FILES for table in re.findall(r"\binsert into ((?:archives|contact|service)_\w+)", (HERE / name).read_text())})
        root.execute(f"truncate {', '.join(made)}, archives_identity, access_auditentry cascade")
        root.execute("delete from bench.done")
        steps = [*FILES, "numbers", "questions"]
    files = [s for s in steps if s in FILES]
    if FILES[0] in steps:
        for schema, _, name, definition in root.execute(SECONDARY).fetchall():
            with root.transaction():  # what is dropped is written down: a run that breaks off loses no index
                root.execute("insert into bench.dropped values (%s)", [definition])
                root.execute(f'drop index "{schema}"."{name}"')
    indexes = root.execute("select definition from bench.dropped").fetchall()
    remember = "insert into bench.done (step, households) values (%s, %s) on conflict (step) do update set households = excluded.households, at = now()"
    for name in files:
        yield name, _timed(lambda name=name: root.execute((HERE / name).read_text().replace(":households", str(int(households)))))  # type: ignore[misc]
        if not indexes:
            root.execute(remember, [name, households])
    root.execute("set session_replication_role = origin")
    root.execute("set maintenance_work_mem = '2GB'")
    root.execute("set max_parallel_maintenance_workers = 2")
    if indexes:
        yield "indexes", _timed(lambda: [_restore(root, definition) for (definition,) in indexes])
        for name in files:
            root.execute(remember, [name, households])
    for name, make in (("numbers", seal_numbers), ("questions", seal_questions)):
        if name in steps:
            yield name, _timed(lambda make=make: make(root))  # type: ignore[misc]
    yield "vacuum analyze", _timed(lambda: root.execute("vacuum (analyze)"))
    for step in steps:
        root.execute(remember, [step, households])


def _restore(root: psycopg.Connection[Any], definition: str) -> None:
    with root.transaction():
        root.execute(definition)
        root.execute("delete from bench.dropped where definition = %s", [definition])


def _timed(call: Any) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def identity_number(serial: int, born: date) -> str:
    """A number of the unassigned area 330899 with its check digit."""
    digits = f"330899{born:%Y%m%d}{serial % 1000:03d}"
    total = sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(digits))
    return digits + "10X98765432"[total % 11]


def seal_numbers(root: psycopg.Connection[Any]) -> None:
    """Identity numbers and phones, with their digests in the search keys."""
    vault, keys = ground.load("minqing.archives.vault"), ground.load("minqing.archives.rules.keys")
    people = root.execute(f"select p.id, p.serial, p.birth, p.grid from bench.person p where {NUMBERED}").fetchall()
    root.execute("create temp table sealed (id uuid, number bytea, tail text, phone bytea, phone_tail text, grid text, number_key text, phone_key text)")
    with root.cursor() as cursor, cursor.copy("copy sealed from stdin") as copy:
        for person, serial, born, grid in people:
            number, phone = identity_number(serial, born), f"154{serial % 100_000_000:08d}"
            copy.write_row((
                person, vault.encrypt("archives_resident.id_cipher", person, number), number[:4] + number[-2:], vault.encrypt("archives_resident.phone_cipher", person, phone), phone[-4:], grid,
                *(keys.secret(kind, max(digests.items())[1]) for kind, digests in (("i", vault.identity_digests(number)), ("p", vault.phone_digests(phone)))),
            ))
    root.execute("set session_replication_role = replica")
    root.execute("update archives_resident r set id_cipher = s.number, id_tail = s.tail, phone_cipher = s.phone, phone_tail = s.phone_tail from sealed s where s.id = r.id")
    root.execute("insert into archives_searchkey (key, village, grid_code, kind, person_id) select k.key, left(s.grid, 12), s.grid, k.kind, s.id from sealed s, lateral (values (s.number_key, 'i'), (s.phone_key, 'p')) k(key, kind)")
    root.execute("set session_replication_role = origin")


def seal_questions(root: psycopg.Connection[Any]) -> None:
    """One question of gathering for every fiftieth household, of several kinds and owners, in one batch of the city."""
    vault, asking = ground.load("minqing.archives.vault"), ground.load("minqing.gather.rules.asking")
    officer = root.execute("select id from access_staff where number = '3310'").fetchone()
    assert officer
    root.execute("set session_replication_role = replica")
    root.execute("delete from gather_question where sentence = 'bench'")
    found = root.execute("select md5('batch')::uuid").fetchone()
    assert found
    batch, now = found[0], datetime.now(UTC)
    root.execute("insert into gather_batch (id, area_code, label, state, step, progress, message, by, made_at, counts) values (%s, '3308', 'bench', 'done', '', 100, '', %s, %s, '{}') on conflict do nothing", [batch, officer[0], now])
    codes = [kind.prefix for kind in asking.KINDS]
    people = root.execute("select md5('question' || p.i)::uuid, p.id, p.name, p.grid, p.i / 50 from bench.person p where p.k = 1 and p.i % 50 = 7").fetchall()
    with root.cursor() as cursor, cursor.copy("copy gather_question (id, batch_id, grid_code, code, field, department, owner, state, key, persons, sentence, payload, asked_at, verdict, note) from stdin") as copy:
        for row, person, name, grid, n in people:
            both = {"row": {"department": "01", "kind": "hukou", "title": "常住人口", "line": n}, "cleaned": {"name": name}, "original": {"姓名": name}, "reasons": [], "candidates": [{"person": str(person)}]}
            copy.write_row((row, batch, grid, codes[n % len(codes)], "phone", f"{1 + n % 11:02d}", ("department", "village", "visit")[n % 3], "open", row.hex, [person], "bench",
                            vault.encrypt_json("gather_question.payload", row, both), now, "", ""))
    root.execute("set session_replication_role = origin")


if __name__ == "__main__":
    print({k: round(v, 1) for k, v in prepare(int(sys.argv[1]) if len(sys.argv) > 1 else HOUSEHOLDS).items()})
