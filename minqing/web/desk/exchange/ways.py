"""How the worker's fetching and handing over is doing, for the reception: each way with its last success, what is wrong, when it is tried again.

Invariant: counts and moments only; one statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.service.models import ExchangeLink, Partner
from minqing.service.queries import exchange as queries
from minqing.service.rules import exchange as rules
from minqing.service.rules import sentences

COUNTED = (("new", "新收 %d"), ("again", "补充 %d"), ("bad", "没有读懂 %d"), ("sent", "交出 %d"), ("back", "退回 %d"))


def shown(me: Me, desk: str, now: datetime, *, of_parcels: bool = False) -> dict[str, Any]:
    """For ways.html; nothing where nothing is set up, or the worker is told to leave it to people."""
    if settings.EXCHANGE_EVERY <= 0 or not desk.startswith(settings.COUNTY):
        return {}
    rows = queries.links(desk)
    names = dict(Partner.objects.filter(area_code=desk[:6], ended_at=None).exclude(url="").values_list("code", "name")) if of_parcels or any(n.startswith("partner.") for n in rows) else {}
    wanted = partner_ways(rows, names) if of_parcels else system_ways()
    lines = [line_of(label, rows.get(name)) for name, label in wanted]
    limit = now - timedelta(minutes=3 * settings.EXCHANGE_EVERY) - rules.MOST_WAIT
    return {"ways": lines, "broken": [w for w in lines if w["trouble"]], "idle": bool(lines) and all(w["tried_at"] is None or w["tried_at"] < limit for w in lines)}


def system_ways() -> Iterable[tuple[str, str]]:
    for system, (url, secret) in settings.EXCHANGE.items():
        who = _(queries.SYSTEMS[system])
        kinds = (["in", "out"] if url and secret else []) + (["folder"] if settings.EXCHANGE_FOLDERS[system] else [])
        yield from ((f"{system}.{kind}", _("%(who)s：%(what)s") % {"who": who, "what": _(rules.LABELS[kind])}) for kind in kinds)


def partner_ways(rows: dict[str, ExchangeLink], names: dict[str, str]) -> Iterable[tuple[str, str]]:
    """Ways of counties that are partners still; a way that was never tried is not known to have an address."""
    for name in sorted(rows):
        read = rules.read(name)
        code = read.who.removeprefix("partner.")
        if name == f"parcels.{rules.DOOR}":
            yield name, _(rules.LABELS[rules.DOOR])
        elif code in names:
            yield name, _("%(who)s：%(what)s") % {"who": names[code], "what": _(rules.LABELS[read.what])}


def line_of(label: str, row: ExchangeLink | None) -> dict[str, Any]:
    if row is None:
        return {"label": label, "trouble": "", "ok_at": None, "tried_at": None, "brought_at": None, "next_at": None, "failures": 0, "counts": ""}
    counts = "，".join(_(words) % row.last[key] for key, words in COUNTED if row.last.get(key))
    return {"label": label, "trouble": sentences.say(row.trouble, _("没有通。")) if row.trouble else "", "ok_at": row.ok_at, "tried_at": row.tried_at, "brought_at": row.brought_at, "next_at": row.next_at,
            "failures": row.failures, "counts": counts}
