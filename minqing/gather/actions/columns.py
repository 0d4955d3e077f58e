"""Learned column names: a data officer says once what a heading means, and every later file knows it.

Invariants: a heading is kept in the form in which headings are compared; one meaning per area, kind of file and heading;
a field that gathering has no use for cannot be taught, "不采用" can (field = '').
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.refusals import NotHere, Refused
from minqing.gather.engine import fields, mapping, templates
from minqing.gather.models import BatchFile, ColumnAlias

#: Kind '' = every kind of file.
EVERY = ""


def kinds() -> list[tuple[str, str]]:
    """(key, title) of every kind of file, by department."""
    return [(t.key, _(t.title)) for t in templates.load()]


def kind_title(key: str) -> str:
    return dict(kinds()).get(key, key) if key else _("所有文件")


def fields_of(kind: str) -> list[tuple[str, str]]:
    """(field, label) that a kind of file may hold, in the order of its template; all fields for `EVERY`."""
    names = list(templates.by_key(kind).columns) if kind else list(fields.FIELDS)
    return [(name, _(fields.FIELDS[name].label)) for name in names]


def learned(using: str) -> dict[str, str]:
    """What was taught for the scope's area, as the engine asks for it: heading → field ('' = 不采用), a kind's own answer under
    "kind␟heading". Of two areas the nearer one has the last word."""
    rows = ColumnAlias.objects.using(using).order_by("area_code", "id")
    return {f"{a.kind}{mapping.OF_KIND}{a.name}" if a.kind else a.name: a.field for a in rows}


def reopened(using: str, taught: Mapping[str, str]) -> set[str]:
    """Digests of files whose dropped columns have a meaning by now: handed in again, they are read again."""
    latest: dict[str, BatchFile] = {}
    for row in BatchFile.objects.using(using).filter(batch__state="done", state__in=["imported", "older_period"]).order_by("batch__made_at").only("digest", "kind", "dropped_columns"):
        latest[row.digest] = row
    found = set()
    for digest, row in latest.items():
        headings = [templates.normalise(str(c.get("column", ""))) for c in row.dropped_columns]
        if any(taught.get(f"{row.kind}{mapping.OF_KIND}{h}") or taught.get(h) for h in headings):
            found.add(digest)
    return found


@transaction.atomic
def teach(*, area: str, kind: str, name: str, field: str, by: Me, at: datetime) -> ColumnAlias:
    """In files of this kind, heading `name` means `field` ('' = not taken). A second teaching replaces the first."""
    by.require(Right.GATHER, area, _("您不能为这个区域设列名对照。"))
    heading = templates.normalise(name)[:80]
    if not heading:
        raise Refused(_("请写下表头上的字，例如“身份证号”。"))
    if kind and kind not in dict(kinds()):
        raise Refused(_("没有“%s”这种文件，请从列表中选。") % kind)
    if field and field not in dict(fields_of(kind)):
        raise Refused(_("“%(kind)s”里没有这个项目，请从列表中选。") % {"kind": kind_title(kind)})
    unwanted = mapping.unwanted_because((name,))
    if field and unwanted:
        raise Refused(_("“%(name)s”不能采用：%(why)s") % {"name": name, "why": _(unwanted)})
    ColumnAlias.objects.update_or_create(area_code=area, kind=kind, name=heading, defaults={"field": field, "by": by.id, "at": at})
    audit.record("gather.column_taught", detail={"area": area, "kind": kind, "name": heading, "field": field})
    return ColumnAlias.objects.get(area_code=area, kind=kind, name=heading)


@transaction.atomic
def forget(*, alias: int, by: Me) -> ColumnAlias:
    """The program no longer knows this heading; files already gathered stay as they are."""
    row = ColumnAlias.objects.filter(pk=alias).first()
    if row is None:
        raise NotHere(_("没有这条列名对照，或不在您的范围内。"))
    by.require(Right.GATHER, row.area_code)
    audit.record("gather.column_forgotten", detail={"area": row.area_code, "kind": row.kind, "name": row.name, "field": row.field})
    ColumnAlias.objects.filter(pk=alias).delete()
    return row
