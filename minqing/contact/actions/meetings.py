"""A meeting is laid out, told, put off, held; who came; what was said and what becomes of it.

Invariants: whoever arranges contact there does all of it, and says why when it is later than the rule or not at all; the agenda names
no resident; a sentence that was said is kept as soon as it is sent; what asks for something is a matter with a number, and what is
about staff leaves nothing here.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import queries as areas
from minqing.access.actions import audit
from minqing.access.models import Appointment, Area
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.access.words import county, lasting
from minqing.archives.actions import people
from minqing.archives.models import Membership, Resident
from minqing.contact import vault
from minqing.contact.models import AgendaItem, Attendance, Meeting, MeetingStep, Opinion, Representative, Resolution
from minqing.contact.queries import meetings as reads
from minqing.contact.refusals import Missing, NotHere, Refused, saying
from minqing.contact.rules import meetings as rules
from minqing.lib import phones
from minqing.notify.actions import messages
from minqing.service.actions import matters, moving
from minqing.service.models import Matter

NAME, SAID, ANSWER, REPRESENTATIVE = "contact_attendance.name_cipher", "contact_opinion.said_cipher", "contact_opinion.answer_cipher", "contact_representative.name_cipher"
#: Most months laid out at once.
MOST_MONTHS = 12
FARTHEST = timedelta(days=400)


def get(meeting: Meeting | uuid.UUID, by: Me, *, lock: bool = False) -> Meeting:
    """A meeting that he arranges. Raises NotHere."""
    rows = Meeting.objects.filter(pk=meeting.pk if isinstance(meeting, Meeting) else meeting)
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None or not reads.arranges(by, row.area_code):
        raise NotHere(_("没有这次会，或不归您安排。"))
    return row


def ready(meeting: Meeting | uuid.UUID, by: Me, *states: str) -> Meeting:
    """The meeting locked, in one of the states. Raises NotHere, Refused."""
    row = get(meeting, by, lock=True)
    if row.state not in states:
        raise Refused(_("这次会现在是“%s”，不能这样办；请刷新后再看。") % rules.STATES[row.state])
    return row


def move(row: Meeting, verb: str) -> None:
    sources, target = rules.MOVES[verb]
    if row.state not in sources:
        raise Refused(_("这次会现在是“%(state)s”，不能%(verb)s。") % {"state": rules.STATES[row.state], "verb": rules.STEPS[verb]})
    row.state = target


def step(row: Meeting, what: str, by: Me, at: datetime, words: str = "") -> None:
    MeetingStep.objects.bulk_create([MeetingStep(area_code=row.area_code, meeting=row, at=at, by=by.id, what=what, words=words[:300])])
    audit.record("meeting.step", detail={"meeting": str(row.pk), "kind": what})


#: What a signature stands under besides the words: who came and how many should have.
COUNTED = {"present", "households_present", "observers", "due", "households"}


def keep(row: Meeting, *fields: str) -> None:
    """Write what changed. Who had signed before the figures changed signs anew."""
    row.revision += 1
    if COUNTED & set(fields) and (row.chair_signed_at or row.recorder_signed_at):
        row.chair_signed_at = row.recorder_signed_at = None
        fields = (*fields, "chair_signed_at", "recorder_signed_at")
    row.save(update_fields=[*fields, "revision"])


# --- laid out ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What a meeting is; `chair`, `recorder`: colleagues who work there, two different ones."""

    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    chair: uuid.UUID
    recorder: uuid.UUID


def colleagues(area: str) -> list[tuple[uuid.UUID, str]]:
    """Who can chair and record there: whoever arranges contact there, or in what took its place."""
    roles = [code for code, rule in ROLES.items() if Right.CONTACT in rule.rights]
    rows = Appointment.objects.filter(area_code__in=areas.standing(area), role__in=roles, ends_at=None, staff__left_at=None).select_related("staff").order_by("staff__number")
    return list(dict.fromkeys((a.staff.pk, a.staff.name) for a in rows))


def _checked(area: str, plan: Plan, at: datetime) -> dict[str, object]:
    kind = rules.KINDS.get(plan.kind)
    if kind is None or ("village" if len(area) == 12 else "town") not in kind.levels:
        raise Missing("kind", _("请选择哪一种会；这里不开所选的这种会。"))
    if plan.ends_at <= plan.starts_at:
        raise Missing("ends", _("结束时间要在开始之后，请改一改。"))
    if plan.starts_at > at + FARTHEST:
        raise Missing("on", _("日期太远，请核对年份。"))
    if plan.chair == plan.recorder:
        raise Missing("recorder", _("主持人和记录人要是两个人。"))
    known = dict(colleagues(area))
    for field, who in (("chair", plan.chair), ("recorder", plan.recorder)):
        if who not in known:
            raise Missing(field, _("请从在这里安排会议的人里选。"))
    return {"title": moving.need(plan.title, "title", _("请写会议名称。"))[:60], "starts_at": plan.starts_at, "ends_at": plan.ends_at, "place": moving.need(plan.place, "place", _("请写在哪里开。"))[:60], "chair": plan.chair, "recorder": plan.recorder}


def check_area(area: str, by: Me) -> None:
    if len(area) not in (9, 12) or not Area.objects.filter(pk=area, closed_on=None).exists() or not reads.arranges(by, area):
        raise Missing("area", _("请选择您安排会议的村或乡镇。"))


@transaction.atomic
def plan(*, area: str, plan: Plan, by: Me, at: datetime, round_on: date | None = None) -> Meeting:
    """A meeting is laid out. How many should come is taken from the files; a person corrects it with a reason."""
    check_area(area, by)
    if plan.starts_at < at - timedelta(hours=1) and round_on is None:
        raise Missing("on", _("开会的时间已经过了，请核对日期。"))
    due, homes = reads.head_counts(area, plan.kind, on=timezone.localdate(plan.starts_at))
    row = Meeting(area_code=area, kind=plan.kind, round_on=round_on, due=due, households=homes, made_by=by.id, made_at=at, **_checked(area, plan, at))
    with saying(_("这一天的沟通日已经排好了。")):
        row.save(force_insert=True)
    step(row, "plan", by, at)
    audit.record("meeting.plan", detail={"meeting": str(row.pk), "area": area, "kind": plan.kind})
    return row


@transaction.atomic
def lay_out(*, area: str, months: int, place: str, chair: uuid.UUID, recorder: uuid.UUID, by: Me, at: datetime) -> list[Meeting]:
    """The days of talk of the coming months, by the place's own rhythm; what stands already stays."""
    check_area(area, by)
    if not 1 <= months <= MOST_MONTHS:
        raise Missing("months", _("一次排 1 到 %d 个月。") % MOST_MONTHS)
    made = []
    for due, day, opens, closes, where in reads.rounds(area, months=months, at=at):
        if Meeting.objects.filter(area_code=area, kind=rules.MONTHLY, round_on=due).exists():
            continue
        start, end = (timezone.make_aware(datetime.combine(day, t)) for t in (opens, closes))
        title = lasting("%(month)d月民情沟通日") % {"month": due.month}
        made.append(plan(area=area, plan=Plan(rules.MONTHLY, title, start, end, place.strip() or where, chair, recorder), by=by, at=at, round_on=due))
    return made


@transaction.atomic
def change(*, meeting: Meeting | uuid.UUID, plan: Plan, by: Me, at: datetime) -> Meeting:
    """Title, place, people, hour while it is not told yet; afterwards it is put off."""
    row = ready(meeting, by, "planned")
    if plan.kind != row.kind:
        raise Missing("kind", _("哪一种会不能改；请取消这次，另安排一次。"))
    for name, value in _checked(row.area_code, plan, at).items():
        setattr(row, name, value)
    keep(row, "title", "starts_at", "ends_at", "place", "chair", "recorder")
    step(row, "change", by, at)
    return row


@transaction.atomic
def correct_due(*, meeting: Meeting | uuid.UUID, due: int | None, households: int | None, reason: str, by: Me, at: datetime) -> Meeting:
    """How many should come is otherwise than the files say."""
    row = ready(meeting, by, "planned", "noticed", "held")
    _no_counts(row)
    why = moving.need(reason, "reason", _("请写为什么与档案里的数不一样（不少于四个字）。"), 4)
    said = [lasting("应到 %(a)s→%(b)s") % {"a": shown(row.due), "b": shown(due)}] + ([lasting("户数 %(a)s→%(b)s") % {"a": shown(row.households), "b": shown(households)}] if (row.households, households) != (None, None) else [])
    step(row, "figures", by, at, "，".join(said) + f"：{why}")
    row.due, row.households, row.due_reason = due, households, why[:200]
    keep(row, "due", "households", "due_reason")
    return row


def shown(n: int | None) -> str:
    return lasting("没有填") if n is None else str(n)


# --- the agenda --------------------------------------------------------------------------------------------------------


def clean_title(area: str, title: str) -> str:
    """An agenda hangs on the wall: no resident, no doorplate, no number. Raises Missing with what is to be taken out."""
    tidy = " ".join(title.split())
    if not 2 <= len(tidy) <= rules.MOST_TITLE:
        raise Missing("title", _("议题请写 2 到 %d 个字。") % rules.MOST_TITLE)
    _text, found = rules.hide(tidy, reads.residents_named(area))
    if found:
        raise Missing("title", _("议题要张贴出去，请去掉：%s。说明是什么事就行。") % "、".join(h.was for h in found))
    return tidy


@dataclass(frozen=True)
class Topic:
    """An item as it is put on the agenda."""

    title: str
    origin: str = "own"
    matter: uuid.UUID | None = None
    resolution: uuid.UUID | None = None
    options: tuple[str, ...] = ()
    ballots: bool = True


@transaction.atomic
def add_item(*, meeting: Meeting | uuid.UUID, topic: Topic, by: Me, at: datetime) -> AgendaItem:
    """One more item, at the end."""
    row = ready(meeting, by, "planned", "noticed", "held")
    if AgendaItem.objects.filter(meeting=row, dropped_at=None).count() >= rules.MOST_ITEMS:
        raise Refused(_("议程最多 %d 项。") % rules.MOST_ITEMS)
    if topic.matter is not None and Matter.objects.filter(pk=topic.matter, restricted=False).first() is None:
        raise Missing("matter", _("没有这件事，或不在您这里办理。"))
    if topic.resolution is not None and not Resolution.objects.filter(pk=topic.resolution, area_code=row.area_code).exists():
        raise Missing("resolution", _("没有这项决议。"))
    last = AgendaItem.objects.filter(meeting=row).aggregate(n=Max("position"))["n"] or 0
    made = AgendaItem(area_code=row.area_code, meeting=row, position=last + 1, title=clean_title(row.area_code, topic.title), origin=topic.origin, matter_id=topic.matter, resolution_id=topic.resolution,
                      options=_options(row, topic.options), ballots=topic.ballots, made_by=by.id)
    with saying(_("这件事不在您这里办理，不能放进议程。")):
        made.save(force_insert=True)
    keep(row)
    return made


def _options(row: Meeting, options: Sequence[str]) -> list[str]:
    wanted = [" ".join(o.split())[:60] for o in options if o.strip()]
    if not wanted:
        return []
    if not rules.KINDS[row.kind].decides:
        raise Missing("options", _("“%s”只听意见，不作决定，不能设表决选项；要决定的请另开村民会议、代表会议或议事会。") % rules.LABELS[row.kind])
    if len(set(wanted)) != len(wanted) or not rules.LEAST_OPTIONS <= len(wanted) <= rules.MOST_OPTIONS:
        raise Missing("options", _("表决选项写 %(least)d 到 %(most)d 个，各不相同，一行一个。") % {"least": rules.LEAST_OPTIONS, "most": rules.MOST_OPTIONS})
    return wanted


def item_of(meeting: Meeting, item: AgendaItem | uuid.UUID | None) -> AgendaItem | None:
    if item is None:
        return None
    found = AgendaItem.objects.filter(pk=item.pk if isinstance(item, AgendaItem) else item, meeting=meeting, dropped_at=None).first()
    if found is None:
        raise NotHere(_("议程里没有这一项。"))
    return found


@transaction.atomic
def edit_item(*, meeting: Meeting | uuid.UUID, item: uuid.UUID, title: str, options: Sequence[str], ballots: bool, by: Me, at: datetime) -> AgendaItem:
    row = ready(meeting, by, "planned", "noticed", "held")
    found = item_of(row, item)
    assert found is not None
    if reads.counted(found.pk):
        raise Refused(_("这一项已经开始计票，不能再改。"))
    found.title, found.options, found.ballots = clean_title(row.area_code, title), _options(row, options), ballots
    found.save(update_fields=["title", "options", "ballots"])
    keep(row)
    return found


@transaction.atomic
def drop_item(*, meeting: Meeting | uuid.UUID, item: uuid.UUID, by: Me, at: datetime) -> None:
    row = ready(meeting, by, "planned", "noticed", "held")
    found = item_of(row, item)
    assert found is not None
    if reads.counted(found.pk) or found.opinions.exists():
        raise Refused(_("这一项已经记了意见或票数，不能去掉。"))
    found.dropped_at = at
    found.save(update_fields=["dropped_at"])
    keep(row)


@transaction.atomic
def shift_item(*, meeting: Meeting | uuid.UUID, item: uuid.UUID, up: bool, by: Me) -> None:
    """One place up or down."""
    row = ready(meeting, by, "planned", "noticed", "held")
    items = list(AgendaItem.objects.filter(meeting=row, dropped_at=None).order_by("position", "pk"))
    at = next((n for n, i in enumerate(items) if i.pk == item), None)
    other = None if at is None else at - 1 if up else at + 1
    if at is None or other is None or not 0 <= other < len(items):
        return
    items[at], items[other] = items[other], items[at]
    for n, one in enumerate(items, 1):
        one.position = n
    AgendaItem.objects.bulk_update(items, ["position"])
    keep(row)


# --- told, put off, held -----------------------------------------------------------------------------------------------


@transaction.atomic
def notice(*, meeting: Meeting | uuid.UUID, by: Me, at: datetime, reason: str = "") -> Meeting:
    """It is told: on the wall, on the portal, by the loudspeaker. Later than the rule only with a reason."""
    row = ready(meeting, by, "planned")
    if not AgendaItem.objects.filter(meeting=row, dropped_at=None).exists():
        raise Refused(_("议程还是空的，请先写上要议的事。"))
    short = rules.lacking_notice(row.kind, timezone.localdate(at), timezone.localdate(row.starts_at))
    if row.starts_at <= at:
        raise Refused(_("开会的时间已经过了，请改期后再通知。"))
    if short and len(reason.strip()) < 4:
        raise Missing("reason", _("%(kind)s应提前 %(days)d 天通知，现在少 %(short)d 天。确实要开，请写明原因（不少于四个字）；或改期。") % {"kind": rules.LABELS[row.kind], "days": rules.KINDS[row.kind].notice_days, "short": short})
    move(row, "notice")
    row.noticed_at, row.notice_reason = at, reason.strip()[:200] if short else ""
    keep(row, "state", "noticed_at", "notice_reason")
    step(row, "notice", by, at, row.notice_reason)
    if len(row.area_code) >= 12 and by.may(Right.WRITE, row.area_code):
        when = timezone.localtime(row.starts_at)
        values = {"unit": Area.objects.get(pk=row.area_code).short_name, "time": f"{when.month}月{when.day}日 {when:%H:%M}", "place": row.place, "what": row.title, "phone": settings.HOTLINE}
        for channel in ("poster", "loudspeaker"):
            messages.tell(event=f"meeting.notice:{row.pk}:{row.revision}:{channel}", grid=row.area_code, template="public.meeting", values=values, channel=channel, by=by, at=at)
    return row


@transaction.atomic
def postpone(*, meeting: Meeting | uuid.UUID, starts_at: datetime, ends_at: datetime, place: str, reason: str, by: Me, at: datetime) -> Meeting:
    """Another day, with a reason; it is told anew."""
    row = ready(meeting, by, *rules.AHEAD)
    why = moving.need(reason, "reason", _("请写为什么改期（不少于四个字）。"), 4)
    if starts_at <= at:
        raise Missing("on", _("新的时间已经过了，请核对日期。"))
    if ends_at <= starts_at:
        raise Missing("ends", _("结束时间要在开始之后，请改一改。"))
    old = timezone.localtime(row.starts_at)
    move(row, "postpone")
    row.starts_at, row.ends_at, row.place, row.noticed_at, row.notice_reason = starts_at, ends_at, place.strip()[:60] or row.place, None, ""
    keep(row, "state", "starts_at", "ends_at", "place", "noticed_at", "notice_reason")
    step(row, "postpone", by, at, lasting("原定 %(old)s：%(why)s") % {"old": f"{old:%Y-%m-%d %H:%M}", "why": why})
    return row


@transaction.atomic
def cancel(*, meeting: Meeting | uuid.UUID, reason: str, by: Me, at: datetime) -> Meeting:
    row = ready(meeting, by, *rules.AHEAD)
    why = moving.need(reason, "reason", _("请写为什么不开了（不少于四个字）。"), 4)
    move(row, "cancel")
    keep(row, "state")
    step(row, "cancel", by, at, why)
    return row


@transaction.atomic
def hold(*, meeting: Meeting | uuid.UUID, by: Me, at: datetime) -> Meeting:
    """It begins: from now on what is said is typed."""
    row = ready(meeting, by, "noticed")
    if at < row.starts_at - timedelta(hours=3):
        raise Refused(_("还没到开会的时间（%s）；提前开会请先改期。") % f"{timezone.localtime(row.starts_at):%m-%d %H:%M}")
    move(row, "hold")
    row.held_at = at
    keep(row, "state", "held_at")
    step(row, "hold", by, at)
    return row


# --- who came ----------------------------------------------------------------------------------------------------------


def _no_counts(row: Meeting) -> None:
    if Resolution.objects.filter(meeting=row).exists() or reads.any_counted(row):
        raise Refused(_("已经计过票，应到和到会人数不能再改。"))


@transaction.atomic
def attend(*, meeting: Meeting | uuid.UUID, present: int, households: int | None, observers: int, by: Me, at: datetime) -> Meeting:
    """How many signed in. Fewer than are named, or more than there are, is refused."""
    row = ready(meeting, by, "held")
    _no_counts(row)
    named = Attendance.objects.filter(meeting=row, gone_at=None, came_as="voter").count()
    if present < named:
        raise Missing("present", _("已经写了 %(named)d 个到会人的名字，到会人数不能少于这个数。") % {"named": named})
    if rules.KINDS[row.kind].quorum and row.due and present > row.due:
        raise Missing("present", _("到会 %(present)d 人，多于应到的 %(due)d 人，请核对；应到数不对就先更正它。") % {"present": present, "due": row.due})
    if households is not None and row.households and households > row.households:
        raise Missing("households", _("到会 %(n)d 户，多于总户数 %(all)d 户，请核对。") % {"n": households, "all": row.households})
    row.present, row.households_present, row.observers = present, households, observers
    keep(row, "present", "households_present", "observers")
    step(row, "attend", by, at, county(reads.quorum_of)(row).sentence)
    audit.record("meeting.attend", detail={"meeting": str(row.pk), "n": present})
    return row


@transaction.atomic
def name_present(*, meeting: Meeting | uuid.UUID, by: Me, at: datetime, name: str = "", person: uuid.UUID | None = None, came_as: str = "voter") -> Attendance:
    """One who came, by name: a resident of the caller's files, or as he is called. The count is never smaller than the names."""
    row = ready(meeting, by, "held")
    _no_counts(row)
    file = _resident(person)
    called = file.name if file else moving.need(name, "name", _("请写姓名，或从档案里选。"))[:50]
    home = Membership.objects.filter(person=file, ends_on=None, voided_at=None).values_list("household", flat=True).first() if file else None
    made = Attendance(area_code=row.area_code, meeting=row, came_as="observer" if came_as == "observer" else "voter", person_id=file.pk if file else None, household_id=home, made_by=by.id)
    made.name_cipher = vault.encrypt(NAME, made.pk, {"name": called})
    with saying(_("这个人已经登记到会。")):
        made.save(force_insert=True)
    named = Attendance.objects.filter(meeting=row, gone_at=None, came_as="voter").count()
    if made.came_as == "voter" and (row.present or 0) < named:
        row.present = named
        keep(row, "present")
    audit.record("meeting.attend", persons=[file.pk] if file else [], detail={"meeting": str(row.pk)})
    return made


@transaction.atomic
def strike_out(*, attendance: uuid.UUID, by: Me, at: datetime) -> Meeting:
    """Named by mistake."""
    found = Attendance.objects.filter(pk=attendance, gone_at=None).select_related("meeting").first()
    if found is None:
        raise NotHere(_("没有这一条到会登记。"))
    row = ready(found.meeting, by, "held")
    _no_counts(row)
    Attendance.objects.filter(pk=found.pk).update(gone_at=at)
    return row


def _resident(person: uuid.UUID | None) -> Resident | None:
    if person is None:
        return None
    found = Resident.objects.filter(pk=person, voided_at=None).first()
    if found is None:
        raise NotHere(_("没有这个人的档案，或不在您的范围内。"))
    return found


# --- what was said -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Voice:
    """Something said. `speaker`, `phone`, `person`: only when he said who he is; `remote`: sent in by somebody who did not come."""

    words: str
    item: uuid.UUID | None = None
    speaker: str = ""
    phone: str = ""
    person: uuid.UUID | None = None
    confidential: bool = False
    remote: bool = False


@transaction.atomic
def hear(*, id: uuid.UUID, meeting: Meeting | uuid.UUID, voice: Voice, by: Me, at: datetime) -> Opinion:
    """One sentence as it was spoken. The id is the page's: sent twice it is one."""
    words = voice.words.strip()
    stood = Opinion.objects.filter(pk=id).first()
    if stood is not None:
        return stood
    row = ready(meeting, by, "held") if not voice.remote else ready(meeting, by, "planned", "noticed", "held")
    if not 2 <= len(words) <= rules.MOST_WORDS:
        raise Missing("words", _("请写 2 到 %d 个字。") % rules.MOST_WORDS)
    if voice.phone.strip() and not phones.normalise(voice.phone):
        raise Missing("phone", _("电话“%s”看不明白：手机 11 位；座机请带区号，如 0570-4888365。") % voice.phone.strip())
    file = _resident(voice.person)
    item = item_of(row, voice.item)
    row.heard += 1
    made = Opinion(id=id, area_code=row.area_code, meeting=row, item=item, number=row.heard, person_id=file.pk if file else None, remote=voice.remote, confidential=voice.confidential, typed_by=by.id, typed_at=at)
    said = {"words": words, "speaker": (file.name if file else voice.speaker.strip())[:50], "phone": voice.phone.strip()}
    made.said_cipher = vault.encrypt(SAID, made.pk, {k: v for k, v in said.items() if v})
    with saying(_("这一条没有记上，请再按一次回车。")):
        made.save(force_insert=True)
        keep(row, "heard")
    audit.record("meeting.opinion", persons=[file.pk] if file else [], detail={"meeting": str(row.pk)})
    return made


def opinion_of(opinion: uuid.UUID, by: Me) -> Opinion:
    found = Opinion.objects.select_for_update(of=("self",)).filter(pk=opinion).select_related("meeting", "item").first()
    if found is None or not reads.arranges(by, found.area_code):
        raise NotHere(_("没有这条意见，或不是您记的。"))
    return found


def words_of(opinion: Opinion) -> dict[str, str]:
    return {k: str(v) for k, v in vault.decrypt(SAID, opinion.pk, opinion.said_cipher).items()}


@transaction.atomic
def settle(*, opinion: uuid.UUID, fate: str, answer: str, by: Me, at: datetime) -> Opinion:
    """Answered on the spot, or noted."""
    row = opinion_of(opinion, by)
    if row.fate not in ("open", "noted"):
        raise Refused(_("这条意见已经有了下文。"))
    if fate not in ("answered", "noted"):
        raise Missing("fate", _("请选择当场答复，或记下。"))
    words = answer.strip()
    if fate == "answered" and len(words) < 2:
        raise Missing("answer", _("请写当场怎么答复的。"))
    row.fate = fate
    row.answer_cipher = vault.encrypt(ANSWER, row.pk, {"words": words[:rules.MOST_WORDS]}) if words else None
    row.save(update_fields=["fate", "answer_cipher"])
    return row


@transaction.atomic
def become_matter(*, opinion: uuid.UUID, kind: str, by: Me, at: datetime, about_staff: bool = False) -> matters.Opened:
    """It asks for something: a matter with a number, its first owner whoever turns it into one. What is about staff leaves no word and no pointer here."""
    row = opinion_of(opinion, by)
    if row.fate in ("matter", "passed"):
        raise Refused(_("这条意见已经登记成事。"))
    said = words_of(row)
    file = _resident(row.person_id)
    who = matters.Who(name=said.get("speaker", ""), phone=said.get("phone", "") or (people.clear(file, "phone") if file else ""), person=file.pk if file else None)
    nameless = not who.name and not who.phone
    opened = matters.open_matter(matters.Said(
        words=said.get("words", ""), kind=kind, channel="meeting", place=row.area_code, requester=who, anonymous=nameless, confidential=row.confidential, about_staff=True if about_staff else None,
        follows=row.item.matter_id if row.item and row.item.matter_id and not nameless else None), by=by, at=at)
    if opened.restricted or not Matter.objects.filter(pk=opened.matter.pk).exists():
        row.fate, row.said_cipher, row.answer_cipher, row.person_id, row.matter_id = "passed", None, None, None, None
    else:
        row.fate, row.matter_id = "matter", opened.matter.pk
    row.save(update_fields=["fate", "said_cipher", "answer_cipher", "person_id", "matter_id"])
    return opened


# --- representatives ---------------------------------------------------------------------------------------------------


@transaction.atomic
def appoint(*, area: str, name: str, person: uuid.UUID | None, for_whom: str, starts_on: date, ends_on: date, by: Me, at: datetime) -> Representative:
    """A representative of the village, for a term."""
    check_area(area, by)
    if len(area) != 12:
        raise Missing("area", _("村民代表属于一个村，请选择村。"))
    if ends_on <= starts_on:
        raise Missing("ends_on", _("任期的结束要在开始之后。"))
    file = _resident(person)
    called = file.name if file else moving.need(name, "name", _("请写姓名。"))[:50]
    made = Representative(area_code=area, person_id=file.pk if file else None, for_whom=for_whom.strip()[:60], starts_on=starts_on, ends_on=ends_on, made_by=by.id, made_at=at)
    made.name_cipher = vault.encrypt(REPRESENTATIVE, made.pk, {"name": called})
    with saying(_("这个人已经是村民代表。")):
        made.save(force_insert=True)
    audit.record("representative.set", persons=[file.pk] if file else [], detail={"area": area})
    return made


@transaction.atomic
def dismiss(*, representative: uuid.UUID, on: date, why: str, by: Me, at: datetime) -> Representative:
    found = Representative.objects.select_for_update(of=("self",)).filter(pk=representative, left_on=None).first()
    if found is None:
        raise NotHere(_("没有这位代表，或已经不再担任。"))
    found.left_on, found.left_why = on, moving.need(why, "why", _("请写为什么不再担任。"))[:100]
    found.save(update_fields=["left_on", "left_why"])
    audit.record("representative.set", persons=[found.person_id] if found.person_id else [], detail={"area": found.area_code})
    return found
