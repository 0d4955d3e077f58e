"""What a phone costs: the first pull of 郑书香's village, an idle pull, what changed, a push. 407 households, 1,489 people, three grids.

`python -m bench.sync`; MINQING_BENCH_SYNC_HOME (default ./var/bench-sync) names the data directory, made once and kept.

Invariant: timed is what the server does between the entered scope and the packed answer, on a cluster with nothing else to do, the
middle of ROUNDS calls; sizes are those of the packed body. Budgets: DESIGN §9.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from minqing import ground

HOME = Path(os.environ.get("MINQING_BENCH_SYNC_HOME", "var/bench-sync")).absolute()
HOUSEHOLDS, PEOPLE, ROUNDS = 407, 1489, 15
SURNAMES, GIVEN = "郑毛姜周徐何叶祝王吴柴黄琚严杨", "有福志明建国樟树根土学良金水家林春土海峰志强水木建华爱莲海燕菊香赛男丽娟招娣美珍雪琴玉兰秀英红梅冬花"
CAUTIONS = ("", "", "", "有狗，先打电话", "耳背，敲门重一点", "白天在地里，晚上七点后来", "门在屋后")
HAMLETS = ("上塘", "樟树底", "溪东", "桥头", "岭脚", "新屋")


def prepare() -> None:
    os.environ.update({"MINQING_HOME": str(HOME), "DJANGO_SETTINGS_MODULE": "minqing.settings", "MINQING_PROCESS": "admin", "MINQING_SECOND_FACTOR": "off"})
    os.environ.pop("DATABASE_URL", None)
    ground.prepare_home(HOME)
    ground.prepare_database(HOME)
    ground.set_up_django()
    installation, cast = ground.load("minqing.commands.installation"), ground.load("minqing.demo.cast")
    at = datetime.now(UTC)
    installation.migrate()
    installation.fill_divisions(at)
    for name in ("香", "街"):
        installation.employ(cast.CAST[name], password=cast.PASSWORD, at=at)


def populate(root: Any, village: str) -> None:
    """The village, unless it is there."""
    if root.execute("select count(*) from archives_household").fetchone()[0] >= HOUSEHOLDS:
        return
    chance = Random(407)  # noqa: S311 - a fixed village
    homes, people, ties = [], [], []
    for i in range(HOUSEHOLDS):
        grid, home = f"{village}{i % 3 + 1:03d}", uuid.UUID(int=chance.getrandbits(128), version=4)
        size = PEOPLE // HOUSEHOLDS + (1 if i < PEOPLE % HOUSEHOLDS else 0)
        members = [(uuid.UUID(int=chance.getrandbits(128), version=4), chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, 2))) for _ in range(size)]
        hamlet, door = HAMLETS[i % 6], f"{i // 6 + 1}号"
        homes.append((home, grid, f"205{i:04d}", members[0][0], members[0][1], f"浙江省衢州市江山市虎山街道彭里村{hamlet}{door}", hamlet, str(i % 9 + 1), door, chance.choice(CAUTIONS), size))
        for n, (key, name) in enumerate(members):
            people.append((key, name, str(n % 2 + 1), f"{1935 + chance.randrange(80)}-{chance.randrange(12) + 1:02d}-{chance.randrange(28) + 1:02d}", f"{chance.randrange(10000):04d}" if n < 2 else "", "杭州" if n == 3 and i % 3 == 0 else ""))
            ties.append((uuid.uuid4(), grid, home, key, "02" if n == 0 else "10" if n == 1 else "20"))
    with root.transaction():
        root.execute("set local session_replication_role = replica")
        for grid in range(1, 4):
            root.execute("insert into access_area (code, level, parent_id, short_name, stem, official_name, kind, opened_on, covers) select code || %s, 'grid', code, %s, '', %s, '', current_date, '' from access_area where code = %s on conflict do nothing",
                         [f"{grid:03d}", f"第{grid}网格", f"第{grid}网格", village])
        with root.cursor() as cursor:
            cursor.executemany("insert into archives_household (id, grid_code, origin_code, number, kind, state, head_id, head_name, address, natural_village, group_no, door, caution, members_count, home_count, difficulties, wishes, dissolve_reason, sort_key, sources, version, created_at, updated_at)"
                               " values (%s, %s, '', %s, 'family', 'active', %s, %s, %s, %s, %s, %s, %s, %s, 1, '', '', '', '', '{}', 1, now(), now())", homes)
            cursor.executemany("insert into archives_resident (id, name, sex, birth_date, phone_tail, living_elsewhere, former_name, id_kind, id_tail, birth_precision, ethnicity, hometown, registered_area, registered_address, registration_kind, living_area, living_address, residence_match, emergency_name, marriage, education, school,"
                               " political, party_branch, party_post, employment, workplace, pension_status, pension_benefit, medical_kind, medical_status, medical_year, alive, left_to, no_messages, name_key, sources, version, created_at, updated_at)"
                               " values (%s, %s, %s, %s, %s, %s, '', '111', '', 'day', '01', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', true, '', false, '', '{}', 1, now(), now())", people)
            cursor.executemany("insert into archives_membership (id, grid_code, household_id, person_id, relation, by, starts_on, end_reason, sources, version, created_at, updated_at) values (%s, %s, %s, %s, %s, 'registration', '2020-01-01', '', '{}', 1, now(), now())", ties)
            cursor.executemany("insert into archives_placement (id, person_id, grid_code, why, starts_on, name_key) values (gen_random_uuid(), %s, %s, 'member', '2020-01-01', '')", [(key, grid) for _id, grid, _home, key, _relation in ties])
    root.execute("analyze")


def packed(answer: dict[str, Any]) -> tuple[bytes, bytes]:
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    return body, gzip.compress(body, compresslevel=6, mtime=0)


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds of the middle call, and its answer."""
    took, answer = [], None
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        answer = call()
        took.append((time.perf_counter() - begun) * 1000)
    return statistics.median(took), answer


def main() -> None:
    prepare()
    postgres, cast = ground.load("minqing.gateways.postgres"), ground.load("minqing.demo.cast")
    psycopg = ground.load("psycopg")
    with psycopg.connect(**(postgres.open_cluster(HOME).superuser_dsn() | {"dbname": "minqing"}), autocommit=True) as root:
        populate(root, cast.PENGLI)
    models, sessions = ground.load("minqing.access.models"), ground.load("minqing.access.actions.sessions")
    scope, queries, devices = ground.load("minqing.access.scope"), ground.load("minqing.sync.queries"), ground.load("minqing.sync.actions.devices")
    operations = ground.load("minqing.sync.actions.operations")
    token = sessions.open_session(models.Account.objects.using("login").get(username=cast.CAST["香"].username), device="bench", origin="127.0.0.1", complete=True).token
    number, now = uuid.uuid4(), datetime.now(UTC)

    def pull(**asked: Any) -> tuple[dict[str, Any], bytes]:
        with scope.acting(token, purpose="bench", origin="bench") as me:
            answer = queries.pull(queries.Asked(**asked), device=devices.mine(number, me), by=me, at=now)
            return answer, packed(answer)[1]

    with scope.acting(token, purpose="bench", origin="bench") as me:
        devices.register(id=number, name="bench", public_key="", by=me, at=now)
    first, (answer, body) = timed(pull)
    homes, members = len(answer["rows"]), sum(len(r["data"].get("members", ())) for r in answer["rows"])
    print(f"first pull            {homes} households, {members} people   {first:7.1f} ms   {len(body) / 1000:6.1f} KB packed   (budget 300 ms, 130 KB)")
    known = {"cursor": answer["cursor"], "digest": answer["digest"]}
    idle, (rest, _body) = timed(lambda: pull(**known))
    print(f"idle pull             {idle:7.1f} ms   {len(packed(rest)[0])} bytes   (budget 200 bytes)")
    one = answer["rows"][0]
    ops = [{"id": str(uuid.uuid4()), "kind": "household.words", "target": r["id"], "at": now.isoformat(), "data": {"fields": {"wishes": {"from": r["data"].get("wishes", ""), "to": f"修路 {uuid.uuid4().hex[:4]}"}}}} for r in answer["rows"][:50]]
    begun = time.perf_counter()
    with scope.acting(token, purpose="bench", origin="bench") as me:
        results = operations.push(ops, device=devices.mine(number, me), clock=now, by=me, at=now)
    print(f"push of 50 operations {(time.perf_counter() - begun) * 1000:7.1f} ms   {sum(r['s'] == 'applied' for r in results)} applied")
    begun = time.perf_counter()
    with scope.acting(token, purpose="bench", origin="bench") as me:
        operations.push(ops, device=devices.mine(number, me), clock=now, by=me, at=now)
    print(f"the same push again   {(time.perf_counter() - begun) * 1000:7.1f} ms")
    delta, (rest, body) = timed(lambda: pull(**known))
    print(f"pull of those 50      {delta:7.1f} ms   {len(rest['rows'])} rows   {len(body) / 1000:6.1f} KB packed")
    assert one["id"] in {r["id"] for r in rest["rows"]}


if __name__ == "__main__":
    main()
