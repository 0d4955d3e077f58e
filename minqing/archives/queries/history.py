"""What changed in a household's or a person's file, in readable words.

Invariant: numbers never show; level-4 changes say that there was one, not what; the policy of archives_change decides
who sees a line.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.scope import Me
from minqing.archives.actions import acts
from minqing.archives.models import Act, Change, Membership
from minqing.archives.rules import items

#: Columns that say nothing to a reader.
HIDDEN = frozenset({
    "id", "created_at", "updated_at", "version", "sources", "name_key", "sort_key", "person_id", "household_id", "relative_id", "dwelling_id", "head_id", "owner_id", "origin_code",
    "members_count", "home_count", "made_by", "closed_by", "act", "made_at", "closed_at", "payload",
})
SECRET = {"id_cipher": "证件号码", "phone_cipher": "联系电话", "emergency_cipher": "紧急联系人电话", "id_tail": "", "phone_tail": ""}
SENSITIVE = frozenset({"health", "disability", "relief"})
#: A placement is where a person may be seen: it follows from moves and is no news of its own.
QUIET = frozenset({"placement"})


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change. `lines` are (label, before, after); `sentence` is the act's, '' for a change of gathering."""

    at: datetime
    who: str
    table_label: str
    act: uuid.UUID | None
    sentence: str
    lines: list[tuple[str, str, str]]


def changes_of(
    me: Me, *, household: uuid.UUID | None = None, person: uuid.UUID | None = None, table: str = "", row_id: uuid.UUID | None = None, memberships: Iterable[uuid.UUID] | None = None, limit: int = 50,
) -> list[ChangeLine]:
    """The newest changes of a household (itself and its memberships), a person, or one row.

    One statement; a household's memberships are a second one unless they are given.
    """
    rows = Change.objects.filter(_condition(household, person, table, row_id, memberships)).exclude(table__in=QUIET).order_by("-id").annotate(
        who=Subquery(Staff.objects.filter(pk=OuterRef("staff")).values("name")), sentence=Subquery(Act.objects.filter(pk=OuterRef("act")).values("sentence")),
    )
    return [
        ChangeLine(c.at, c.who or "", _(acts.TABLE_LABELS.get(c.table, c.table)), c.act, c.sentence or "", lines_of(c.table, c.before, c.after))
        for c in rows[:limit] if not c.before or lines_of(c.table, c.before, c.after)
    ]


def _condition(household: uuid.UUID | None, person: uuid.UUID | None, table: str, row_id: uuid.UUID | None, memberships: Iterable[uuid.UUID] | None) -> Q:
    if household:
        members = Membership.objects.filter(household=household).values_list("pk", flat=True) if memberships is None else memberships
        return Q(row_id__in=[household, *members])
    if person:
        return Q(person_id=person) | Q(row_id=person)
    return Q(row_id=row_id, table=table) if table else Q(row_id=row_id)


def lines_of(table: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """Readable (label, before, after) of one change; [] where only bookkeeping changed."""
    if table in SENSITIVE:
        return [(_(acts.TABLE_LABELS[table]), "", _("（敏感信息有变更，内容须写明事由后查看）"))]
    result = []
    before, after = before or {}, after or {}
    for column in after:
        if column in HIDDEN or (column not in before and after[column] in (None, "", [], False)):
            continue
        if column in SECRET:
            if SECRET[column]:
                result.append((_(SECRET[column]), _("（原号码）") if before.get(column) else "", _("（新号码）") if after[column] else _("（删去）")))
            continue
        old, new = _shown(table, column, before.get(column)), _shown(table, column, after[column])
        if old != new:
            result.append((_(acts.field_label(table, column)), old, new))
    return result


def _shown(table: str, column: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    choices = acts.choices_of(table, column)
    return _(choices[value]) if choices.get(value) else items.label_of(column, value, table=table)
