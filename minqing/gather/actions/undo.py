"""Taking a whole batch back.

Invariants: statements stay (append-only) and stop counting, because their batch is undone; what the batch changed goes
back to what it was, unless somebody has changed the same row since: that row is left as it is and named in the result;
what the batch created is void, unless somebody has worked on it since or another batch speaks of it; a batch whose rows a
later one repeats is undone after that one, since equal rows are written once.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.models import (
    Disability,
    Dwelling,
    Health,
    Household,
    Kinship,
    Membership,
    Occupancy,
    Relief,
    Resident,
)
from minqing.gather.loading import stage
from minqing.gather.models import Batch

MODELS = (Health, Disability, Relief, Kinship, Occupancy, Membership, Household, Dwelling, Resident)
# rows that this batch created: marked, and younger than its start
_MINE = "t.created_at >= %(started)s and t.sources -> '_' ->> 'batch' = %(batch)s and t.voided_at is null"
_LATER = (
    'exists (select from archives_change c where c.row_id = t.id and c."table" = %(table)s and c.act is distinct from %(batch)s::uuid and c.at >= %(started)s'
    # what a batch did that has been undone since is no work of anybody
    " and not exists (select from gather_batch u where u.id = c.act and u.state = 'undone'))"
)


class Refused(Exception):
    """Why a batch cannot be undone, as a sentence."""


@transaction.atomic
def check(batch: uuid.UUID, *, by: Me) -> Batch:
    """The batch, marked as being undone, if the caller may. Raises Refused; outside the scope it is not found."""
    row = Batch.objects.select_for_update().filter(pk=batch).first()
    if row is None:
        raise Refused(_("没有这个批次，或不在您的范围内。"))
    by.require(Right.GATHER, row.area_code)
    if row.state not in ("done", "failed", "undoing"):
        raise Refused(_("这个批次“%s”，不能撤销。") % _(row.get_state_display()))
    later = _resting_on(batch)
    if later:
        raise Refused(_("之后归集的“%(label)s”（%(day)s）有与本批相同的行，只记在本批名下。请先撤销那一批，再撤销本批。") % {"label": later[-1][0], "day": f"{timezone.localtime(later[-1][1]):%Y-%m-%d %H:%M}"})
    row.state = "undoing"
    row.save(update_fields=["state"])
    return row


def _resting_on(batch: uuid.UUID) -> list[tuple[str, datetime]]:
    """Later batches, not undone, that repeat rows of this one: (label, made)."""
    with connection.cursor() as cursor:
        cursor.execute("select label, made_at from access.batches_resting_on(%s)", [batch])
        return list(cursor.fetchall())


def undo(batch: uuid.UUID, *, now: Callable[[], datetime]) -> dict[str, Any]:
    """Undo in one transaction of the gathering role. Returns {"restored", "voided", "kept"}: rows put back, made void, left alone
    because somebody has worked on them since."""
    at = now()
    counts = {"restored": 0, "voided": 0, "kept": 0}
    with stage.entered(batch) as cursor:
        row = Batch.objects.using("gather").select_for_update().get(pk=batch)
        started = row.started_at or row.made_at
        for model in MODELS:
            values = {"batch": str(batch), "started": started, "table": model._meta.model_name, "at": at}
            cursor.execute(f"select count(*) from {model._meta.db_table} t where ({_MINE} or exists (select from archives_change m where m.row_id = t.id and m.act = %(batch)s::uuid)) and {_LATER}", values)  # noqa: S608
            counts["kept"] += cursor.fetchone()[0]
            cursor.execute(_void(model), values)
            counts["voided"] += cursor.rowcount
            cursor.execute(_restore(model), values)
            counts["restored"] += cursor.rowcount
        _forget(cursor, batch, at)
        Batch.objects.using("gather").filter(pk=batch).update(state="undone", undone_at=at, counts={**row.counts, "undone": counts})
        audit.record("gather.undo", detail={"batch": str(batch), **counts}, using="gather")
    return counts


def _void(model: type[Model]) -> str:
    others = ""
    if model is Resident:  # another batch speaks of this person: he stays
        others = " and not exists (select from gather_statement s join gather_batch b on b.id = s.batch_id and b.state = 'done' where s.person_id = t.id and s.batch_id <> %(batch)s::uuid)"
    return f"update {model._meta.db_table} t set voided_at = %(at)s where {_MINE} and not {_LATER}{others}"  # noqa: S608


def _restore(model: type[Model]) -> str:
    """Each field back to what it was before the batch's first change of that row."""
    columns = [f.column for f in model._meta.fields if f.column not in ("id", "updated_at", "created_at", "version")]
    sets = ", ".join(f'"{c}" = (jsonb_populate_record(t, b.before))."{c}"' for c in columns)
    return f"""
        with pieces as (
          select distinct on (c.row_id, e.key) c.row_id, e.key, e.value from archives_change c, jsonb_each(c.before) e
           where c.act = %(batch)s::uuid and c."table" = %(table)s and c.before is not null and e.key <> 'voided_at' order by c.row_id, e.key, c.id),
        b as (select row_id, jsonb_object_agg(key, value) as before from pieces group by row_id)
        update {model._meta.db_table} t set {sets}, version = t.version + 1, updated_at = %(at)s from b where b.row_id = t.id and t.voided_at is null and not {_LATER}"""  # noqa: S608


def _forget(cursor: Any, batch: uuid.UUID, at: datetime) -> None:
    """Void people are seen nowhere and found by nothing; nobody lives in an area any more on the word of this batch alone."""
    touched = "(select distinct person_id from gather_statement where batch_id = %s and person_id is not null)"
    cursor.execute(f"delete from archives_identity i using archives_resident r where r.id = i.person_id and r.voided_at = %s and r.id in {touched}", [at, batch])  # noqa: S608
    cursor.execute(f"delete from archives_searchkey k using archives_resident r where r.id = k.person_id and r.voided_at = %s and r.id in {touched}", [at, batch])  # noqa: S608
    cursor.execute("delete from archives_searchkey k using archives_household h where h.id = k.household_id and h.voided_at = %s", [at])
    cursor.execute(
        f"update archives_placement p set ends_on = %s from archives_resident r where r.id = p.person_id and p.ends_on is null and r.voided_at is null and p.why = 'living'"  # noqa: S608
        f" and r.living_area <> left(p.grid_code, 12) and r.id in {touched} and exists (select from archives_placement o where o.person_id = p.person_id and o.ends_on is null and o.id <> p.id)", [at.date(), batch])
    cursor.execute(f"update archives_placement p set ends_on = %s from archives_resident r where r.id = p.person_id and p.ends_on is null and r.voided_at = %s and r.id in {touched}", [at.date(), at, batch])  # noqa: S608
    cursor.execute("update gather_question set state = 'answered', verdict = 'keep', note = '批次已撤销', answered_at = %s where batch_id = %s and state <> 'answered'", [at, batch])
