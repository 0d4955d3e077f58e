"""From lines of the archives to what templates show. Words and shapes only; nothing is asked of the database here.

Invariant: nothing of level 4 passes through lists and panels; `LIST_SAFE` of the tag rules decides.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives.models import Household
from minqing.archives.rules import tags as tag_rules
from minqing.contact.queries.homes import Came
from minqing.contact.rules.intervals import half_of

#: Tones by what a tag is about (README: ind = about a person, och = soon, brand = neutral).
TONES = {"alone": "ind", "empty_nest": "ind", "80+": "ind", "90+": "ind", "100+": "ind", "left_children": "ind", "all_away": "", "away": "", "party": "brand"}
#: Groups of a person's page: title and item numbers.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("身份", ("R01", "R02", "R03", "R04", "R05")),
    ("户籍与居住", ("R06", "R07", "R08")),
    ("联系", ("R09",)),
    ("婚姻与学业", ("R10", "R11")),
    ("党员", ("R12",)),
    ("就业与保障", ("R13", "R14", "R15")),
)
SECRETS = frozenset({"id_number", "phone", "emergency_phone"})


#: What a household's tag is called on a person of his own.
OWN_LABELS = {"away": "外出", "party": "党员"}


def toned(tags: Iterable[Any], *, everything: bool = False, most: int = 9, own: bool = False) -> list[dict[str, str]]:
    """Tags for a page; only those that lists may show unless `everything`; `own`: of a person, not of a household."""
    kept = [t for t in tags if everything or t.code in tag_rules.LIST_SAFE]
    return [{"label": _(OWN_LABELS[t.code]) if own and t.code in OWN_LABELS else _(t.label), "tone": TONES.get(t.code, ""), "reason": t.reason} for t in kept[:most]]


def written(day: date | datetime | str | None) -> str:
    """A day as pages write it, without hours."""
    if day is None or day == "":
        return ""
    if isinstance(day, datetime):
        return f"{timezone.localtime(day):%Y-%m-%d}"
    return str(day)


def value(line: Any, *, change_url: str = "", history_url: str = "") -> dict[str, Any]:
    """A FieldLine for `<c-value :of=…>`; `correct_url` only where the desk may change the field."""
    return {
        "field": line.field, "number": line.number, "label": _(line.label), "value": line.shown, "secret": line.field in SECRETS,
        "source": line.source_label if line.source else "", "at": written(line.on), "verified_by": line.by or "", "verified_at": written(line.on) if line.by else "",
        "others": [{"value": said, "source": source, "at": written(on)} for source, on, said in line.others],
        "correct_url": change_url if line.editable != "no" else "", "history_url": history_url, "proposal": line.editable == "proposal",
    }


def grouped(values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A person's values in the groups of his page; empty groups vanish."""
    found = []
    for title, numbers in GROUPS:
        inside = [v for v in values if v["number"] in numbers]
        if inside:
            found.append({"title": _(title), "values": inside, "unknown": missing(inside)})
    return found


def missing(values: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields of which nothing is known: named in one line instead of empty cells."""
    return [v for v in values if not v["value"] and not v.get("masked")]


def member(line: Any) -> dict[str, Any]:
    """A member for lists: sex and age, where he is; nothing of level 4."""
    years = ngettext("%d 岁", "%d 岁", line.age) % line.age if line.age is not None else ""
    facts = [" ".join(x for x in (line.sex_label.removesuffix("性"), years) if x)]
    if not line.alive:
        facts.append(_("已故"))
    elif line.elsewhere:
        facts.append(_("外出 %s") % line.elsewhere)
    elif not line.home:
        facts.append(_("不在家住"))
    if line.by == "living":
        facts.append(_("居住在此"))
    return {
        "id": line.id, "membership": line.membership, "name": line.name, "role": line.relation_label, "facts": " · ".join(f for f in facts if f), "gone": not line.alive,
        "alive": line.alive, "phone": line.masked_phone if line.alive else "", "starts_on": line.starts_on, "ends_on": line.ends_on, "end_reason": line.end_reason, "by": line.by,
        "elsewhere": line.elsewhere, "head": line.relation == "02", "tags": toned(line.tags, own=True),
    }


def when(at: datetime, now: datetime) -> str:
    """今天 14:05, 昨天 20:11, 11-03, 2025-11-03."""
    local, today = timezone.localtime(at), timezone.localdate(now)
    if local.date() == today:
        return _("今天 %s") % f"{local:%H:%M}"
    if (today - local.date()).days == 1:
        return _("昨天 %s") % f"{local:%H:%M}"
    return f"{local:%m-%d}" if local.year == today.year else f"{local:%Y-%m-%d}"


def seen(at: datetime | None, on: date) -> dict[str, str]:
    """When a household was last met or called: green in this half year, red before, nothing where nobody has come yet."""
    if at is None:
        return {"tone": "none", "words": _("还没有")}
    day = timezone.localdate(at)
    days = (on - day).days
    return {"tone": "" if day >= half_of(on) else "cin", "words": _("今天") if days <= 0 else _("昨天") if days == 1 else _("%d 天前") % days}


def came(came: Came, household: uuid.UUID, now: datetime) -> dict[str, Any]:
    """Open matters, last visits and policies of one household for its panel and its file."""
    matters = [{"m": m, "tone": "" if m.due is None else "cin" if m.due < now else "och", "due": f"{timezone.localtime(m.due):%m-%d}" if m.due else ""} for m in came.matters.get(household, ())]
    visits = [{"v": v, "when": when(v.at, now), "topics": "、".join(v.topics)} for v in came.visits]
    return {"matters": matters, "visits": visits, "offers": came.offers}


def may_do(h: Household, me: Me) -> dict[str, Any]:
    """What its reader may do from a household's panel and file."""
    return {
        "may_write": me.holds(Right.WRITE) and h.state != "dissolved", "may_take": me.holds(Right.INTAKE),
        "take_url": reverse("matter-new") + "?" + urlencode({"place": h.grid_code, **({"person": h.head_id} if h.head_id else {})}),
    }


def deeds(changes: Iterable[Any], now: datetime, *, most: int = 100) -> list[dict[str, Any]]:
    """Changes as one reads them: those of one act are one entry, with what changed in each kind of record."""
    found: list[dict[str, Any]] = []
    for c in changes:
        if not found or c.act is None or found[-1]["act"] != c.act:
            title = c.sentence or (_("归集更新：%s") % _(c.table_label))
            found.append({"act": c.act, "when": when(c.at, now), "who": c.who or _("归集"), "sentence": title, "parts": [], "count": 0})
        if c.lines:
            found[-1]["parts"].append({"table": c.table_label, "lines": c.lines})
            found[-1]["count"] += len(c.lines)
    return found[:most]


def marked(text: str, sought: str) -> list[tuple[str, bool]]:
    """Parts of `text` and whether each is what was sought (for <mark>)."""
    sought = sought.strip()
    lower, key = text.lower(), sought.lower()
    start = lower.find(key) if key else -1
    if start < 0:
        return [(text, False)]
    end = start + len(key)
    return [(part, hit) for part, hit in ((text[:start], False), (text[start:end], True), (text[end:], False)) if part]
