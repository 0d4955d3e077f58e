"""What a text that is being typed suggests: danger first, kind and category, who would do it by when, what looks the same.

Invariants: nothing is written; only open matters that are no secret are compared (access.similar_matters), of the village of the
place; a desk that does not exist there is never suggested.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connections
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.lib import phones
from minqing.service import vault
from minqing.service.models import DispatchRule, Learnt
from minqing.service.queries import limits, lists
from minqing.service.rules import desks, kinds, learning, numbers, states, suggest
from minqing.service.rules.states import State

#: How long ago a matter may lie to be the same one (domain.md §3.4: open, or closed within thirty days).
BACK = timedelta(days=30)
HISTORY = timedelta(days=365)
#: Seconds for which a process keeps a county's model, and the models it keeps: county → (when read, model).
KEPT_FOR = 600.0
_models: dict[str, tuple[float, learning.Linear | None]] = {}
WHY = {"words": "说法相近", "sort": "同一类", "spot": "同一位置", "phone": "同一个电话"}


@dataclass(frozen=True)
class Lead:
    """Who would do it: a desk of the place, its name, until when; `why` = the catalogue or what the desk chose lately."""

    desk: str
    name: str
    joint: tuple[tuple[str, str], ...] = ()
    due: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class Similar:
    id: uuid.UUID
    number: str
    title: str
    state: str
    submitted_at: datetime
    where: str
    due_at: datetime | None
    why: str
    open: bool

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.number)


@dataclass
class Suggestion:
    urgent: list[tuple[str, str]] = field(default_factory=list)   # (word, 110/119/120)
    staff_words: list[str] = field(default_factory=list)
    kind: str = ""
    category: str = ""
    category_label: str = ""
    because: tuple[str, ...] = ()
    source: str = ""
    others: list[tuple[str, str]] = field(default_factory=list)
    lead: Lead | None = None
    similar: list[Similar] = field(default_factory=list)

    @property
    def kind_label(self) -> str:
        return _(kinds.KIND_LABELS[kinds.Kind(self.kind)]) if self.kind else ""

    @property
    def any(self) -> bool:
        return bool(self.urgent or self.kind or self.category or self.similar or self.staff_words)


def categories(place: str, using: str = "default") -> list[tuple[str, str]]:
    """(category, label) of every rule that holds at a place, by label."""
    return sorted(((r.category, r.label) for r in limits.rules_at(place, using)), key=lambda pair: pair[1])


def suggest_for(me: Me, words: str, place: str, *, at: datetime, spot: str = "", phone: str = "", names: list[str] | None = None) -> Suggestion:
    """Everything a text suggests at a place. At most six statements, and one more where the county's model is read anew."""
    found = Suggestion(urgent=[(w, kinds.emergency_number(w)) for w in kinds.urgent_words(words)], staff_words=kinds.about_staff(words, names or []))
    if len(words.strip()) < 2 or len(place) < 6:
        return found
    rules = list(limits.rules_at(place, me.using))
    near = _near(me, place, at)
    by_category = {r.category: r for r in rules}
    choice = suggest.choose(
        words, [suggest.Rule(r.category, r.label, r.kind, tuple(r.keywords)) for r in rules], [suggest.Known(str(n[0]), n[2], n[4], n[5]) for n in near], heard_of(me, words, place[:6]),
    )
    if choice is not None:
        found.kind, found.category, found.because, found.source = choice.kind, choice.category, choice.because, choice.source
        rule = by_category.get(choice.category)
        found.category_label = rule.label if rule else ""
        found.others = [(c, by_category[c].label) for c in choice.others if c in by_category]
        if rule is not None:
            found.lead = lead_for(me, rule, place, at=at, kind=choice.kind, urgent=bool(found.urgent))
    found.similar = _similar(me, near, words, spot, found.category, phone, at)
    return found


def heard_of(me: Me, words: str, county: str) -> suggest.Heard | None:
    """What the county's history says of a text; None where no model is in use. One statement, or none while the model read last is fresh."""
    model = _model(me, county)
    category, second, margin = model.guess(suggest.pairs(words)) if model else ("", "", 0.0)
    return suggest.Heard(category, model.because(words, category, second), margin >= learning.SURE) if model and category else None


def _model(me: Me, county: str) -> learning.Linear | None:
    """Learnt monthly and the same for everybody of the county, so a process reads it once in a while."""
    read, model = _models.get(county, (-KEPT_FOR, None))
    if time.monotonic() - read >= KEPT_FOR:
        row = Learnt.objects.using(me.using).filter(pk=county, used=True).values_list("model", flat=True).first()
        model = learning.Linear.of(row) if row else None
        _models[county] = (time.monotonic(), model)
    return model


def _near(me: Me, place: str, at: datetime) -> list[tuple]:  # type: ignore[type-arg]
    """Matters of the village of the last year that are no secret, newest first (at most 200)."""
    if len(place) < 12:
        return []
    with connections[me.using].cursor() as cursor:
        cursor.execute("select id, number, title, kind, category, spot, state, submitted_at, home_desk, lead_desk, due_at from access.similar_matters(%s, %s)", [place[:12], at - HISTORY])
        return cursor.fetchall()


def _similar(me: Me, near: list[tuple], words: str, spot: str, category: str, phone: str, at: datetime) -> list[Similar]:  # type: ignore[type-arg]
    rows = {str(r[0]): r for r in near if State(r[6]) in states.OPEN or r[7] > at - BACK}
    alike = {a.key: list(a.why) for a in suggest.look_alike(words, spot, category, [suggest.Known(k, r[2], r[4], r[5]) for k, r in rows.items()])}
    number = phones.normalise(phone) if phone.strip() else None
    if number:
        with connections[me.using].cursor() as cursor:
            cursor.execute("select id, number, title, '', '', '', state, submitted_at, home_desk, '', due_at from access.matters_by_phone(%s)", [vault.phone_digest(number)[0]])
            for row in cursor.fetchall():
                key = str(row[0])
                if State(row[6]) in states.OPEN or row[7] > at - BACK:
                    rows.setdefault(key, row)
                    alike.setdefault(key, []).append("phone")
    names = lists.names_of(me, [rows[k][9] or rows[k][8] for k in alike])
    found = [Similar(rows[k][0], rows[k][1], rows[k][2], _(states.STATE_LABELS[State(rows[k][6])]), rows[k][7], names.get(rows[k][9] or rows[k][8], ""), rows[k][10], "、".join(_(WHY[w]) for w in why), State(rows[k][6]) in states.OPEN)
             for k, why in alike.items()]
    return sorted(found, key=lambda s: (not s.open, -s.submitted_at.timestamp()))[:5]


# --- who does it -------------------------------------------------------------------------------------------------------


def resolve(desk: str, place: str) -> str:
    """A rule's desk at a place: 'village', 'town', 'grid', 'county' and '/12' (a department of the county) are the place's own."""
    if desk == "grid":
        return place[:15] if len(place) >= 15 and place[12:15] != "000" else place[:12]
    if desk == "village":
        return place[:12] if len(place) >= 12 else desks.of(place, desks.RECEPTION)
    if desk == "town":
        return desks.of(place[:9], desks.RECEPTION) if len(place) >= 9 else desks.of(place[:6], desks.RECEPTION)
    if desk == "county":
        return desks.of(place[:6], desks.RECEPTION)
    return place[:6] + desk if desk.startswith("/") else desk


def lead_for(me: Me, rule: DispatchRule, place: str, *, at: datetime, kind: str = "", urgent: bool = False) -> Lead | None:
    """What the desk chose for the last matters of this sort here, if it chose otherwise twice; else the catalogue. Desks that are not there fall back to the reception above."""
    wanted = resolve(rule.lead_desk, place)
    joint = [resolve(d, place) for d in rule.joint_desks]
    lately = _lately(me, rule.category, place)
    why = _("派单目录")
    if lately and lately != wanted:
        wanted, why = lately, _("您这里最近两次都这样派")
    there = _existing(me, [wanted, *joint, desks.of(place[:6], desks.RECEPTION)])
    if wanted not in there:
        wanted, why = desks.of(place[:6], desks.RECEPTION), _("目录上的单位还没有设立，先交县受理台")
    days = limits.limits_of(kind or rule.kind, place, me.using).finish if rule.finish_days is None else rule.finish_days
    due = limits.on_dispatch(kind=kind or rule.kind, place=place, urgency="urgent" if urgent else "normal", at=at, days=days, using=me.using).reply
    names = lists.names_of(me, [wanted, *joint])
    return Lead(wanted, names.get(wanted, wanted), tuple((d, names.get(d, d)) for d in joint if d in there and d != wanted), due, why)


def _lately(me: Me, category: str, place: str) -> str:
    """The lead of the last two matters of this sort in the village, where both went to the same desk."""
    if len(place) < 12:
        return ""
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select lead_desk from public.service_matter where place_code >= %s and place_code < %s and submitted_at > now() - interval '1 year' and category = %s and lead_desk <> '' and not restricted
                order by submitted_at desc limit 2""", [place[:12], place[:12] + ":", category])
        rows = [r[0] for r in cursor.fetchall()]
    return rows[0] if len(rows) == 2 and rows[0] == rows[1] else ""


def _existing(me: Me, desk_codes: list[str]) -> set[str]:
    with connections[me.using].cursor() as cursor:
        cursor.execute("select d from unnest(%s::text[]) d where access.is_desk(d)", [list(dict.fromkeys(desk_codes))])
        return {r[0] for r in cursor.fetchall()}


def desk_choices(me: Me, place: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Desks that may handle a matter of this place, in groups: the village, the town, the county, its departments. Two statements."""
    village = [place[:12]] if len(place) >= 12 else []
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select code, short_name, level from public.access_area where (code >= %(v)s and code < %(v)s || ':' and length(%(v)s) = 12 and length(code) in (12, 15)) or code in (%(t)s, %(c)s) order by code""",
            {"v": village[0] if village else "~", "t": place[:9], "c": place[:6]})
        areas = cursor.fetchall()
        cursor.execute("select area_code || '/' || department, name from public.access_organisation where department <> '' and area_code in (%s, %s) order by area_code desc, department", [place[:9], place[:6]])
        departments = cursor.fetchall()
    names = {code: name for code, name, _level in areas}
    if village:
        groups.append((_("村里"), [(code, name if len(code) == 12 else f"{names.get(code[:12], '')} {name}") for code, name, _level in areas if len(code) >= 12 and code[12:] != "000"]))
    if len(place) >= 9:
        groups.append((_("乡镇"), [(desks.of(place[:9], u), f"{names.get(place[:9], '')}{_(desks.unit_label(u))}") for u in (desks.RECEPTION, desks.WINDOW)]))
    groups.append((_("县"), [(desks.of(place[:6], desks.RECEPTION), f"{names.get(place[:6], '')}{_(desks.unit_label(desks.RECEPTION))}")]))
    if departments:
        groups.append((_("部门"), departments))
    return groups
