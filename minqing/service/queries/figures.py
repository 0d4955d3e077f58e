"""汇总数: rates with their denominators, by kind, place, unit and month (domain.md §3.3).

Invariants: numbers come from access.matter_figures, which hides groups below five and rates over fewer than ten; nothing is ranked:
kinds in the order of the table, places and units by code, months in time; an average without its n is not shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.service.queries import lists
from minqing.service.rules import kinds

#: Measure → (name, what stands above and below the line).
MEASURES = {
    "contact": ("响应率", "按时首次联系 ÷ 应联系"), "sign": ("按时签收率", "按时签收 ÷ 应签收"), "reply": ("按时答复率", "按时答复 ÷ 应答复"), "closed": ("办结率", "已办结 ÷ 受理（不含并单、撤回、不予受理、转办）"),
    "direct": ("直接办结率", "当场答复办结 ÷ 受理"), "reached": ("有效回访率", "联系上的 ÷ 答复后办结的"), "solved": ("解决率", "说“解决了”的 ÷ 联系上的（部分解决不算）"),
    "satisfied": ("满意率", "满意和基本满意 ÷ 说了满意与否的"), "told": ("当日有人答复", "本人说当日有人答复 ÷ 问到的"), "redo": ("重办率", "重办 ÷ 已答复"), "returned": ("退单率", "退过单 ÷ 派出"), "extended": ("延期率", "延过期 ÷ 派出"),
}
DIMENSIONS = {"kind": "按种类", "channel": "按渠道", "place": "按地方", "unit": "按单位", "month": "按月"}
MAIN = ("contact", "reply", "solved", "satisfied")
LEAST = 10


@dataclass(frozen=True)
class Rate:
    """A share with its base; hidden where the base is below ten."""

    name: str
    formula: str
    top: int = 0
    base: int = 0
    hidden: bool = True

    @property
    def percent(self) -> str:
        return "" if self.hidden else f"{100 * self.top / self.base:.1f}"

    @property
    def value(self) -> float:
        return 0.0 if self.hidden else 100 * self.top / self.base


@dataclass
class Group:
    """One line: a kind, a place, a unit, a month; `received` None = too few to be shown."""

    key: str
    label: str
    received: int | None
    matters: int | None
    rates: dict[str, Rate]
    median_hours: Decimal | None = None


@dataclass
class Figures:
    area: str
    first: date
    last: date
    whole: Group | None = None
    by: dict[str, list[Group]] = field(default_factory=dict)


def areas(me: Me) -> list[str]:
    """Where he holds the figures."""
    return [one.lo for one in lists.reach(me, Right.FIGURES) if len(one.lo) >= 4]


def figures(me: Me, *, area: str, first: date, last: date) -> Figures:
    """Figures of matters submitted from `first` to `last`, both included. Two statements; audited."""
    me.require(Right.FIGURES, area)
    return between(me, area=area, first=first, last=last)


def between(me: Me, *, area: str, first: date, last: date) -> Figures:
    """The same without a page's question: the function itself asks whether he reads figures, or arranges contact, there."""
    since = timezone.make_aware(datetime.combine(first, time.min))
    until = timezone.make_aware(datetime.combine(date.fromordinal(last.toordinal() + 1), time.min))
    with connections[me.using].cursor() as cursor:
        cursor.execute("select dimension, key, received, matters, measures::text, median_hours from access.matter_figures(%s, %s, %s)", [area, since, until])
        rows = cursor.fetchall()
    names = lists.names_of(me, [key for dimension, key, *_r in rows if dimension in ("place", "unit") and key[:4].isdigit()])
    found = Figures(area, first, last)
    for dimension, key, received, matters, measures, hours in rows:
        group = Group(key, _label(dimension, key, names), received, matters, _rates(measures), hours)
        if dimension == "all":
            found.whole = group
        else:
            found.by.setdefault(dimension, []).append(group)
    orders = {"kind": {k.value: n for n, k in enumerate(kinds.Kind)}, "channel": {k.value: n for n, k in enumerate(kinds.CHANNEL_LABELS)}}
    for dimension, groups in found.by.items():
        order = orders.get(dimension, {})
        groups.sort(key=lambda g, order=order: (g.key == "…", order.get(g.key, 99) if order else 0, g.key))  # type: ignore[misc]
    return found


@dataclass
class Open:
    """What lies open now. A number is None where it is below five: some, but not how many."""

    whole: int | None = 0
    late: int | None = 0
    states: dict[str, int | None] = field(default_factory=dict)
    units: dict[str, int | None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def open_now(me: Me, *, area: str) -> Open:
    """What is not closed in an area, by state and by who has it. Two statements."""
    found = Open()
    with connections[me.using].cursor() as cursor:
        cursor.execute("select dimension, key, n from access.open_figures(%s)", [area])
        for dimension, key, n in cursor.fetchall():
            if dimension == "all":
                found.whole = n
            elif dimension == "late":
                found.late = n
            else:
                (found.states if dimension == "state" else found.units)[key] = n
    found.names = lists.names_of(me, found.units)
    return found


def _label(dimension: str, key: str, names: dict[str, str]) -> str:
    if key == "…":
        return _("其余（单项不足 5 件）")
    if dimension == "kind":
        return _(kinds.KIND_LABELS[kinds.Kind(key)])
    if dimension == "channel":
        return _(kinds.CHANNEL_LABELS[kinds.Channel(key)])
    return names.get(key, key)


def _rates(measures: str | None) -> dict[str, Rate]:
    given: dict[str, Any] = json.loads(measures) if measures else {}
    found = {}
    for key, (name, formula) in MEASURES.items():
        pair = given.get(key)
        found[key] = Rate(_(name), _(formula), int(pair[0]), int(pair[1]), hidden=False) if pair and int(pair[1]) >= LEAST else Rate(_(name), _(formula))
    return found


def as_rows(found: Figures) -> list[list[str]]:
    """The figures as lines of a table: what is hidden stays empty."""
    heads = [_("分组"), _("项目"), _("件数"), _("事数")]
    for name, _formula in MEASURES.values():
        heads += [_(name) + "%", _("分子"), _("分母")]
    rows = [[*heads, _("中位办理小时（自然时间）")]]
    groups = ([(_("合计"), found.whole)] if found.whole else []) + [(_(DIMENSIONS[d]), g) for d in DIMENSIONS for g in found.by.get(d, [])]
    for dimension, g in groups:
        line = [dimension, g.label or _("合计"), "" if g.received is None else str(g.received), "" if g.matters is None else str(g.matters)]
        for key in MEASURES:
            r = g.rates[key]
            line += ["", "", ""] if r.hidden else [r.percent, str(r.top), str(r.base)]
        rows.append([*line, "" if g.median_hours is None else str(g.median_hours)])
    return rows


def downloaded(found: Figures, *, by: Me) -> None:
    """The trace of figures that leave the program."""
    audit.record("matter.figures", detail={"area": found.area, "from": found.first.isoformat(), "to": found.last.isoformat()}, using=by.using)
