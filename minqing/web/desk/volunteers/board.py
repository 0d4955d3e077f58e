"""志愿服务: what waits for the secretary or the lead, the week's rota, the teams; for everybody else which teams one can ask.

Invariants: names and doors are those of rows that the database gave; who keeps or leads no team sees teams and nobody in them; the list is
written down with everybody on it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now

from minqing.access.actions import audit
from minqing.access.models import Staff
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, NotAllowed
from minqing.service.models import Care, HelpRequest, Team
from minqing.service.queries import volunteers as queries
from minqing.service.rules import volunteers as rules
from minqing.service.rules.volunteers import Help
from minqing.web.desk.volunteers import parts
from minqing.web.shared.middleware import StaffRequest

#: How far ahead what is planned for paired households stands on the page.
SOON = timedelta(days=7)


def board(request: StaffRequest) -> HttpResponse:
    """`?tab=done`: what is over."""
    me, on = request.me, parts.local_day(request)
    if not me.holds(Right.INTAKE):
        raise NotAllowed(_now("您的任职不登记事情，所以不请志愿队。"))
    keeps = queries.villages_of(me)
    teams = queries.teams_of(me)
    if not keeps and not teams:
        return plain(request)
    tab = "done" if request.GET.get("tab") == "done" else ""
    rows = queries.requests(me, closed=tab == "done")
    todo = queries.planned(me, until=on + SOON) if not tab else []
    leads = dict(Staff.objects.filter(pk__in={t.lead for t in teams if t.lead}).values_list("pk", "name"))
    places = queries.area_names(me, [r.place_code for r in rows] + [c.pairing.place_code for c in todo] + [g for t in teams for g in t.grids] + keeps)
    audit.record("team.list", persons=sorted({r.person_id for r in rows if r.person_id} | {c.pairing.person_id for c in todo if c.pairing.person_id}, key=str))
    lines = [help_line(r, places) for r in rows]
    context = {
        "tabs": [{"label": _now("在办"), "url": "?", "current": not tab}, {"label": _now("已了结"), "url": "?tab=done", "current": tab == "done"}], "tab": tab, "lines": lines,
        "jobs": jobs(me, rows, todo) if not tab else [], "todo": [care_line(c, places, on) for c in todo],
        "teams": [team_line(t, places, leads.get(t.lead, "") if t.lead else "") for t in teams], "keeps": bool(keeps), "crumbs": [(_now("志愿服务"), "")],
    }
    return render(request, "desk/volunteers/board.html", context)


def plain(request: StaffRequest) -> HttpResponse:
    """For who takes down what people ask: which teams there are and what they can do."""
    me = request.me
    villages = sorted({p.area[:12] for p in me.posts if Right.INTAKE in ROLES[p.role].rights and len(p.area) >= 12})
    teams = list(Team.objects.filter(area_code__in=villages, ended_at=None).order_by("area_code", "name")[:queries.MOST]) if villages else []
    places = queries.area_names(me, [*villages, *(g for t in teams for g in t.grids)])
    return render(request, "desk/volunteers/plain.html", {"teams": [team_line(t, places, "") for t in teams]})


def team_line(team: Team, places: dict[str, str], lead: str) -> dict[str, Any]:
    return {"t": team, "url": reverse("team", args=[team.pk]), "skills": parts.skills(team.skills), "where": "、".join(places.get(g, g) for g in team.grids) or _now("全村"), "lead": lead, "village": places.get(team.area_code, "")}


def help_line(row: HelpRequest, places: dict[str, str]) -> dict[str, Any]:
    contact = queries.who(queries.HELP_CONTACT, row.pk, row.contact_cipher)
    return {"r": row, "url": reverse("help-request", args=[row.pk]), "who": contact.name, "door": contact.door, "skill": parts.skills([row.skill]), "place": places.get(row.place_code, ""), "wanted": parts.wanted(row.wanted_from, row.wanted_to),
            "team": row.team.name if row.team else "", "state": _now(rules.HELP_LABELS[Help(row.state)]), "tone": parts.TONES[row.state]}


def care_line(care: Care, places: dict[str, str], on: Any) -> dict[str, Any]:
    contact = queries.who(queries.PAIR_CONTACT, care.pairing_id, care.pairing.contact_cipher)
    return {"c": care, "kind": _now(rules.CARES[care.kind]), "who": contact.name, "door": contact.door, "place": places.get(care.pairing.place_code, ""), "url": reverse("pairing", args=[care.pairing_id]), "late": care.due_on <= on, "team": care.team.name}


def jobs(me: Me, rows: list[HelpRequest], todo: list[Care]) -> list[dict[str, str]]:
    """What waits for this very person, oldest first."""
    keeps = queries.villages_of(me)
    found = []
    for r in rows:
        mine = r.team is not None and r.team.lead == me.id
        if r.state == Help.OPEN and r.area_code in keeps:
            found.append((r, _now("等安排"), "cin", _now("去安排")))
        elif r.state == Help.GIVEN and (mine or (r.area_code in keeps and r.team is not None and r.team.lead is None)):
            found.append((r, _now("等答复"), "cin", _now("去答复")))
        elif r.state == Help.ACCEPTED and mine:
            found.append((r, _now("答应了"), "och", _now("记结果")))
    lines = []
    for r, tag, tone, label in found[:8]:
        contact = queries.who(queries.HELP_CONTACT, r.pk, r.contact_cipher)
        lines.append({"title": f"{parts.skills([r.skill])} · {contact.name} {contact.door}", "tag": tag, "tone": tone, "url": reverse("help-request", args=[r.pk]), "label": label, "note": parts.wanted(r.wanted_from, r.wanted_to)})
    return lines
