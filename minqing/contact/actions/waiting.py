"""Doors that wait: grave news makes a visit due within a day; a visitor asks somebody for help with a door; a county sets its own intervals.

Invariants: what happened is encrypted and stands on no list; who is asked is told name, door and what is needed, and says yes or no himself;
nothing is counted per colleague.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives.actions import members
from minqing.archives.models import Household
from minqing.contact import vault
from minqing.contact.actions import telling
from minqing.contact.models import CountyInterval, DoorAsk, GraveNews
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused, saying
from minqing.contact.rules import asking, intervals
from minqing.service.actions.volunteers import leads_of

KINDS = {"death": "有人去世", "fire": "火灾、房屋受损", "illness": "大病、受伤", "job": "失业、歇业", "other": "其他变故"}
NEED_LABELS = dict(DoorAsk.NEEDS)
#: News of longer ago is no more a matter of hours.
OLDEST_NEWS = timedelta(days=30)


@transaction.atomic
def tell_news(*, household: Household | uuid.UUID, kind: str, words: str, happened: datetime, by: Me, at: datetime) -> GraveNews:
    """Something grave happened in a family: somebody goes within a day. Whoever writes its file may say so."""
    home = members.household_of(household, by)
    if kind not in KINDS:
        raise Missing("kind", _("请选是什么变故。"))
    if not at - OLDEST_NEWS <= happened <= at + asking.FAST:
        raise Missing("happened", _("请写知道这件事的时间，不早于三十天前、不晚于现在。"))
    text = words.strip()
    if len(text) > asking.MOST_SENTENCE:
        raise Missing("words", _("“%(label)s”最多%(most)d个字，您写了%(n)d个，请缩短。") % {"label": _("一句话"), "most": asking.MOST_SENTENCE, "n": len(text)})
    row = GraveNews(grid_code=home.grid_code, household=home, happened_at=happened, made_by=by.id, made_at=at)
    row.payload = vault.encrypt(vault.NEWS, row.pk, {"kind": kind, "words": text})
    row.save(force_insert=True)
    audit.record("visit.news", households=[home.pk])
    return row


@transaction.atomic
def void_news(*, news: uuid.UUID, by: Me, at: datetime) -> None:
    """It was not so."""
    row = GraveNews.objects.filter(pk=news, voided_at=None).first()
    if row is None or not by.may(Right.WRITE, row.grid_code):
        raise NotHere(_("没有这条记录，或不在您的范围内。"))
    GraveNews.objects.filter(pk=row.pk).update(voided_at=at)
    audit.record("visit.news", households=[row.household_id])


@transaction.atomic
def ask(*, household: Household | uuid.UUID, need: str, asked: uuid.UUID, words: str = "", by: Me, at: datetime) -> DoorAsk:
    """Ask a colleague or helper of the village to come along to a door. He is told name, door and what is needed, no file."""
    home = members.household_of(household, by)
    if need not in NEED_LABELS:
        raise Missing("need", _("请选要什么帮手。"))
    if asked == by.id:
        raise Missing("asked", _("请选另一位同事或连心服务员。"))
    if asked not in dict(leads_of(home.grid_code[:12], by)):
        raise Missing("asked", _("只能请在本村任职的同事或连心服务员。"))
    text = words.strip()
    if len(text) > asking.MOST_SENTENCE:
        raise Missing("words", _("“%(label)s”最多%(most)d个字，您写了%(n)d个，请缩短。") % {"label": _("一句话"), "most": asking.MOST_SENTENCE, "n": len(text)})
    row = DoorAsk(grid_code=home.grid_code, household=home, need=need, asked=asked, made_by=by.id, made_at=at)
    row.who_cipher = vault.encrypt(vault.ASK, row.pk, {"name": home.head_name, "door": f"{home.natural_village}{home.door}" or home.address, "words": text})
    with saying(_("已经请过他帮这一户，等他答复。")):
        row.save(force_insert=True)
    audit.record("visit.ask", households=[home.pk], detail={"staff": str(asked)})
    telling.colleague(event=f"door:{row.pk}", staff=asked, area=home.grid_code[:12], what=lasting("一起上门走访一户"), by=by, at=at)
    return row


@transaction.atomic
def answer(*, ask_: uuid.UUID, yes: bool, by: Me, at: datetime) -> None:
    """Yes or no, by who is asked and nobody else."""
    row = DoorAsk.objects.filter(pk=ask_, asked=by.id, ended_at=None).first()
    if row is None:
        raise NotHere(_("没有请您帮忙的这一户，或已经了结。"))
    if row.answer:
        raise Refused(_("您已经答复过了；有变化请直接和请您的人说。"))
    DoorAsk.objects.filter(pk=row.pk, answer="").update(answer="yes" if yes else "no", answered_at=at)
    audit.record("visit.answer", detail={"kind": "yes" if yes else "no"})


@transaction.atomic
def end(*, ask_: uuid.UUID, by: Me, at: datetime) -> None:
    """Been there together, or not needed any more. By who writes the file."""
    row = DoorAsk.objects.filter(pk=ask_, ended_at=None).first()
    if row is None or not by.may(Right.WRITE, row.grid_code):
        raise NotHere(_("没有这一次请人帮忙，或已经了结。"))
    DoorAsk.objects.filter(pk=row.pk).update(ended_at=at)
    audit.record("visit.ask", households=[row.household_id], detail={"kind": "end"})


@transaction.atomic
def set_interval(*, county: str, code: str, days: int | None, phone: bool = False, helper: bool = False, by: Me, at: datetime) -> None:
    """A county's own days for one line; None = as the data says. Whoever keeps the county's catalogue."""
    if len(county) != 6 or not by.may(Right.CATALOGUE, county):
        raise NotYours(_("走访间隔由县受理中心来定。"))
    known = {i.code for i in intervals.INTERVALS} | set(intervals.ONCE)
    if code not in known:
        raise Missing("code", _("没有这一条间隔。"))
    if days is not None and not 1 <= days <= 366:
        raise Missing("days", _("间隔应在 1 到 366 天之间。"))
    CountyInterval.objects.filter(area_code=county, code=code, ended_at=None).update(ended_at=at)
    if days is not None:
        with saying(_("刚有别人改过，请刷新再改。")):
            CountyInterval.objects.create(area_code=county, code=code, days=days, phone=phone, helper=helper, made_by=by.id, made_at=at)
    audit.record("visit.intervals", detail={"area": county, "kind": code, "n": days or 0})
