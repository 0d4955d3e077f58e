"""Placements, residents, identities, search keys."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from minqing.archives import vault
from minqing.archives.rules import keys
from minqing.gather.engine import store
from minqing.gather.loading import stage

TEXT_FIELDS = (
    "name", "former_name", "sex", "ethnicity", "hometown", "registered_area", "registered_address", "living_area", "living_address", "emergency_name",
    "marriage", "education", "school", "political", "employment", "workplace", "pension_status", "pension_benefit", "medical_kind", "medical_status",
    "medical_year", "left_to",
)
LIMITS = {"name": 50, "former_name": 50, "sex": 1, "ethnicity": 2, "hometown": 60, "registered_address": 200, "living_address": 200, "emergency_name": 50, "marriage": 2,
          "education": 2, "school": 80, "political": 2, "employment": 2, "workplace": 80, "pension_status": 20, "pension_benefit": 20, "medical_kind": 20, "medical_status": 20,
          "medical_year": 4, "left_to": 120}
PLAIN_COLUMNS = ("birth_date", "alive", "died_on", "left_on")

# Where a person is seen: the grid of his household, the grid he lives in, or grid 000 of the village that names him.
# A former member stays visible there as 'member', so that a file keeps its history.
_PLACES = """
create or replace table person_place as
with homes as (
  select p.person_key, h.grid_code, case when m.current then 'registered' else 'member' end as why
  from person p join membership m on m.person_key = p.person_key join household h on h.household_key = m.household_key),
lodging as (
  select o.person_key, first(d.grid_code order by o.statement_no) as grid_code, first(d.village order by o.statement_no) as village
  from occupancy o join dwelling d using (dwelling_key) where o.kind in ('tenant', 'family') group by 1),
living as (
  select p.person_key, case when l.village = p.living_area then l.grid_code else p.living_area || '000' end as grid_code, 'living' as why
  from person p left join lodging l using (person_key)
  where p.living_area is not null and p.alive and (p.registered_area is null or p.living_area <> p.registered_area or p.household_key is null)),
named as (
  select person_key, registered_area || '000' as grid_code, 'registered' as why from person
  where registered_area is not null and household_key is null and alive and person_key not in (select person_key from homes)),
found as (select * from homes union select * from living union select * from named),
rest as (
  select person_key, coalesce(grid_code, registered_area || '000', living_area || '000') as grid_code, 'member' as why from person
  where person_key not in (select f.person_key from found f join open_grid g using (grid_code)))
select distinct f.person_key, g.grid_code, f.why from (select * from found union all select * from rest) f join open_grid g on g.grid_code = f.grid_code
order by f.person_key, g.grid_code, f.why
"""


def places(work: store.Workspace) -> None:
    """`person_place`: who is seen where. `open_grid` holds the grids of the scope; an unknown grid falls back to 000 before."""
    work.sql.execute(_PLACES)


def _tail(number: str) -> str:
    return number[:4] + number[-2:] if len(number) >= 8 else ""


def load(work: store.Workspace, batch: uuid.UUID, today: date, progress: Callable[[int], None]) -> dict[str, int]:
    """All persons of `person` of whom something is said, in slices. Returns {"new", "changed", "same"}."""
    counts = {"new": 0, "changed": 0, "same": 0}
    columns = ", ".join(f"p.{f}" for f in (*TEXT_FIELDS, *PLAIN_COLUMNS))
    query = f"""
      select i.id, i.how, p.id_number, p.id_kind, p.phone, p.emergency_phone, p.living_outside, p.registered_outside,
             json_merge_patch(regexp_replace(p.sources_json, '"line":', '"batch":"{batch}","line":', 'g'), '{{"_":{{"batch":"{batch}"}}}}') as sources, {columns},
             (select list(struct_pack(grid := q.grid_code, why := q.why)) from person_place q where q.person_key = p.person_key) as places
      from person p join person_id i using (person_key)
      where exists (select 1 from person_place q where q.person_key = p.person_key) and p.person_key in (select person_key from person_active) order by p.person_key"""  # noqa: S608 - own names

    def prepared(rows: list[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
        return rows, [_prepare(row, None) for row in rows if row[1] == "new"]  # of the others the envelopes are read first

    for number, (rows, fresh) in enumerate(stage.ahead(stage.slices(work.sql, query), prepared)):
        _slice(batch, number, rows, fresh, today, counts)
        progress(len(rows))
    return counts


def _slice(batch: uuid.UUID, number: int, rows: list[tuple[Any, ...]], fresh: list[dict[str, Any]], today: date, counts: dict[str, int]) -> None:
    with stage.entered(batch) as cursor:
        known = [row for row in rows if row[1] != "new"]
        held = _held(cursor, [row[0] for row in known])
        prepared = [*fresh, *(_prepare(row, held.get(row[0])) for row in known)]
        stage.copy(cursor, "stage_place", (("person_id", "uuid"), ("grid_code", "text"), ("why", "text"), ("name_key", "text")),
                   ((p["id"], place["grid"], place["why"], p["name_key"]) for p in prepared for place in p["places"]))
        cursor.execute(
            "insert into archives_placement (id, person_id, grid_code, why, starts_on, name_key)"
            " select gen_random_uuid(), s.person_id, s.grid_code, s.why, %s, s.name_key from stage_place s"
            " on conflict (person_id, grid_code, why) where ends_on is null do nothing returning person_id", [today])
        placed = {row[0] for row in cursor.fetchall()}
        stage.measure(cursor, number, len(placed), "placement")
        columns = [*COLUMNS]
        stage.copy(cursor, "stage_person", [(c, t) for c, t in columns], ([p[c] for c, _ in columns] for p in prepared))
        changed = [c for c, _ in columns if c not in ("id", "sources", "version", "created_at", "updated_at", "id_kind")]
        added, altered = stage.write(cursor, "archives_resident", [c for c, _ in columns], "stage_person", changed=changed)
        counts["new"] += len(added)
        counts["changed"] += len(altered)
        counts["same"] += len(rows) - len(added) - len(altered)
        # who is the same in the same places has his digests and keys already
        touched = placed.union(added, altered)
        fresh = [p for p in prepared if p["id"] in touched]
        _identities(cursor, fresh)
        _search(cursor, fresh)
        stage.measure(cursor, number, len(added), "resident", "identity", "searchkey")


COLUMNS: tuple[tuple[str, str], ...] = (
    ("id", "uuid"), ("sources", "jsonb"), ("version", "integer"), ("created_at", "timestamptz"), ("updated_at", "timestamptz"),
    *((f, "text") for f in TEXT_FIELDS), ("birth_date", "date"), ("alive", "boolean"), ("died_on", "date"), ("left_on", "date"),
    ("id_kind", "text"), ("id_cipher", "bytea"), ("id_tail", "text"), ("phone_cipher", "bytea"), ("phone_tail", "text"), ("emergency_cipher", "bytea"),
    ("living_elsewhere", "text"), ("residence_match", "text"), ("name_key", "text"), ("no_messages", "boolean"),
    *((f, "text") for f in ("birth_precision", "registration_kind", "party_branch", "party_post")),
)


def _held(cursor: Any, ids: list[str]) -> dict[str, tuple[bytes | None, bytes | None, bytes | None, Any]]:
    """Ciphers of people already there: the same clear value keeps its envelope, so that an unchanged row stays unchanged."""
    cursor.execute("select id::text, id_cipher, phone_cipher, emergency_cipher, no_messages, birth_precision, registration_kind, party_branch, party_post"
                   " from archives_resident where id = any(%s::uuid[])", [ids])
    return {row[0]: row[1:] for row in cursor.fetchall()}


def _envelope(column: str, person: uuid.UUID, value: str | None, held: bytes | None) -> bytes | None:
    name = f"archives_resident.{column}"
    if not value:
        return bytes(held) if held else None
    if held and vault.decrypt(name, person, held) == value:
        return bytes(held)
    return vault.encrypt(name, person, value)


def _prepare(row: tuple[Any, ...], held: tuple[Any, ...] | None) -> dict[str, Any]:
    """One resident's columns from the assembled row. Ciphers and pinyin are the only work done in Python."""
    person_id, _, number, id_kind, phone, emergency, living_outside, _, sources = row[:9]
    values = dict(zip((*TEXT_FIELDS, *PLAIN_COLUMNS), row[9:9 + len(TEXT_FIELDS) + len(PLAIN_COLUMNS)], strict=True))
    person = uuid.UUID(person_id)
    held = held or (None, None, None, False, "day", "", "", "")
    registered, living = values["registered_area"] or "", values["living_area"] or ""
    result: dict[str, Any] = {f: (values[f] or "")[:LIMITS.get(f, 200)] for f in TEXT_FIELDS}
    result["sex"] = result["sex"] or "0"
    result |= {c: values[c] for c in PLAIN_COLUMNS}
    number = number if not str(number or "").startswith("u:") else ""
    result |= {
        "id": person, "sources": sources, "version": 1, "created_at": "now", "updated_at": "now", "places": row[-1], "number": number, "phone": phone,
        "id_kind": id_kind or "111", "id_cipher": _envelope("id_cipher", person, number, held[0]), "id_tail": _tail(number or ""),
        "phone_cipher": _envelope("phone_cipher", person, phone, held[1]), "phone_tail": (phone or "")[-4:],
        "emergency_cipher": _envelope("emergency_cipher", person, emergency, held[2]),
        "living_elsewhere": (values["living_address"] or "外地")[:60] if living_outside else "",
        "residence_match": "" if not registered or not (living or living_outside) else "01" if living == registered and not living_outside else "02",
        "name_key": keys.name_key(result["name"]), "no_messages": bool(held[3]) or not values["alive"],
        "birth_precision": held[4], "registration_kind": held[5], "party_branch": held[6], "party_post": held[7],
    }
    return result


def _identities(cursor: Any, prepared: list[dict[str, Any]]) -> None:
    number, _ = vault.ring().current("digest")
    digester = vault.ring().digester()
    stage.copy(cursor, "stage_identity", (("person_id", "uuid"), ("digest", "bytea"), ("key_no", "smallint")),
               ((p["id"], digester.digest(vault.IDENTITY, p["number"]), number) for p in prepared if p["number"]))
    cursor.execute("insert into archives_identity (person_id, digest, key_no) select person_id, digest, key_no from stage_identity on conflict (key_no, digest) do nothing")


def _search_rows(prepared: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    digester = vault.ring().digester()
    for p in prepared:
        found = [("n", key) for key in keys.of_name(p["name"])]
        if p["former_name"]:
            found += [("n", key) for key in keys.of_name(p["former_name"])]
        if p["number"]:
            found.append(("i", keys.secret("i", digester.digest(vault.IDENTITY, p["number"]))))
        if p["phone"]:
            found.append(("p", keys.secret("p", digester.digest(vault.PHONE, p["phone"]))))
        for kind, key in dict.fromkeys(found):
            for grid in sorted({place["grid"] for place in p["places"]}):
                yield key, grid[:12], grid, kind, p["id"]


def _search(cursor: Any, prepared: list[dict[str, Any]]) -> None:
    """Keys written anew only where they differ from what stands."""
    stage.copy(cursor, "stage_key", (("key", "text"), ("village", "text"), ("grid_code", "text"), ("kind", "text"), ("person_id", "uuid")), _search_rows(prepared))
    cursor.execute("delete from archives_searchkey k using (select distinct person_id, grid_code from stage_key) s where k.person_id = s.person_id and k.grid_code = s.grid_code"
                   " and not exists (select from stage_key n where n.person_id = k.person_id and n.grid_code = k.grid_code and n.kind = k.kind and n.key = k.key)")
    cursor.execute("insert into archives_searchkey (key, village, grid_code, kind, person_id, household_id)"
                   " select s.key, s.village, s.grid_code, s.kind, s.person_id, null from stage_key s where not exists"
                   " (select from archives_searchkey k where k.person_id = s.person_id and k.grid_code = s.grid_code and k.kind = s.kind and k.key = s.key) order by s.village, s.key")
