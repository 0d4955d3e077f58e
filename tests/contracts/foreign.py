"""Rows of other people, in every personal table, committed: what an attacker must not read.

Invariant: every text (clear or under its cipher) of these rows carries its grid's mark, every day its grid's day, so that any field
that comes back is recognised, whatever table it stood in. The models themselves say which columns there are: a new table or
column is filled (and attacked) without anybody thinking of it here.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from psycopg import sql
from psycopg.types.json import Jsonb

from minqing.archives import vault
from minqing.gateways import postgres
from tests.people import DOUTAN, NEXT_VILLAGE, PENGLI, TOKENS

OWN, QIANG, THIRD, NEXT, FAR = PENGLI + "001", PENGLI + "002", PENGLI + "003", NEXT_VILLAGE + "001", DOUTAN + "001"
GRIDS = (OWN, QIANG, THIRD, NEXT, FAR)
#: 兰's own row, and the foreign ones: another grid of her village, a third, the next village, another county.
MARKS = {OWN: "本格甲", QIANG: "邕嵓乙", THIRD: "邕嵓丙", NEXT: "邕嵓丁", FAR: "邕嵓戊"}
DAYS = {grid: date(1919, 9, 11 + n) for n, grid in enumerate(GRIDS)}
NUMBER = 1919
#: Left empty: a row that has ended, is void or dead would be hidden for another reason.
EMPTY = frozenset({"ends_on", "ended_at", "ended_by", "voided_at", "died_on", "dissolved_on", "undone_at", "undone_by", "undoes", "left_on",
                   "answered_at", "answered_by", "closed_at", "closed_by", "undo_until", "closed_on"})
#: Set by a county for itself, or who of the colleagues is on duty: read by those who work there.
NOT_ABOUT_PEOPLE = frozenset({"ContactDay", "Counter", "DaySeat", "DutyAbsence", "DutyDay", "DutyRota", "DutyShift", "DutySwap", "Feed", "Market", "Rhythm", "DispatchRule", "Knowledge", "Learnt", "Limit", "PhoneLine", "WorkCalendarDay", "CatalogueItem", "PolicyRule", "AgentCard", "CertificateItem", "Team", "Partner", "PartnerItem"})
STAFF_KEYS = ("staff", "by", "asked_by", "made_by")
#: What a field may only be, where the marker cannot stand.
GIVEN: dict[str, Any] = {"alive": True, "source": "01", "village": None, "state": None, "table": "resident", "kind": None}


def superuser() -> psycopg.Connection[Any]:
    """The administrator of the embedded server: makes the rows, looks at what attacks left behind."""
    return psycopg.connect(**(postgres.open_cluster(settings.HOME).superuser_dsn() | {"dbname": settings.DATABASE_NAME}), autocommit=True)


def personal_models() -> list[type[models.Model]]:
    """Every model of the outbox, the archives, the service and of gathering that holds rows about people."""
    return [m for app in ("notify", "archives", "service", "contact", "gather", "sync") for m in apps.get_app_config(app).get_models() if m.__name__ not in NOT_ABOUT_PEOPLE]


def value_of(f: models.Field[Any, Any], grid: str, ids: dict[str, uuid.UUID]) -> Any:
    """A recognisable value for one column."""
    name = f.column
    if f.primary_key and isinstance(f, models.UUIDField):
        return ids.setdefault(f.model._meta.db_table, uuid.uuid4())
    mark, day = MARKS[grid], DAYS[grid]
    if name in EMPTY and f.null:
        return None
    if name in ("grid_code", "area_code", "origin_code", "registered_area", "living_area", "place_code", "desk_code", "home_desk", "lead_desk"):
        return grid
    if name == "village":
        return grid[:12]
    if name in ids and isinstance(f, models.UUIDField | models.ForeignKey):
        return ids[name]
    if isinstance(f, ArrayField):
        return [ids["person_id"]] if name == "persons" else [ids["household_id"]] if name == "households" else []
    if isinstance(f, models.JSONField):
        return Jsonb({"note": mark})
    if GIVEN.get(name) is not None:
        return GIVEN[name]
    if getattr(f, "choices", None):
        return f.choices[0][0]
    if isinstance(f, models.BinaryField):
        column, row = f"{f.model._meta.db_table}.{name}", ids.get(f.model._meta.db_table)
        if name == "payload" and row:
            return vault.encrypt_json(column, row, {"row": {"name": mark}, "cleaned": {"name": mark}, "note": mark})
        if name in ("contact_cipher", "seeker_cipher", "giver_cipher") and row:
            return vault.encrypt_json(column, row, {"name": mark, "phone": "", "door": mark})
        if column in ("contact_finding.words_cipher", "contact_handover.remarks_cipher", "contact_handoveritem.words_cipher", "contact_course.file_cipher", "contact_opinion.said_cipher", "contact_opinion.answer_cipher", "contact_objection.said_cipher", "contact_objection.answer_cipher", "contact_attendance.name_cipher", "contact_meeting.minutes_cipher", "contact_meetingpaper.name_cipher", "contact_representative.name_cipher", "contact_transferplan.who_cipher", "contact_transfermark.words_cipher", "contact_transferevent.record_cipher", "contact_doorask.who_cipher") and row:
            return vault.encrypt_json(column, row, {"name": mark, "door": mark, "words": mark})
        if (name.endswith("_cipher") or name == "original") and row:
            return vault.encrypt(column, row, mark)
        return mark.encode()
    if isinstance(f, models.BooleanField):
        return bool(f.default) if isinstance(f.default, bool) else True
    if isinstance(f, models.DateTimeField):
        return datetime.combine(day, time(10 if name == "ends_at" else 9, 19), UTC)
    if isinstance(f, models.DateField):
        return day.replace(day=1) if name == "month" else day
    if isinstance(f, models.UUIDField | models.ForeignKey):
        return uuid.uuid4()
    if isinstance(f, models.IntegerField | models.FloatField | models.DecimalField):
        return NUMBER / 1000 if isinstance(f, models.DecimalField) and f.max_digits - f.decimal_places < 4 else NUMBER
    return mark[: f.max_length] if f.max_length else mark


@dataclass
class Rows:
    """What stands in the tables: ids by grid and by column name; `all_ids` of the rows that are not 兰's."""

    ids: dict[str, dict[str, uuid.UUID]] = field(default_factory=dict)
    before: dict[str, set[str]] = field(default_factory=dict)
    job: int = 0

    def foreign_ids(self, *own: str) -> set[str]:
        """Ids of rows of other grids; who works where is no secret among colleagues."""
        return {str(i) for grid, ids in self.ids.items() if grid not in own for key, i in ids.items() if key not in STAFF_KEYS}

    def person(self, grid: str) -> uuid.UUID:
        return self.ids[grid]["person_id"]

    def household(self, grid: str) -> uuid.UUID:
        return self.ids[grid]["household_id"]


def _insert(root: psycopg.Connection[Any], model: type[models.Model], values: dict[str, Any]) -> None:
    root.execute(
        sql.SQL("insert into public.{} ({}) values ({})").format(
            sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join([sql.Placeholder()] * len(values))),
        list(values.values()),
    )


def insert(root: psycopg.Connection[Any], model: type[models.Model], grid: str, ids: dict[str, uuid.UUID], **given: Any) -> dict[str, Any]:
    """One row of a model, every column filled; `given` overrides by column."""
    columns = [f for f in model._meta.local_concrete_fields if not isinstance(f, models.AutoField)]
    values = {f.column: given.get(f.column, value_of(f, grid, ids)) for f in columns}
    _insert(root, model, values)
    return values


#: What hangs on a village's wall or is known to whoever serves there: rows of a whole village or county, which name no resident. They are planted
#: where nobody of the cast serves; that the next village does not read them, tests/contact says.
OF_THE_VILLAGE = {"contact_shelter", "contact_dangerzone", "contact_transferevent", "contact_course", "contact_coursesession", "contact_countyinterval", "contact_mentoring"}


def far_of(grid: str) -> str:
    """Where the rows of OF_THE_VILLAGE that belong to this grid are planted: one place each, far away."""
    return FAR[:12] + str(900 + GRIDS.index(grid))


TABLES_BEFORE = ("access_area", "access_subject", "access_session", "access_auditentry", "procrastinate_jobs", "access_staff", "access_appointment", "access_account", "access_organisation", "access_secondfactor")


def _keys(root: psycopg.Connection[Any], table: str) -> set[str]:
    key = {"access_area": "code", "gather_statement": "id"}.get(table, "id")
    return {str(r[0]) for r in root.execute(sql.SQL("select {} from public.{}").format(sql.Identifier(key), sql.Identifier(table)))}


def _tables() -> list[str]:
    return [m._meta.db_table for m in personal_models()] + list(TABLES_BEFORE)


def fill() -> Rows:
    """Make the rows. Triggers are off meanwhile: history is one of the tables and gets its own row."""
    rows = Rows()
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        rows.before = {t: _keys(root, t) for t in _tables()}
        _areas(root)
        for grid in GRIDS:
            rows.ids[grid] = _file(root, grid)
        rows.job = root.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args, status) values ('default', 'minqing.gather.run', %s, 'doing') returning id",
            [Jsonb({"note": MARKS[FAR], "staff": str(_staff(root, "数")), "batch": str(rows.ids[FAR]["batch_id"])})],
        ).fetchone()[0]
        root.execute("insert into access_secondfactor (id, account_id, kind, secret, label, added_at) select gen_random_uuid(), id, 'totp', %s, %s, now() from access_account where username = 'qiang'",
                     [MARKS[QIANG].encode(), MARKS[QIANG]])
        root.execute("insert into access_auditentry (id, staff, appointments, session, area_code, what, persons, households, purpose, reason, origin, detail) values (gen_random_uuid(), %s, '{}', null, %s, %s, %s, '{}', %s, %s, %s, %s)",
                     [_staff(root, "强"), QIANG, "person.open", [rows.person(QIANG)], *[MARKS[QIANG]] * 3, Jsonb({"note": MARKS[QIANG]})])
        for grid in (OWN, QIANG):
            root.execute("insert into access_subject (id, account, person_id, household_id, starts_at) values (gen_random_uuid(), %s, %s, %s, now() - interval '1 day')",
                         [rows.ids[grid]["resident_account"], rows.person(grid), rows.household(grid)])
            root.execute("insert into access_session (id, token_digest, resident_account, opened_at, seen_at, expires_at, idle_seconds, complete, device, origin) values (gen_random_uuid(), %s, %s, now(), now(), now() + interval '1 hour', 3600, true, %s, %s)",
                         [hashlib.sha256(f"resident-{grid}".encode()).digest(), rows.ids[grid]["resident_account"], MARKS[grid], MARKS[grid]])
    return rows


def _areas(root: psycopg.Connection[Any]) -> None:
    for code in (*GRIDS, OWN + "01"):
        root.execute("insert into access_area (code, parent_id, level, official_name, short_name, stem, kind, covers) values (%s, %s, %s, %s, %s, '', 'grid', '') on conflict do nothing",
                     [code, code[:12] if len(code) == 15 else code[:15], "grid" if len(code) == 15 else "micro", code, code])


def _staff(root: psycopg.Connection[Any], name: str) -> uuid.UUID:
    return root.execute("select id from access_staff where name like %s order by number limit 1", [f"%{name}"]).fetchone()[0]


def _file(root: psycopg.Connection[Any], grid: str) -> dict[str, uuid.UUID]:
    """One row of every personal model in this grid, all of one person, one household, one dwelling, one batch."""
    ids = {key: uuid.uuid4() for key in ("person_id", "household_id", "dwelling_id", "batch_id", "file_id", "question_id", "statement", "act", "matter_id", "resident_account", "relative_id", "plot_id", "visit_id", "door_id")}
    ids |= {"contact_visit": ids["visit_id"], "contact_door": ids["door_id"], "archives_resident": ids["person_id"], "archives_household": ids["household_id"], "archives_dwelling": ids["dwelling_id"], "archives_plot": ids["plot_id"], "gather_batch": ids["batch_id"],
            "gather_batchfile": ids["file_id"], "service_matter": ids["matter_id"], "gather_question": ids["question_id"], "gather_statement": ids["statement"], "archives_act": ids["act"],
            "head_id": ids["person_id"], "owner_id": ids["person_id"], "row_id": ids["person_id"], "right_person": ids["person_id"]}
    for staff in STAFF_KEYS:
        ids[staff] = _staff(root, "强")
    meeting, item, decision = (ids.setdefault(f"contact_{t}", uuid.uuid4()) for t in ("meeting", "agendaitem", "resolution"))
    shelter, zone, plan, event, line = (ids.setdefault(f"contact_{t}", uuid.uuid4()) for t in ("shelter", "dangerzone", "transferplan", "transferevent", "transferline"))
    moved: dict[str, dict[str, Any]] = {
        "contact_meeting": {"ends_at": datetime.combine(DAYS[grid], time(11, 19), UTC)}, "contact_representative": {"ends_on": DAYS[grid] + timedelta(days=9)},
        **{f"contact_{t}": {"meeting_id": meeting} for t in ("agendaitem", "meetingstep", "attendance", "publication", "objection")}, **{f"contact_{t}": {"meeting_id": meeting, "item_id": item} for t in ("opinion", "meetingpaper", "resolution")},
        "contact_votecount": {"item_id": item, "turn": 1}, "contact_resolutionnote": {"resolution_id": decision, "meeting_id": meeting},
        "contact_shelter": {"capacity": 5, "name": "避灾点", "place": "村里", "keeper_name": "值班"}, "contact_dangerzone": {"name": "危险区", "note": ""}, "contact_transferevent": {"reason": "雨"},  # of the whole village
        "contact_countyinterval": {"days": 30}, "contact_transferplan": {"zone_id": zone, "shelter_id": shelter, "event_id": None}, "contact_transferneed": {"plan_id": plan},
        "contact_transferline": {"event_id": event, "plan_id": plan, "zone_id": zone, "shelter_id": shelter, "where_id": shelter}, "contact_transfermark": {"line_id": line, "shelter_id": shelter},
    }
    ordered = sorted(personal_models(), key=lambda m: ["gather_batch", "gather_question"].index(m._meta.db_table) if m._meta.db_table in ("gather_batch", "gather_question") else 9)
    for model in ordered:
        given: dict[str, Any] = moved.get(model._meta.db_table, {})
        if model._meta.db_table == "gather_batch":
            given = {"state": "running", "area_code": grid[:12]}
        if model._meta.db_table == "gather_statement":
            given = {"kind": "residents"}
        if model._meta.db_table == "service_seat":
            given = {"role": "home", "staff": None, "ends_at": None}
        if model._meta.db_table == "service_errand":
            given = {"agent_state": "accepted"}
        if model._meta.db_table == "service_offer":
            given = {"state": "found", "sensitive": False}
        if model._meta.db_table == "service_call":
            given = {"score": None, "file_at": None, "tries": 0}
        if model._meta.db_table == "service_dutyshift":
            given = {"ends_at": datetime.combine(DAYS[grid], time(19, 19), UTC)}
        if model._meta.db_table == "service_orderrow":
            given = {"state": "waiting"}
        if model._meta.db_table == "service_parcel":
            given = {"state": "received", "direction": "in", "partner_id": uuid.uuid4()}
        if model._meta.db_table == "service_ticket":
            given = {"state": "called", "outcome": "", "ended_at": None}
        if model._meta.db_table == "service_countersitting":
            given = {"staff": uuid.uuid4()}  # one open sitting a person
        if model._meta.db_table == "service_certificate":
            given = {"item": "member", "state": "issued", "barred": [], "decided_by": None}
        if model._meta.db_table in ("service_offer", "service_offerreason", "service_benefit"):
            given = {"rule": "turns_60", "reason": Jsonb([{"field": "name", "value": MARKS[grid], "from": "01", "on": str(DAYS[grid])}])}
        if model._meta.db_table in ("service_teamshift", "service_activity"):
            given = {"ends_at": datetime.combine(DAYS[grid], time(19, 19), UTC)}
        if model._meta.db_table == "service_shiftswap":
            given = {"done_at": None, "refused_at": None}
        if model._meta.db_table == "service_introduction":
            given = {"seeker_born": date(1880, 1, 1), "giver_born": date(1880, 1, 1), "erase_on": DAYS[grid] + timedelta(days=90)}
        if model._meta.db_table == "contact_analysis":
            given = {"month": DAYS[grid].replace(day=1), "signed_at": None}
        if model._meta.db_table == "contact_coursesession":
            given = {"ends_at": datetime.combine(DAYS[grid], time(19, 19), UTC)}
        if model._meta.db_table == "contact_courseseat" and grid != QIANG:  # who came is his own and his organiser's, wherever the course was
            given = {"staff": uuid.uuid4(), "made_by": uuid.uuid4()}
        if model._meta.db_table == "service_pairing":
            given = {"services": ["errand"]}
        if model._meta.db_table == "service_care":
            given = {"held_on": None}
        if model._meta.db_table == "service_hourline":
            given = {"minutes": 60}
        if model._meta.db_table == "contact_doorask":
            given = {"answer": ""}
        if model._meta.db_table == "service_party":
            given = {"role": "requester", "staff": None, "account": None, "hidden": False}
        if model._meta.app_label == "sync" and grid != QIANG:  # a phone's rows are its owner's, wherever its households are
            given = {"staff": uuid.uuid4()}
        if model._meta.db_table in ("contact_handover", "contact_mentoring") and grid != QIANG:  # read by the two whose it is as well
            given = {name: uuid.uuid4() for name in ("giver", "taker", "mentor", "newcomer", "made_by")}
        if model._meta.db_table in OF_THE_VILLAGE:
            given = {**given, "area_code": far_of(grid)}
        insert(root, model, grid, ids, **given)
    return ids


def empty(rows: Rows) -> None:
    """Remove whatever was not there before, attacks' traces included."""
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in _tables():
            key = "code" if table == "access_area" else "id"
            root.execute(sql.SQL("delete from public.{} where {}::text <> all (%s)").format(sql.Identifier(table), sql.Identifier(key)), [list(rows.before[table])])
        root.execute("delete from access.job_request")


def fingerprint(rows: Rows, *own: str) -> str:
    """Digest of every foreign row of the archives and of gathering: equal before and after = nothing was written."""
    digest = hashlib.sha256()
    with superuser() as root:
        for model in personal_models():
            table = model._meta.db_table
            code = next((c for c in ("grid_code", "area_code") if c in {f.column for f in model._meta.local_concrete_fields}), None)
            wanted = [str(i) for grid, ids in rows.ids.items() if grid not in own for i in ids.values()]
            where = sql.SQL("{c} = any (%s)").format(c=sql.Identifier(code)) if code else sql.SQL("to_jsonb(t)::text ~ any (%s)")
            known = [g for g in (*GRIDS, NEXT_VILLAGE, DOUTAN) if g not in own] if code else wanted
            for (line,) in root.execute(sql.SQL("select to_jsonb(t)::text from public.{} t where {} order by 1").format(sql.Identifier(table), where), [known]):
                digest.update(line.encode())
    return digest.hexdigest()


class Prober:
    """Somebody with a role's own password and free SQL. Remembers what was said and everything that was heard."""

    def __init__(self, role: str = "app", **options: Any) -> None:
        database = settings.DATABASES[{v: k for k, v in settings.ALIASES.items()}[role]]
        self.connection = psycopg.connect(host=database["HOST"], port=database["PORT"], user=database["USER"], password=database["PASSWORD"],
                                          dbname=database["NAME"], autocommit=True, **options)
        self.said: list[str] = []
        self.heard: list[str] = []
        self.connection.add_notice_handler(lambda d: self.heard.append(str(d.message_primary) + str(d.message_detail)))

    def __enter__(self) -> Prober:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def __call__(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]] | psycopg.Error:
        """Execute; rows or the error, both remembered. A failed transaction is ended, so that the next statement runs."""
        self.said.append(statement + repr(parameters))
        try:
            cursor = self.connection.execute(statement.encode(), parameters or None, prepare=False)
            rows = cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            diagnosis = error.diag
            self.heard.append(" ".join(str(x) for x in (error, diagnosis.message_detail, diagnosis.message_hint, diagnosis.context, diagnosis.internal_query)))
            return error
        self.heard.extend(json.dumps([_plain(v) for v in row], ensure_ascii=False) for row in rows)
        return rows

    def message(self, text: str) -> list[Any]:
        """Several statements in one simple-query message."""
        self.said.append(text)
        result = self.connection.pgconn.exec_(text.encode())
        values = [result.get_value(r, c) for r in range(result.ntuples) for c in range(result.nfields)]
        self.heard.append(result.error_message.decode("utf-8", "replace") if hasattr(result, "error_message") and result.error_message else "")
        self.heard.extend(v.decode("utf-8", "replace") for v in values if v is not None)
        if self.connection.pgconn.transaction_status != 0:
            self.connection.pgconn.exec_(b"rollback")
        return values

    def enter(self, name: str, purpose: str = "test") -> None:
        assert isinstance(self("select access.enter(%s, %s, 'test')", TOKENS[name], purpose), list)

    def begin(self, name: str | None = None, purpose: str = "test") -> Prober:
        self("rollback") if self.connection.info.transaction_status else None
        self("begin")
        if name:
            self.enter(name, purpose)
        return self

    def leaked(self, rows: Rows, *own: str) -> list[str]:
        """Marks and days of foreign rows in anything that was heard, and foreign ids that the prober had not said himself."""
        said = "\n".join(self.said)
        marks = [m for grid in GRIDS if grid not in own for m in (MARKS[grid], MARKS[grid].encode().hex(), str(DAYS[grid])) if m not in said]
        if set(own) <= {OWN}:  # short columns hold the first characters only
            marks += [m for m in ("邕嵓", "邕", "邕嵓".encode().hex()) if m not in said]
        marks += [i for i in rows.foreign_ids(*own) if i not in said]
        return [f"{m}: {text[:300]}" for text in self.heard for m in marks if m in text]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.loads(json.dumps(value, default=str))
    return str(value)
