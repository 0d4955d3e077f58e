"""How messages look on the desk: words, tones, tabs. No rule and no query of its own beyond names.

Invariant: a list shows to whom, which kind, which way and how it stands; the words stand on the page of one message and on the
lists of whoever has to say them.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access import queries as access_queries
from minqing.access.models import Area
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.notify import queries
from minqing.notify.actions import messages
from minqing.notify.channels import in_person, letter, loudspeaker, poster, sms, voice
from minqing.notify.models import Message
from minqing.notify.rules import routing, states, templates
from minqing.notify.rules.routing import Channel
from minqing.notify.rules.states import State
from minqing.web.shared.middleware import StaffRequest

MOVES = {
    "made": "写下", "claim": "取出发送", "hand": "已发出", "retry": "没有找到人，再试", "fail": "这种方式不通", "turn": "换一种方式", "give_up": "没有别的方式了", "deliver": "已送达", "cancel": "不再通知", "assign": "请人去告知",
}
MOVE_TONES = {"deliver": "bam", "fail": "och", "give_up": "cin", "retry": "och", "hand": "brand"}
#: Why a person was not reached: what one presses, not what one types.
REASONS = ("没人接", "关机或停机", "号码不对", "不在家", "门锁着", "搬走了")


def keeps(me: Me) -> bool:
    """Whether the lists are his: he keeps files, or works on matters."""
    return me.holds(Right.PEOPLE) or me.holds(Right.MATTERS)


def require_keeper(request: StaffRequest) -> None:
    if not keeps(request.me):
        raise NotAllowed(_("通知名单给管户档和办事的人看；请您当面告知的，在“当面告知”里。"))


def may_act(me: Me, m: Message) -> bool:
    return m.assigned == me.id or me.may(Right.WRITE, m.grid_code) or bool(m.desk and me.may(Right.MATTERS, m.desk))


def label_of(m: Message) -> str:
    template = templates.TEMPLATES.get(m.template)
    return _(template.label) if template else m.template


def line(m: Message, places: dict[str, str]) -> dict[str, Any]:
    """A message as a row of a list."""
    return {
        "m": m, "url": reverse("notice", kwargs={"message": m.pk}), "what": label_of(m), "who": m.name or (_("大家") if m.channel in routing.PUBLIC else _("（没有称呼）")),
        "place": places.get(m.grid_code, m.grid_code), "channel": _(routing.LABELS[Channel(m.channel)]), "icon": routing.ICONS[Channel(m.channel)],
        "state": _(states.LABELS[State(m.state)]), "tone": states.TONES[State(m.state)],
    }


def lines(rows: list[Message]) -> list[dict[str, Any]]:
    places = access_queries.full_names({m.grid_code for m in rows}) if rows else {}
    return [line(m, places) for m in rows]


def words_of(m: Message) -> str:
    """What is said by its present channel."""
    template = templates.TEMPLATES.get(m.template)
    if template is None:
        return ""
    values = messages.values_of(m)
    try:
        if m.channel == Channel.VOICE:
            return voice.script(template, values, m)
        if m.channel == Channel.LETTER:
            return "\n".join(letter.paragraphs(template, values, m))
        if m.channel == Channel.POSTER:
            return poster.words(template, values)
        if m.channel == Channel.LOUDSPEAKER:
            return loudspeaker.words(template, values)
        if m.channel == Channel.SMS:
            return sms.words(template, values, language=m.language)
        return in_person.words(template, values, m)
    except templates.Wrong as wrong:
        return str(wrong)


def caution_of(m: Message) -> str:
    return _(voice.caution(m)) if m.channel == Channel.VOICE and voice.caution(m) else _(in_person.caution(m)) if in_person.caution(m) else ""


def job(m: Message, me: Me, places: dict[str, str], names: dict[Any, str]) -> dict[str, Any]:
    """A message as a piece of work: words, caution, where, how often tried."""
    return line(m, places) | {
        "words": words_of(m), "caution": caution_of(m), "may": may_act(me, m), "do": reverse("notice-do", kwargs={"message": m.pk}), "assigned": names.get(m.assigned, ""), "mine": m.assigned == me.id,
        "phone": f"*******{m.phone_tail}" if m.phone_tail else "", "tries": m.attempts,
    }


def jobs(rows: list[Message], me: Me) -> list[dict[str, Any]]:
    places = access_queries.full_names({m.grid_code for m in rows}) if rows else {}
    names = queries.names_of(m.assigned for m in rows)
    return [job(m, me, places, names) for m in rows]


def tabs(current: str, place: str, counted: queries.Counts) -> list[dict[str, Any]]:
    tail = f"?place={place}" if place else ""
    found = (
        ("notice-list", _("全部通知"), None), ("notice-calls", _("打电话"), counted["voice"]), ("notice-letters", _("送信与张贴"), counted["letter"] + counted["poster"] + counted["loudspeaker"]),
        ("notice-errands", _("当面告知"), counted["person"]), ("notice-templates", _("通知用语"), None),
    )
    return [{"url": reverse(name) + (tail if name != "notice-templates" else ""), "label": label, "count": n, "current": name == current} for name, label, n in found]


def places_of(me: Me) -> list[Area]:
    """Areas by which the lists can be narrowed: those of his posts, and what lies one level below."""
    codes = sorted({p.area for p in me.posts})
    own = list(Area.objects.filter(pk__in=codes, closed_on=None))
    return own + [a for a in Area.objects.filter(parent__in=codes, closed_on=None).order_by("code")[:60] if a not in own]


def place_of(request: StaffRequest, places: list[Area]) -> str:
    """The area asked for, where it is one of his."""
    asked = request.GET.get("place", "")
    return asked if asked in {a.code for a in places} else ""


def come_back(request: StaffRequest, fallback: str) -> HttpResponse:
    """To the list one came from."""
    target = request.POST.get("back", "")
    return HttpResponseRedirect(target if target.startswith(("/notices/", "/people/")) else fallback)
