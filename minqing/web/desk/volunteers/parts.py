"""What the pages of volunteer teams share: forms' fields, words for skills and reasons, a team or 404.

Invariant: a reason is put into words from its kind and value; nothing is added to it here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.models import Area
from minqing.access.scope import Me
from minqing.archives.actions import people
from minqing.archives.models import Household, Membership, Resident
from minqing.service.actions import volunteers
from minqing.service.models import Team
from minqing.service.queries import volunteers as queries
from minqing.service.rules import volunteers as rules
from minqing.web.desk.things.asking import CTL, or_404

SKILL_CHOICES = [(k, _(v)) for k, v in rules.SKILL_CHOICES]
HOW_CHOICES = [(k, _(v)) for k, v in rules.CONSENT_HOW]
CARE_CHOICES = [(k, _(v)) for k, v in rules.CARE_CHOICES]
TONES = {"open": "cin", "given": "och", "accepted": "ind", "done": "bam", "withdrawn": ""}


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=help_text, widget=forms.DateInput({**CTL, "type": "date"}, format="%Y-%m-%d"),
                           error_messages={"invalid": _("请写成 2026-12-01 这样的日期。"), "required": _("请写日期。")})


def time_field(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput({**CTL, "type": "time"}, format="%H:%M"), error_messages={"invalid": _("请写成 08:30 这样的时间。"), "required": _("请写时间。")})


def choice_field(label: Any, choices: Iterable[tuple[str, Any]], *, required: bool = True, empty: Any = None, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", empty if empty is not None else _("请选择")), *choices], required=required, help_text=help_text, widget=forms.Select(CTL),
                             error_messages={"required": _("请选择。"), "invalid_choice": _("请从名单里选一项。")})


def checks_field(label: Any, choices: Iterable[tuple[str, Any]], *, required: bool = True, help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=list(choices), required=required, help_text=help_text, widget=forms.CheckboxSelectMultiple,
                                     error_messages={"required": _("请至少选一项。"), "invalid_choice": _("请从名单里选。")})


def minutes_field() -> forms.IntegerField:
    return forms.IntegerField(label=_("每人多少分钟"), min_value=1, max_value=rules.MOST_MINUTES, widget=forms.NumberInput({**CTL, "inputmode": "numeric"}), help_text=_("记在本人名下，开志愿证明用；不计分、不排名。"),
                              error_messages={"min_value": _("时间从 1 分钟到 24 小时。"), "max_value": _("时间从 1 分钟到 24 小时。"), "required": _("请写多少分钟。"), "invalid": _("请写数字。")})


def sure(request: Any) -> forms.Form:
    """A question without fields: "do it" is the answer."""
    return forms.Form(request.POST if request.method == "POST" else None)


def team_or_404(team: uuid.UUID, me: Me) -> Team:
    return or_404(volunteers.get_team, team, me)


def at_the_door(person: Resident) -> dict[str, Any]:
    """What a form is filled with from a file that was opened: name, telephone, door, grid."""
    home = Household.objects.filter(pk__in=Membership.objects.filter(person=person, ends_on=None, voided_at=None).values("household"), voided_at=None).first()
    return {"name": person.name, "phone": people.clear(person, "phone"), "door": f"{home.natural_village}{home.door}" if home else person.living_address, "place": people.grid_of(person.pk)}


def member_choices(team: Team, me: Me) -> list[tuple[str, str]]:
    return [(str(m.row.pk), m.who.name) for m in queries.members(team, me)]


def grid_choices(area: str, me: Me, *, whole: bool = True) -> list[tuple[str, str]]:
    """A village and its grids by name; of a wider area its villages with their towns: nobody chooses among a county's thousand grids."""
    above, below, digits = ("village", "grid", 12) if len(area) >= 12 else ("town", "village", 9)
    rows = list(Area.objects.using(me.using).filter(pk__gte=area, pk__lt=area + ":", closed_on=None, level__in=(above, below)).order_by("pk").values_list("pk", "short_name", "level"))
    names = {code: name for code, name, level in rows if level == above}
    return [(c, n if level == above else f"{names.get(c[:digits], '')} {n}".strip()) for c, n, level in rows if level == below or (whole and above == "village")]


def skills(codes: Iterable[str]) -> str:
    return "、".join(_now(rules.SKILLS[c]) for c in codes if c in rules.SKILLS)


def cares(codes: Iterable[str]) -> str:
    return "、".join(_now(rules.CARES[c]) for c in codes if c in rules.CARES)


def wanted(since: date | None, until: date | None) -> str:
    """"12-01 到 12-03", "12-01 起", "12-03 前", "哪天都行"."""
    if since and until:
        return _now("%(a)s 到 %(b)s") % {"a": f"{since:%m-%d}", "b": f"{until:%m-%d}"} if since != until else f"{since:%m-%d}"
    return _now("%s 起") % f"{since:%m-%d}" if since else _now("%s 前") % f"{until:%m-%d}" if until else _now("哪天都行")


def reasons(why: Iterable[Any], places: dict[str, str], shift: rules.Shift | None = None) -> list[str]:
    """Why a team was suggested, or chosen, as sentences."""
    said = []
    for kind, value in why:
        if kind == "skill":
            said.append(_now("会%s") % skills([value]))
        elif kind == "grid":
            said.append(_now("负责%s") % places.get(value, value))
        elif kind == "village":
            said.append(_now("全村都去"))
        elif kind == "shift":
            said.append(_now("%(who)s %(when)s 有空班") % {"who": shift.who, "when": volunteers.spoken(shift.starts_at, shift.ends_at)} if shift else _now("有空班"))
        elif kind == "own_skill":
            said.append(_now("去的人自己就会"))
        elif kind == "no_shift":
            said.append(_now("这几天没有空班，要另约"))
        elif kind == "chosen":
            said.append(_now("人工选的，不在建议里"))
    return said


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_now("志愿服务"), reverse("volunteers")), *more]


def local_day(request: Any) -> date:
    return timezone.localdate(request.now)
