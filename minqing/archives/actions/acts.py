"""One act = one sentence = one transaction's changes; it can be taken back for ten minutes.

Invariants: every change made inside `acting` carries the act's id (the history triggers read the transaction-local
setting `minqing.act`); undo touches a field only while it still holds the value the act gave it; what definer functions
moved, definer functions move back; an undo is an act itself and is not undone.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Staff
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives.actions import derived, search
from minqing.archives.models import Act, Change, Kinship, Membership
from minqing.archives.refusals import NotHere, Refused

UNDO_WINDOW = timedelta(minutes=10)
#: Kept by the program itself; never a reason to refuse an undo.
BOOKKEEPING = frozenset({"updated_at", "version", "members_count", "home_count", "name_key", "sources", "sort_key", "created_at"})
TABLES = ("resident", "household", "membership", "dwelling", "occupancy", "kinship", "placement", "health", "disability", "relief", "proposal", "plot")
TABLE_LABELS = {name: str(apps.get_model("archives", name)._meta.verbose_name) for name in TABLES}
_running: ContextVar[Act | None] = ContextVar("act", default=None)
#: Kind of act → what else goes back with it, registered by the area above that owns it (a judgement, say).
_also_undone: dict[str, Callable[[Act, Me, datetime], None]] = {}


def also_undo(kind: str, take_back: Callable[[Act, Me, datetime], None]) -> None:
    """Register what belongs to an undo of this kind of act beyond the archives' own tables; called in the same transaction."""
    _also_undone[kind] = take_back


@contextlib.contextmanager
def acting(
    kind: str, sentence: str, *, by: Me, at: datetime, grid: str = "", persons: Iterable[uuid.UUID] = (), households: Iterable[uuid.UUID] = (),
    url: str = "", undoable: bool = True, undoes: uuid.UUID | None = None,
) -> Iterator[Act]:
    """Group the changes made inside under one sentence and record one audit entry. Inside another act it joins that one."""
    outer = _running.get()
    if outer is not None:
        yield outer
        return
    with transaction.atomic():
        act = Act.objects.create(
            at=at, staff=by.id, grid_code=grid, kind=kind, sentence=sentence[:200], persons=list(persons), households=list(households), url=url[:120],
            undo_until=at + UNDO_WINDOW if undoable else None, undoes=undoes,
        )
        _mark(act.id)
        token = _running.set(act)
        try:
            yield act
        finally:
            _running.reset(token)
        # after an error this is not reached: the savepoint's end takes the setting back, and a broken one takes no statement
        _mark(None)
        audit.record(kind, persons=act.persons, households=act.households, detail={"act": str(act.id)})


def _mark(act: uuid.UUID | None) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("select set_config('minqing.act', %s, true)", [str(act or "")])


def involve(act: Act, *, persons: Iterable[uuid.UUID] = (), households: Iterable[uuid.UUID] = (), url: str = "") -> None:
    """Name further persons and households of an act while it runs (ids that the act itself made)."""
    act.persons = list(dict.fromkeys([*act.persons, *persons]))
    act.households = list(dict.fromkeys([*act.households, *households]))
    act.url = url[:120] or act.url
    act.save(update_fields=["persons", "households", "url"])


def done_by(*, by: Me, since: datetime, limit: int = 50) -> list[Act]:
    """What this person did, newest first: "what I did today"."""
    return list(Act.objects.filter(staff=by.id, at__gte=since).order_by("-at")[:limit])


def may_undo(act: Act, at: datetime) -> bool:
    """Whether the ten minutes still run and nobody took it back yet."""
    return act.undo_until is not None and act.undone_at is None and at <= act.undo_until


def undo(*, act: Act | uuid.UUID, by: Me, at: datetime, late: bool = False) -> Act:
    """Take back all changes of an act of one's own, in reverse order. Raises Refused naming the later change that forbids it.

    `late`: a judgement may be taken back at any time and by a colleague; the caller has checked his right.
    """
    number = act.pk if isinstance(act, Act) else act
    with transaction.atomic():
        rows = Act.objects.filter(pk=number)
        # a colleague's act can be read but not locked or marked (policy own_change): the undo that names it is its mark
        found = (rows if late and not rows.filter(staff=by.id).exists() else rows.select_for_update()).first()
        if found is None or (found.staff != by.id and not late):
            raise NotHere(_("没有这条办理记录，或不是您办理的。"))
        if found.undone_at or Act.objects.filter(undoes=found.pk).exists():
            raise Refused(_("“%(what)s”已经撤销过了。") % {"what": found.sentence})
        if not late and not may_undo(found, at):
            why = _("已过十分钟") if found.undo_until else _("这件事在别处也有效果，不能直接撤销")
            raise Refused(_("“%(what)s”不能撤销：%(why)s。请用更正或反向办理。") % {"what": found.sentence, "why": why})
        with acting("undo", lasting("撤销：%s") % found.sentence, by=by, at=at, grid=found.grid_code, persons=found.persons, households=found.households, undoable=False, undoes=found.pk) as made:
            _take_back(found, at)
            if found.kind in _also_undone:
                _also_undone[found.kind](found, by, at)
        if found.staff == by.id:
            found.undone_at = at
            found.save(update_fields=["undone_at"])
        return made


def _take_back(act: Act, at: datetime) -> None:
    changes = list(Change.objects.filter(act=act.pk).order_by("-id"))
    moved = _households_moved_back(changes, timezone.localdate(at))
    made = {c.row_id for c in changes if c.table == "resident" and c.before is None}
    for change in changes:
        if change.table == "placement":
            if not moved and change.person_id not in made:
                _placement_back(change, timezone.localdate(at))
        elif change.before is None:
            _insert_back(change, at)
        else:
            # a moved household took its rows along: their grid went back with it
            _update_back(change, drop={"grid_code"} if moved else set())
    _refresh(changes)


def _households_moved_back(changes: list[Change], on: date) -> set[uuid.UUID]:
    """Households whose grid the act changed go back through the same door, with members' placements and dwelling."""
    moved = {c.row_id: c.before["grid_code"] for c in changes if c.table == "household" and c.before and "grid_code" in c.before}
    with connections["default"].cursor() as cursor:
        for household, grid in moved.items():
            cursor.execute("select access.move_household(%s, %s, %s)", [household, grid, on])
    return set(moved)


def _placement_back(change: Change, on: date) -> None:
    row = _current("placement", change.row_id)
    with connections["default"].cursor() as cursor:
        if change.before is None and row and row["ends_on"] is None:
            cursor.execute("select access.unplace(%s, %s, %s, %s)", [change.person_id, row["grid_code"], row["why"], on])
        elif change.before is not None and "ends_on" in change.before and row:
            cursor.execute("select access.place(%s, %s, %s, %s)", [change.person_id, row["grid_code"], row["why"], row["starts_on"]])


def _insert_back(change: Change, at: datetime) -> None:
    if change.table == "resident":
        _refuse_if_tied(change.row_id)
        with connections["default"].cursor() as cursor:
            cursor.execute("select access.forget_person(%s)", [change.row_id])
        return
    if change.table == "household" and Membership.objects.filter(household=change.row_id, ends_on=None, voided_at=None).exists():
        raise Refused(_("不能撤销：这一户后来又加了成员，请先把成员移出。"))
    row = _current(change.table, change.row_id)
    if row is None:
        raise Refused(_("不能撤销：相关的“%s”已不在您的范围内。") % TABLE_LABELS[change.table])
    if change.table != "household":
        _refuse_if_changed(change, row, {k: v for k, v in (change.after or {}).items() if k != "voided_at"})
    apps.get_model("archives", change.table)._default_manager.filter(pk=change.row_id).update(voided_at=at)


def _refuse_if_tied(person: uuid.UUID) -> None:
    """A person who has been tied to others since is not made to vanish."""
    if Membership.objects.filter(person=person, ends_on=None, voided_at=None).exists():
        raise Refused(_("不能撤销：此人后来已加入一户，请先撤销那次办理。"))
    if Kinship.objects.filter(person=person, voided_at=None).exists() or Kinship.objects.filter(relative=person, voided_at=None).exists():
        raise Refused(_("不能撤销：此人后来已登记亲属关系，请先撤销那次办理。"))


def _update_back(change: Change, drop: set[str]) -> None:
    before = {k: v for k, v in (change.before or {}).items() if k not in drop and k not in ("updated_at", "version")}
    if not set(before) - {"sources"}:
        return
    row = _current(change.table, change.row_id)
    if row is None:
        raise Refused(_("不能撤销：相关的“%s”已不在您的范围内。") % TABLE_LABELS[change.table])
    _refuse_if_changed(change, row, {k: v for k, v in (change.after or {}).items() if k in before})
    if "sources" in before:
        before["sources"] = _sources_back(change, row["sources"])
    before["version"] = row["version"] + 1 if "version" in row else None
    _write(change.table, change.row_id, {k: v for k, v in before.items() if k in row})


def _sources_back(change: Change, now: dict[str, Any]) -> dict[str, Any]:
    """Only the fields whose source the act changed get their old source back."""
    old, new = (change.before or {})["sources"], (change.after or {})["sources"]
    result = dict(now)
    for field in {*old, *new}:
        if old.get(field) != new.get(field):
            result.pop(field, None)
            if field in old:
                result[field] = old[field]
    return result


def fields_back(act: uuid.UUID, person: uuid.UUID) -> None:
    """Give a person's fields what they held before this act, whenever it was, except those that somebody changed since."""
    for change in Change.objects.filter(act=act, table="resident", row_id=person, before__isnull=False).order_by("-id"):
        row = _current("resident", person)
        if row is None:
            return
        back = {k: v for k, v in (change.before or {}).items() if k not in ("updated_at", "version", "sources", "voided_at") and row.get(k) == (change.after or {}).get(k)}
        if "sources" in (change.before or {}):
            back["sources"] = _sources_back(change, row["sources"])
        if back:
            _write("resident", person, back | {"version": row["version"] + 1})


def _refuse_if_changed(change: Change, row: dict[str, Any], expected: dict[str, Any]) -> None:
    differing = [k for k, v in expected.items() if k not in BOOKKEEPING and row.get(k) != v]
    if not differing:
        return
    later = next((c for c in Change.objects.filter(row_id=change.row_id, table=change.table, id__gt=change.pk).exclude(act=change.act).order_by("-id")
                  if set(differing) & set(c.after or {})), None)
    who = Staff.objects.filter(pk=later.staff).first() if later else None
    raise Refused(_("不能撤销：%(table)s的“%(field)s”后来又被%(who)s%(when)s改过。请直接改成您要的值。") % {
        "table": TABLE_LABELS[change.table], "field": "、".join(field_label(change.table, k) for k in differing),
        "who": who.name if who else _("别人"), "when": f"{timezone.localtime(later.at):%H:%M}" if later else "",
    })


def later_changes(table: str, row: uuid.UUID, limit: int = 30) -> list[Change]:
    """The last changes of a row, newest first."""
    return list(Change.objects.filter(row_id=row, table=table).order_by("-id")[:limit])


def name_of(staff: uuid.UUID | None) -> str:
    """A colleague's name, '' for nobody."""
    return (Staff.objects.filter(pk=staff).values_list("name", flat=True).first() or "") if staff else ""


def field_label(table: str, column: str) -> str:
    """The Chinese name of a column of an archives table."""
    model = apps.get_model("archives", table)
    for field in model._meta.concrete_fields:
        if field.column == column:
            return str(field.verbose_name)
    return column


def choices_of(table: str, column: str) -> dict[str, str]:
    """Labels of a column's choices, {} where it has none."""
    for field in apps.get_model("archives", table)._meta.concrete_fields:
        if field.column == column:
            return {str(k): str(v) for k, v in field.flatchoices}
    return {}


def _current(table: str, row: uuid.UUID) -> dict[str, Any] | None:
    """The row as the history triggers write rows (JSON), None where it is not visible."""
    name = apps.get_model("archives", table)._meta.db_table
    with connections["default"].cursor() as cursor:
        cursor.execute(f'select to_jsonb(t)::text from "{name}" t where id = %s', [row])  # noqa: S608 - a table of the model registry
        found = cursor.fetchone()
    return json.loads(found[0]) if found else None


def _write(table: str, row: uuid.UUID, values: dict[str, Any]) -> None:
    """Set columns to values in the triggers' JSON form; column names come from the model, so nothing typed reaches the statement."""
    model = apps.get_model("archives", table)
    columns = [f.column for f in model._meta.concrete_fields if f.column in values]
    names = ", ".join(f'"{c}"' for c in columns)
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f'update "{model._meta.db_table}" set ({names}) = (select {names} from jsonb_populate_record(null::"{model._meta.db_table}", %s::jsonb)) where id = %s',  # noqa: S608
            [json.dumps({c: values[c] for c in columns}, ensure_ascii=False), row],
        )


def _refresh(changes: list[Change]) -> None:
    """What is derived is derived again: counts of the households and search keys of the rows touched."""
    households = {c.row_id for c in changes if c.table == "household"}
    for change in changes:
        if change.table == "membership":
            side = change.after if change.before is None else _current("membership", change.row_id)
            if side and side.get("household_id"):
                households.add(uuid.UUID(str(side["household_id"])))
    derived.recount(households)
    for person in {c.row_id for c in changes if c.table == "resident" and c.before is not None}:
        search.rekey_person(person)
    for household in {c.row_id for c in changes if c.table == "household"}:
        search.rekey_household(household)
    for plot in {c.row_id for c in changes if c.table == "plot"}:
        search.rekey_plot(plot)
