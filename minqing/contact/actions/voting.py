"""Votes counted on paper by two, and what was decided.

Invariants: two people count, each for himself and under his own account, and neither sees the other's figures first; where they differ it is
counted anew and both stay; without enough people nothing is decided; remote voices are opinions and no votes; a resolution keeps
the figures it rests on and is followed until somebody says what became of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import county, lasting
from minqing.contact.actions import meetings
from minqing.contact.models import AgendaItem, Meeting, Resolution, ResolutionNote, VoteCount
from minqing.contact.queries import meetings as reads
from minqing.contact.refusals import Missing, NotHere, Refused, saying
from minqing.contact.rules import meetings as rules
from minqing.service.actions import handling, matters, moving
from minqing.service.models import Matter
from minqing.service.rules.states import OPEN, Role, State


def _item(item: uuid.UUID, by: Me) -> tuple[AgendaItem, Meeting]:
    found = AgendaItem.objects.filter(pk=item, dropped_at=None).first()
    if found is None:
        raise NotHere(_("没有这个议题，或不归您安排。"))
    return found, meetings.ready(found.meeting_id, by, "held")


def _may_decide(row: Meeting) -> None:
    if not rules.KINDS[row.kind].decides:
        raise Refused(_("“%s”只听意见，不作决定；要决定的请另开村民会议、代表会议或议事会。") % rules.LABELS[row.kind])
    state = reads.quorum_of(row)
    if not state.enough:
        raise Refused(_("到会人数不够，不能表决：%s。请另定日子再开；今天可以听意见。") % state.sentence)


@transaction.atomic
def enter_count(*, item: uuid.UUID, counter: str, figures: Sequence[int], invalid: int, by: Me, at: datetime) -> VoteCount:
    """One counter's figures, in the order of the options. Raises Refused where enough have not come, where it is not his turn, where it cannot be."""
    found, row = _item(item, by)
    _may_decide(row)
    if len(found.options) < rules.LEAST_OPTIONS:
        raise Refused(_("这一项还没有表决选项。"))
    if len(figures) != len(found.options) or any(n < 0 for n in figures) or invalid < 0:
        raise Missing("figures", _("请给每个选项填票数，没有就填 0。"))
    wrong = rules.wrong_count(figures, invalid, row.present or 0, ballots=found.ballots)
    if wrong:
        raise Missing("figures", wrong)
    name = moving.need(counter, "counter", _("请写计票人的姓名。"))[:30]
    standing = reads.counted(found.pk)
    turn = 1
    if standing:
        last = standing[-1]
        if last.n >= 2:
            if reads.same_figures(found.pk, last.turn):
                raise Refused(_("两位计票人的票数一致，已经点好了，请登记决议。"))
            turn = last.turn + 1
        elif last.mine:
            raise Refused(_("您已经填过这一次的票数，请另一位计票人用自己的账号填。"))
        else:
            turn = last.turn
    made = VoteCount(area_code=row.area_code, item=found, turn=turn, counter=name, figures=list(figures), invalid=invalid, entered_by=by.id, entered_at=at)
    with saying(_("两位计票人要是两个人，各用自己的账号；请刷新后再看轮到谁。")):
        made.save(force_insert=True)
    audit.record("meeting.count", detail={"meeting": str(row.pk), "item": str(found.pk)})
    return made


@transaction.atomic
def resolve(*, item: uuid.UUID, text: str, by: Me, at: datetime, agreed: bool = False) -> Resolution:
    """What was decided, with the figures it rests on; the matter it is about gets its step. `agreed`: nobody disagreed and the kind may decide so, without a count."""
    found, row = _item(item, by)
    _may_decide(row)
    if Resolution.objects.filter(item=found).exists():
        raise Refused(_("这一项已经有了决议。"))
    words = meetings.clean_title(row.area_code, moving.need(text, "text", _("请写决议的内容。"))[:rules.MOST_TITLE]) if len(text.strip()) <= rules.MOST_TITLE else _long(row.area_code, text)
    quorum = county(reads.quorum_of)(row)
    counts = list(VoteCount.objects.filter(item=found).order_by("turn", "entered_at"))
    figures: dict[str, object] = {"present": row.present, "due": row.due, "households": row.households, "households_present": row.households_present}
    if agreed and not counts:
        if not rules.KINDS[row.kind].consensus:
            raise Refused(_("“%s”要计票表决，请两位计票人先填票数。") % rules.LABELS[row.kind])
        passed, said = True, lasting("大家没有不同意见，协商一致")
    else:
        last = [c for c in counts if c.turn == max((c.turn for c in counts), default=0)]
        if len(last) < 2:
            raise Refused(_("要两位计票人各填一次票数，现在还差。"))
        if (last[0].figures, last[0].invalid) != (last[1].figures, last[1].invalid):
            raise Refused(_("两位计票人的票数不一样，请重新点一次。"))
        result = county(rules.outcome)(row.kind, found.options, last[0].figures, due=row.due, present=row.present or 0)
        passed, said = result.passed, result.sentence + (lasting("；无效票 %d") % last[0].invalid if last[0].invalid else "")
        figures |= {"options": found.options, "votes": last[0].figures, "invalid": last[0].invalid, "counters": [c.counter for c in last], "turns": last[0].turn}
    day = timezone.localdate(row.starts_at)
    made = Resolution(
        area_code=row.area_code, meeting=row, item=found, number=reads.next_number(row.area_code, day.year), text=words, passed=passed, by_count=not agreed or bool(counts), sentence=f"{quorum.sentence}。{said}"[:400], figures=figures, decided_on=day,
        state="open" if passed else "dropped", made_by=by.id, made_at=at,
    )
    with saying(_("决议编号刚被用掉，请再按一次。")):
        made.save(force_insert=True)
    audit.record("meeting.resolve", detail={"meeting": str(row.pk), "resolution": str(made.pk)})
    if found.matter_id is not None and passed:
        tell_matter(found.matter_id, made, row, by=by, at=at)
    return made


def _long(area: str, text: str) -> str:
    tidy = " ".join(text.split())[:500]
    _clean, hidden = rules.hide(tidy, reads.residents_named(area))
    if hidden:
        raise Missing("text", _("决议要公布，请去掉：%s。") % "、".join(h.was for h in hidden))
    return tidy


def tell_matter(matter: uuid.UUID, made: Resolution, row: Meeting, *, by: Me, at: datetime) -> bool:
    """The matter's history says what was decided. Whether it could be written: only by who takes it in or handles it."""
    about = Matter.objects.filter(pk=matter).first()
    if about is None or State(about.state) not in OPEN or not moving.sits(about.pk, [Role.HOME, Role.LEAD], Right.MATTERS, by):
        return False
    public = lasting("%(kind)s决定：%(text)s") % {"kind": lasting(rules.LABELS[row.kind]), "text": made.text}
    if about.state == State.SUSPENDED and moving.may(about, "resume", by):
        handling.resume(matter=about, words=public, by=by, at=at)
    handling.decided(matter=about, words=f"{public}（{made.number}；{made.sentence}）", public=public, by=by, at=at)
    return True


# --- what became of it -------------------------------------------------------------------------------------------------


def resolution_of(resolution: uuid.UUID, by: Me) -> Resolution:
    found = Resolution.objects.select_for_update(of=("self",)).filter(pk=resolution).select_related("meeting").first()
    if found is None or not reads.arranges(by, found.area_code):
        raise NotHere(_("没有这项决议，或不归您这里。"))
    return found


@transaction.atomic
def follow(*, resolution: uuid.UUID, words: str, state: str, by: Me, at: datetime, meeting: uuid.UUID | None = None) -> ResolutionNote:
    """What became of it, asked at the next meeting or whenever something has happened."""
    row = resolution_of(resolution, by)
    if state not in dict(rules.FOLLOWED):
        raise Missing("state", _("请选择办得怎样。"))
    said = moving.need(words, "words", _("请写一句办得怎样。"))[:300]
    made = ResolutionNote(area_code=row.area_code, resolution=row, meeting_id=meeting, at=at, by=by.id, words=said)
    made.save(force_insert=True)
    if row.state != state:
        row.state = state
        row.save(update_fields=["state"])
    audit.record("meeting.resolve", detail={"resolution": str(row.pk), "kind": state})
    return made


@transaction.atomic
def carry_out(*, resolution: uuid.UUID, kind: str, words: str, by: Me, at: datetime) -> matters.Opened:
    """A decision becomes a matter: somebody has to do it, by a date."""
    row = resolution_of(resolution, by)
    if not row.passed:
        raise Refused(_("没有通过的，不能派人去办。"))
    said = moving.need(words, "words", _("请写要办什么。"))
    opened = matters.open_matter(matters.Said(words=said, kind=kind, channel="meeting", place=row.area_code, requester=matters.Who(name=by.name), title=said[:80], about_staff=False, follows=AgendaItem.objects.filter(pk=row.item_id).values_list("matter_id", flat=True).first()), by=by, at=at)
    ResolutionNote(area_code=row.area_code, resolution=row, matter_id=opened.matter.pk, at=at, by=by.id, words=lasting("登记成一件事：%s") % said[:200]).save(force_insert=True)
    return opened
