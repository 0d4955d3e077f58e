"""The outbox on the desk: everything, what is to be called, carried, said; one message's story; the texts.

Invariants: opening a list of words or a message is audited with the persons in it; whoever was only asked to go to a door sees
his errands and nothing else.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.gateways import voice as speech
from minqing.notify import queries
from minqing.notify.channels import letter, loudspeaker, sms
from minqing.notify.models import Message
from minqing.notify.queries import Wanted
from minqing.notify.rules import routing, states, templates
from minqing.notify.rules.routing import Channel
from minqing.notify.rules.states import State
from minqing.web.desk.notify import presenting
from minqing.web.shared.middleware import StaffRequest

STATES = (("", "全部"), ("open", "待办"), (State.HANDED, "已发出"), (State.DELIVERED, "已送达"), (State.GIVEN_UP, "没能告知"), (State.CANCELLED, "不再通知"))


def before_of(text: str) -> tuple[datetime, uuid.UUID] | None:
    """The place in the list from an address; None for anything else."""
    moment, _bar, number = text.partition("|")
    try:
        found = datetime.fromisoformat(moment.replace(" ", "+"))
        return (found, uuid.UUID(number)) if found.tzinfo else None
    except ValueError:
        return None


def notice_list(request: StaffRequest) -> HttpResponse:
    if not presenting.keeps(request.me):
        return HttpResponseRedirect(reverse("notice-errands"))
    places = presenting.places_of(request.me)
    place = presenting.place_of(request, places)
    state = request.GET.get("state", "")
    channel = request.GET.get("channel", "")
    wanted = Wanted(place, state if state in dict(STATES) else "", channel if channel in set(Channel) else "", before_of(request.GET.get("before", "")))
    rows, more = queries.page(wanted)
    counted = queries.counts(place)
    audit.record("notice.list", persons={m.person for m in rows if m.person}, detail={"n": len(rows)})
    keep = {k: v for k, v in (("place", place), ("state", wanted.state), ("channel", wanted.channel)) if v}
    here = reverse("notice-list")
    return render(request, "desk/notify/list.html", {
        "rows": presenting.lines(rows), "tabs": presenting.tabs("notice-list", place, counted), "places": places, "place": place, "wanted": wanted,
        "states": [{"label": _(label), "url": here + "?" + urlencode({**keep, "state": key}), "current": wanted.state == key} for key, label in STATES],
        "channels": [(c.value, _(label)) for c, label in routing.LABELS.items()], "given_up": counted.given_up, "given_up_url": here + "?" + urlencode({**keep, "state": State.GIVEN_UP}),
        "next": here + "?" + urlencode({**keep, "before": f"{rows[-1].made_at.isoformat()}|{rows[-1].pk}"}) if more else "", "start": here + "?" + urlencode(keep) if wanted.before else "",
        "filtered": bool(keep), "counted": counted, "sms_off": settings.SMS == "off", "sms_file": settings.SMS == "file", "clear": here,
    })


def work_page(request: StaffRequest, route: str, template: str, rows: list[Message], place: str, places: list[Any], **more: Any) -> HttpResponse:
    audit.record("notice.open", persons={m.person for m in rows if m.person}, detail={"n": len(rows)})
    keeper = presenting.keeps(request.me)
    return render(request, template, {
        "jobs": presenting.jobs(rows, request.me), "tabs": presenting.tabs(route, place, queries.counts(place)) if keeper else [], "places": places, "place": place, "here": reverse(route),
        "back": reverse(route) + (f"?place={place}" if place else ""), "reasons": [_(r) for r in presenting.REASONS], "most": queries.BY_HAND, "full": len(rows) >= queries.BY_HAND, "keeper": keeper, **more,
    })


def calls(request: StaffRequest) -> HttpResponse:
    """The call list: whom, what to say, what to heed."""
    presenting.require_keeper(request)
    places = presenting.places_of(request.me)
    place = presenting.place_of(request, places)
    return work_page(request, "notice-calls", "desk/notify/calls.html", queries.by_hand([Channel.VOICE], place=place), place, places)


def letters(request: StaffRequest) -> HttpResponse:
    """Letters and posters to print, letters on their way, words for the loudspeaker."""
    presenting.require_keeper(request)
    places = presenting.places_of(request.me)
    place = presenting.place_of(request, places)
    rows = queries.by_hand([Channel.LETTER, Channel.POSTER, Channel.LOUDSPEAKER], place=place, states=[State.WAITING, State.HANDED])
    rows.sort(key=letter.walking_order)
    return work_page(request, "notice-letters", "desk/notify/letters.html", rows, place, places)


def errands(request: StaffRequest) -> HttpResponse:
    """What is to be told in person; for a helper what she was asked to say."""
    places = presenting.places_of(request.me)
    place = presenting.place_of(request, places)
    rows = queries.by_hand([Channel.PERSON], place=place)
    helpers: dict[str, list[Any]] = {}
    for grid in {m.grid_code for m in rows}:
        helpers[grid] = queries.helpers_at(grid, at=request.now) if presenting.keeps(request.me) else []
    return work_page(request, "notice-errands", "desk/notify/errands.html", rows, place, places, helpers=helpers)


def notice(request: StaffRequest, message: uuid.UUID) -> HttpResponse:
    """One message: what was told, to whom, by which way, every step."""
    m = queries.one(message)
    if m is None:
        raise Http404
    return story(request, m)


def story(request: StaffRequest, m: Message, *, error: str = "", number: str = "", status: int = 200) -> HttpResponse:
    audit.record("notice.open", persons=[m.person] if m.person else [], households=[m.household] if m.household else [], detail={"message": str(m.pk)})
    steps = queries.story(m)
    names = queries.names_of([*(s.by for s in steps), m.assigned, m.made_by, m.delivered_by])
    told = presenting.jobs([m], request.me)[0]
    keeper = presenting.keeps(request.me)
    return render(request, "desk/notify/notice.html", {
        **told, "error": error, "number": number, "route": " → ".join(_(routing.LABELS[Channel(c)]) for c in m.route), "kind": _(routing.KIND_LABELS[routing.Kind(m.kind)]), "made_by": names.get(m.made_by, _("系统")),
        "steps": [{"title": _(presenting.MOVES.get(s.move, s.move)), "tone": presenting.MOVE_TONES.get(s.move, "grey"), "who": names.get(s.by, _("系统")) if s.by else _("系统"), "when": s.at,
                   "says": _(s.sentence) if s.sentence else "", "channel": _(routing.LABELS[Channel(s.channel)])} for s in steps],
        "final": m.state in states.FINAL, "waits": m.state == State.WAITING, "by_person": m.channel not in routing.BY_MACHINE, "by_telephone": m.channel == Channel.VOICE and m.state == State.WAITING,
        "given_up": m.state == State.GIVEN_UP, "can_deliver": m.state in (State.WAITING, State.HANDED, State.GIVEN_UP) and (m.channel not in routing.BY_MACHINE or m.state == State.GIVEN_UP),
        "can_say": m.state in (State.WAITING, State.HANDED, State.GIVEN_UP) and m.channel in routing.TO_ONE, "can_cancel": m.state in (State.WAITING, State.HANDED, State.GIVEN_UP), "reasons": [_(r) for r in presenting.REASONS],
        "back": reverse("notice", kwargs={"message": m.pk}), "helpers": queries.helpers_at(m.grid_code, at=request.now) if told["may"] and keeper and m.channel == Channel.PERSON else [],
        "crumbs": [(_("通知"), reverse("notice-list" if keeper else "notice-errands")), (told["what"], "")],
    }, status=status)


def texts(request: StaffRequest) -> HttpResponse:
    """Every text, filled with its samples, as each channel shows it."""
    presenting.require_keeper(request)
    shown = []
    for t in templates.TEMPLATES.values():
        text = sms.words(t, t.samples) if Channel.SMS in t.channels else templates.fill(t, t.samples)
        shown.append({
            "t": t, "label": _(t.label), "kind": _(routing.KIND_LABELS[t.kind]), "text": text, "parts": templates.parts(text) if Channel.SMS in t.channels else 0, "units": templates.units(text),
            "letter": templates.fill(t, t.samples, letter=True).split("\n") if t.letter else [], "spoken": speech.speakable(templates.fill(t, t.samples)) if Channel.VOICE in t.channels else loudspeaker.words(t, t.samples) if Channel.LOUDSPEAKER in t.channels else "",
            "channels": [_(routing.LABELS[c]) for c in t.channels], "fields": [(f"{{{name}}}", _(f.label), f.personal) for name, f in t.fields.items()], "english": t.english,
        })
    groups = [{"title": _(label), "rows": [s for s in shown if s["t"].kind == kind]} for kind, label in routing.KIND_LABELS.items()]
    return render(request, "desk/notify/templates.html", {"groups": groups, "tabs": presenting.tabs("notice-templates", "", queries.counts()), "single": templates.SINGLE, "part": templates.PART})
