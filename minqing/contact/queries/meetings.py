"""What pages, papers and the calendar want to know of meetings: how many should come, what could be talked about, who came, what was said.

Invariants: read with the caller's own eyes; an agenda is proposed in titles and numbers, never with a resident's name; a count is shown when
two stand; who opens what was said leaves a trace.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import connections
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import queries as areas
from minqing.access.actions import audit
from minqing.access.models import Appointment, Area, Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import county
from minqing.archives.models import Household, Membership, Resident
from minqing.contact import vault
from minqing.contact.events import Event
from minqing.contact.models import (
    AgendaItem,
    Attendance,
    Meeting,
    MeetingPaper,
    MeetingStep,
    Objection,
    Opinion,
    Publication,
    Representative,
    Resolution,
    ResolutionNote,
    VoteCount,
)
from minqing.contact.queries import due
from minqing.contact.queries import rhythm as rhythms
from minqing.contact.rules import meetings as rules
from minqing.contact.rules import rhythm
from minqing.lib import masks
from minqing.notify.models import Message
from minqing.service.models import Matter
from minqing.service.queries import calendar as workdays
from minqing.service.queries import lists, offers
from minqing.service.rules import kinds, numbers, states

MOST = 200
ADULT = 18
#: Titles of matters proposed one by one; the others are a number.
MOST_TITLES = 8
#: Kinds whose matters concern the village and may stand on its wall by title.
COMMON = ("suggestion", "works", "help", "help_up", "question")
ROUND_AGES = (60, 70, 80, 90, 100)


def arranges(me: Me, area: str) -> bool:
    """Whether he arranges meetings there and reads what was said: as the policies have it."""
    with connections[me.using].cursor() as cursor:
        cursor.execute("select access.may('contact', %s) and case when length(%s) < 12 then %s = any (access.posts_with('contact')) else access.may('people', %s) end", [area] * 4)
        return bool(cursor.fetchone()[0])


def places(me: Me) -> list[tuple[str, str]]:
    """Villages and towns where he arranges meetings: (code, name)."""
    codes = {p.area for p in me.posts if len(p.area) in (9, 12)}
    held = me.may_where(Right.CONTACT, sorted(codes)) if codes and me.holds(Right.CONTACT) else set()
    return list(Area.objects.filter(pk__in=held, closed_on=None).order_by("pk").values_list("pk", "short_name"))


def near(me: Me) -> list[tuple[str, str]]:
    """Where he works: villages and towns whose meetings he may know of."""
    codes = {p.area[:n] for p in me.posts for n in (9, 12) if len(p.area) >= n and (n == 12 or len(p.area) == 9)}
    return list(Area.objects.filter(pk__in=codes, closed_on=None).order_by("pk").values_list("pk", "short_name"))


# --- how many ----------------------------------------------------------------------------------------------------------


def _village(area: str, field: str = "grid_code") -> Q:
    """Where the people of a village are now: in itself, or in what took its place when it ended."""
    return areas.within(field, areas.today(area) or [area])


def head_counts(area: str, kind: str, *, on: date) -> tuple[int | None, int | None]:
    """How many should come, and how many households there are, by the files. None: the files do not say."""
    rule = rules.KINDS[kind]
    if len(area) != 12 or rule.voters == "invited":
        return None, None
    if rule.voters == "delegates":
        return Representative.objects.filter(area_code=area, left_on=None, starts_on__lte=on, ends_on__gte=on).count() or None, None
    here = _village(area)
    people = Membership.objects.filter(here, by="registration", ends_on=None, voided_at=None, person__alive=True, person__voided_at=None)
    if rule.voters == "members":
        return people.filter(person__political="01").count() or None, None
    eighteen = date(on.year - ADULT, on.month, min(on.day, 28) if on.month == 2 else on.day)
    homes = Household.objects.filter(here, voided_at=None, kind="family").exclude(state="dissolved").count()
    return people.filter(person__birth_date__lte=eighteen).count() or None, homes or None


def quorum_of(meeting: Meeting) -> rules.Quorum:
    return rules.quorum(meeting.kind, due=meeting.due, present=meeting.present, households=meeting.households, households_present=meeting.households_present)


def residents_named(area: str) -> list[str]:
    """Names of the people of a village as the caller sees them, to be looked for in what is put up; whoever holds an office there is named as before."""
    if len(area) != 12:
        return []
    homes = areas.today(area)
    offices = Appointment.objects.filter(area_code__in=[area[:9], area, *(c[:n] for c in homes for n in (9, 12))], ends_at=None).values("staff__name")
    return list(Membership.objects.filter(_village(area), ends_on=None, voided_at=None, person__voided_at=None).exclude(person__name__in=offices).values_list("person__name", flat=True).distinct())


def named_at(meeting: Meeting) -> list[str]:
    """Whoever was named in the list of who came, or said who he is."""
    found = [attended(a) for a in Attendance.objects.filter(meeting=meeting)]
    found += [str(vault.decrypt("contact_opinion.said_cipher", o.pk, o.said_cipher).get("speaker", "")) for o in Opinion.objects.filter(meeting=meeting)]
    return [n for n in found if len(n) >= 2]


def attended(row: Attendance) -> str:
    return str(vault.decrypt("contact_attendance.name_cipher", row.pk, row.name_cipher).get("name", ""))


# --- counts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counted:
    """One turn of counting: how many have written, and whether the caller was one."""

    turn: int
    n: int
    mine: bool


def counted(item: uuid.UUID) -> list[Counted]:
    with connections["default"].cursor() as cursor:
        cursor.execute("select turn, n, mine from access.counted(%s)", [item])
        return [Counted(*row) for row in cursor.fetchall()]


def any_counted(meeting: Meeting) -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("select exists (select from contact_agendaitem i, access.counted(i.id) where i.meeting_id = %s)", [meeting.pk])
        return bool(cursor.fetchone()[0])


def same_figures(item: uuid.UUID, turn: int) -> bool:
    """Whether the two of a turn counted the same."""
    rows = list(VoteCount.objects.filter(item=item, turn=turn).values_list("figures", "invalid"))
    return len(rows) == 2 and rows[0] == rows[1]


def next_number(area: str, year: int) -> str:
    taken = Resolution.objects.filter(area_code=area, number__startswith=f"{year}-").values_list("number", flat=True)
    return f"{year}-{max((int(n.partition('-')[2]) for n in taken), default=0) + 1:02d}"


# --- the days that come round ------------------------------------------------------------------------------------------


def rounds(area: str, *, months: int, at: datetime) -> Iterator[tuple[date, date, time, time, str]]:
    """(the day the rule names, the day it is held, from, to, place) of the coming months, by the rhythm that holds there."""
    rule = rhythms.of([area])[area][rhythm.FIFTEENTH].rule
    first = timezone.localdate(at) + timedelta(days=1)
    year, month = first.year + (first.month - 1 + months) // 12, (first.month - 1 + months) % 12 + 1
    last = date(year, month, min(first.day, 28)) - timedelta(days=1)
    for o in rhythm.dates(rule, first, last, workdays.calendar_for(area)):
        if o.day is not None:
            yield o.due, o.day, rule.opens, rule.closes, rule.place


# --- what could be talked about ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line that the program proposes for the agenda; a person takes it or not, and words it."""

    key: str
    title: str
    origin: str
    why: str = ""
    matter: uuid.UUID | None = None
    resolution: uuid.UUID | None = None


def proposals(me: Me, meeting: Meeting, *, on: date) -> list[Proposal]:
    """From open decisions, open matters, doors that wait, policies that found people, birthdays since the last one."""
    area, found = meeting.area_code, []
    homes = areas.today(area) or [area]
    taken = list(AgendaItem.objects.filter(meeting=meeting, dropped_at=None).values_list("origin", "matter_id", "resolution_id"))
    for r in Resolution.objects.filter(area_code__in=areas.former(homes), state="open", passed=True).exclude(meeting=meeting).order_by("decided_on")[:10]:
        if not any(x[2] == r.pk for x in taken):
            found.append(Proposal(f"r{r.pk}", _("决议 %(number)s“%(text)s”办得怎样") % {"number": r.number, "text": r.text[:60]}, "resolution", _("还没做完"), resolution=r.pk))
    found += _of_matters(area, taken, residents_named(area) if len(area) == 12 else [])
    if len(area) == 12:
        origins = {x[0] for x in taken}
        if "policy" not in origins:
            found += _of_policies(homes, on)
        if "doors" not in origins:
            late = sum(days < 0 for code in homes for _due, days in due.by_household(me, code, on=on).values())
            if late:
                found.append(Proposal("doors", _("到了日子还没走访的 %d 户，怎么安排") % late, "doors", _("只报户数，不点名")))
        if "tags" not in origins:
            found += _of_birthdays(area, on)
    return found


def _of_matters(area: str, taken: list[tuple[str, uuid.UUID | None, uuid.UUID | None]], people: list[str]) -> Iterator[Proposal]:
    rows = list(Matter.objects.filter(_village(area, "place_code"), state__in=states.OPEN_VALUES, restricted=False, confidential=False).order_by("submitted_at").values("pk", "number", "kind", "title", "urgency")[:MOST])
    used, shown = {x[1] for x in taken}, 0
    for m in rows:
        title, hidden = rules.hide(m["title"], people)
        if m["kind"] in COMMON and not hidden and m["pk"] not in used and shown < MOST_TITLES:
            shown += 1
            yield Proposal(f"m{m['pk']}", title, "matter", f"{numbers.spoken(m['number'])} {_(kinds.KIND_LABELS[kinds.Kind(m['kind'])])}", matter=m["pk"])
    if rows and "matters" not in {x[0] for x in taken}:
        by_kind: dict[str, int] = {}
        for m in rows:
            by_kind[_(kinds.BULLETIN[kinds.Kind(m["kind"])])] = by_kind.get(_(kinds.BULLETIN[kinds.Kind(m["kind"])]), 0) + 1
        yield Proposal("matters", _("没有办完的事 %(n)d 件：%(kinds)s") % {"n": len(rows), "kinds": "、".join(f"{k} {n}" for k, n in by_kind.items())}, "matters", _("通报进展，不点名"))


def _of_policies(homes: list[str], on: date) -> list[Proposal]:
    """What was put up or read out in the last month, and how many people a policy has found."""
    since = timezone.make_aware(datetime.combine(on - timedelta(days=31), time()))
    told = Message.objects.filter(areas.within("grid_code", homes), template="public.notice", made_at__gte=since).order_by("-made_at").values_list("values", flat=True)[:20]
    words = list(dict.fromkeys(str(v.get("what", "")).strip() for v in told))[:3]
    found = [Proposal(f"p{n}", _("讲一讲：%s") % what[:80], "policy", _("近一个月告诉过大家的")) for n, what in enumerate(words) if what]
    waiting = offers.waiting(homes).count()
    if waiting:
        found.append(Proposal("offers", _("有 %d 人可能够政策的条件还没告诉到，讲一讲有哪些政策、怎么办") % waiting, "policy", _("只报人数，不点名")))
    return found


def _of_birthdays(area: str, on: date) -> list[Proposal]:
    """Tags that changed: how many turned 60, 70, 80 since a month ago."""
    start = on - timedelta(days=31)
    born = Membership.objects.filter(_village(area), by="registration", ends_on=None, voided_at=None, person__alive=True, person__voided_at=None, person__birth_date__year__in=[y - a for a in ROUND_AGES for y in {on.year, start.year}]).values_list("person__birth_date", flat=True)
    turned: dict[int, int] = {}
    for day in born:
        for age in ROUND_AGES:
            year = day.year + age
            birthday = date(year, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)
            if start < birthday <= on:
                turned[age] = turned.get(age, 0) + 1
    if not turned:
        return []
    return [Proposal("tags", _("一个月来：%s，该有的待遇讲一讲") % "、".join(_("满 %(age)d 岁 %(n)d 人") % {"age": a, "n": n} for a, n in sorted(turned.items())), "tags", _("只报人数，不点名"))]


# --- lists and one meeting ---------------------------------------------------------------------------------------------


def listed(places: Iterable[str], *, ahead: bool, at: datetime) -> list[Meeting]:
    """Meetings of places: what is to come or in hand, or what is over."""
    rows = Meeting.objects.filter(area_code__in=areas.former(places))
    if ahead:
        return list(rows.exclude(state__in=("closed", "cancelled")).order_by("starts_at")[:MOST])
    return list(rows.filter(state__in=("closed", "cancelled")).order_by("-starts_at")[:MOST])


def get(meeting: uuid.UUID) -> Meeting | None:
    return Meeting.objects.filter(pk=meeting).first()


@dataclass(slots=True)
class OpinionLine:
    row: Opinion
    words: str
    speaker: str
    phone: str
    answer: str
    matter: Matter | None = None

    @property
    def fate(self) -> str:
        return _(dict(rules.FATES)[self.row.fate])


@dataclass(slots=True)
class CountLine:
    turn: int
    counter: str
    figures: list[tuple[str, int]]
    invalid: int


@dataclass(slots=True)
class ItemLine:
    """An item with everything that hangs on it. `turn`: which counting is on, `waits`: whether the caller's figures are still to come."""

    row: AgendaItem
    opinions: list[OpinionLine] = field(default_factory=list)
    counts: list[CountLine] = field(default_factory=list)
    decision: Resolution | None = None
    matter: Matter | None = None
    papers: list[MeetingPaper] = field(default_factory=list)
    earlier: Resolution | None = None
    turn: int = 0
    standing: int = 0
    mine: bool = False
    differs: bool = False
    agrees: bool = False


@dataclass(slots=True)
class Whole:
    """One meeting as its page shows it."""

    meeting: Meeting
    items: list[ItemLine]
    loose: list[OpinionLine]
    names: dict[uuid.UUID, str]
    attendances: list[tuple[Attendance, str]]
    papers: list[MeetingPaper]
    publication: Publication | None
    objections: list[ObjectionLine]
    quorum: rules.Quorum
    steps: list[MeetingStep]
    inside: bool

    @property
    def opinions(self) -> list[OpinionLine]:
        return sorted([o for i in self.items for o in i.opinions] + self.loose, key=lambda o: o.row.number)


@dataclass(slots=True)
class ObjectionLine:
    row: Objection
    words: str
    who: str
    phone: str
    answer: str


def opinion_lines(meeting: Meeting) -> list[OpinionLine]:
    """What was said, in order; their matters are looked up by the page, all at once."""
    found = []
    for o in Opinion.objects.filter(meeting=meeting).order_by("number"):
        said = vault.decrypt("contact_opinion.said_cipher", o.pk, o.said_cipher)
        found.append(OpinionLine(o, str(said.get("words", "")), str(said.get("speaker", "")), str(said.get("phone", "")), str(vault.decrypt("contact_opinion.answer_cipher", o.pk, o.answer_cipher).get("words", ""))))
    return found


def whole(me: Me, meeting: Meeting, *, inside: bool, talk: bool = False, people: bool = False) -> Whole:
    """Everything of one meeting, at most nine statements and the audit. `inside`: he arranges it; `talk`: what was said also when it is long over;
    `people`: who came, by name."""
    items = {i.pk: ItemLine(i) for i in AgendaItem.objects.filter(meeting=meeting, dropped_at=None).order_by("position", "pk").select_related("resolution", "decision")}
    publication = Publication.objects.filter(meeting=meeting, withdrawn_at=None).first() if meeting.state in ("published", "closed") else None
    quorum = quorum_of(meeting)
    for line in items.values():
        line.decision, line.earlier = getattr(line.row, "decision", None), line.row.resolution
    staff = {meeting.chair, meeting.recorder, meeting.made_by}
    if not inside:
        return Whole(meeting, list(items.values()), [], _names(staff), [], [], publication, [], quorum, [], False)
    said = opinion_lines(meeting) if talk or meeting.state in ("planned", "noticed", "held") else []
    loose = []
    for o in said:
        (items[o.row.item_id].opinions if o.row.item_id in items else loose).append(o)
    about = {i.row.matter_id for i in items.values() if i.row.matter_id} | {o.row.matter_id for o in said if o.row.matter_id}
    seen = {m.pk: m for m in Matter.objects.filter(pk__in=about)} if about else {}
    for o in said:
        o.matter = seen.get(o.row.matter_id) if o.row.matter_id else None
    papers = list(MeetingPaper.objects.filter(meeting=meeting).order_by("made_at"))
    for line in items.values():
        line.matter = seen.get(line.row.matter_id) if line.row.matter_id else None
        line.papers = [p for p in papers if p.item_id == line.row.pk]
    if meeting.state not in ("planned", "noticed"):
        _counts(meeting, items)
    attendances = [(a, attended(a)) for a in Attendance.objects.filter(meeting=meeting, gone_at=None)] if people else []
    steps = list(MeetingStep.objects.filter(meeting=meeting).order_by("at"))
    objections = objection_lines(meeting) if meeting.state in ("published", "closed") else []
    audit.record("meeting.open", detail={"meeting": str(meeting.pk)})
    return Whole(meeting, list(items.values()), loose, _names(staff | {s.by for s in steps}), attendances, [p for p in papers if p.item_id is None], publication, objections, quorum, steps, True)


def _names(ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    return dict(Staff.objects.filter(pk__in=ids).values_list("pk", "name"))


def _counts(meeting: Meeting, items: dict[uuid.UUID, ItemLine]) -> None:
    if not any(i.row.options for i in items.values()):
        return
    if meeting.state == "held":  # somebody may have counted whom one does not see yet
        with connections["default"].cursor() as cursor:
            cursor.execute("select i.id, c.turn, c.n, c.mine from contact_agendaitem i, access.counted(i.id) c where i.meeting_id = %s order by c.turn", [meeting.pk])
            for item, turn, n, mine in cursor.fetchall():
                if item in items:
                    items[item].turn, items[item].standing, items[item].mine = turn, n, mine
    for c in VoteCount.objects.filter(item__meeting=meeting).order_by("turn", "entered_at"):
        if c.item_id in items:
            line = items[c.item_id]
            line.turn = max(line.turn, c.turn)
            line.counts.append(CountLine(c.turn, c.counter, list(zip(line.row.options, c.figures, strict=False)), c.invalid))
    for line in items.values():
        last = [c for c in line.counts if c.turn == line.turn]
        if len(last) == 2:
            line.agrees = (last[0].figures, last[0].invalid) == (last[1].figures, last[1].invalid)
            line.differs = not line.agrees


def objection_lines(meeting: Meeting) -> list[ObjectionLine]:
    """Who did not agree with what hung, and the answers."""
    found = []
    for o in Objection.objects.filter(meeting=meeting).order_by("made_at"):
        said = vault.decrypt("contact_objection.said_cipher", o.pk, o.said_cipher)
        found.append(ObjectionLine(o, str(said.get("words", "")), str(said.get("name", "")), str(said.get("phone", "")), str(vault.decrypt("contact_objection.answer_cipher", o.pk, o.answer_cipher).get("words", ""))))
    return found


# --- the minutes -------------------------------------------------------------------------------------------------------


@county
def draft(view: Whole, *, place: str) -> str:
    """Minutes from what was typed: a person reads and mends them. Confidential remarks and what was passed on elsewhere stay out."""
    m = view.meeting
    start, end = timezone.localtime(m.starts_at), timezone.localtime(m.ends_at)
    lines = [
        f"{place}{m.title}", "", _("会议：%s") % rules.LABELS[m.kind], _("时间：%(day)s %(from)s–%(to)s") % {"day": f"{start:%Y年%m月%d日}", "from": f"{start:%H:%M}", "to": f"{end:%H:%M}"}, _("地点：%s") % m.place,
        _("主持：%(chair)s　记录：%(recorder)s") % {"chair": view.names.get(m.chair, ""), "recorder": view.names.get(m.recorder, "")},
        _("到会：%s。") % quorum_of(m).sentence.rstrip("。") + (_("列席 %d 人。") % m.observers if m.observers else ""),
    ]
    if m.notice_reason:
        lines.append(_("通知晚于规定，原因：%s") % m.notice_reason)
    for n, item in enumerate(view.items, 1):
        lines += ["", f"{n}. {item.row.title}", *_said(item.opinions)]
        if item.decision is not None:
            lines += [_("决议 %(number)s：%(text)s（%(verdict)s）") % {"number": item.decision.number, "text": item.decision.text, "verdict": _("通过") if item.decision.passed else _("未通过")}, item.decision.sentence]
        elif item.row.options and not view.quorum.enough:
            lines.append(_("到会人数不够，没有表决。"))
        elif item.row.options:
            lines.append(_("没有表决。"))
    if view.loose:
        lines += ["", _("其他意见"), *_said(view.loose)]
    quiet = [o for o in view.opinions if o.row.confidential or o.row.fate == "passed"]
    if quiet:
        lines += ["", _("另有 %d 条意见另行受理，不写入纪要。") % len(quiet)]
    return "\n".join(lines)


def _said(lines: list[OpinionLine]) -> list[str]:
    found = []
    for o in lines:
        if o.row.confidential or o.row.fate == "passed":
            continue
        became = _("当场答复：%s") % o.answer if o.row.fate == "answered" else _("登记成一件事") if o.row.fate == "matter" else _("记下") if o.row.fate == "noted" else ""
        found.append(f"- {o.speaker}{'：' if o.speaker else ''}{masks.free_text(o.words)}" + (_("（转来）") if o.row.remote else "") + (f"（{became}）" if became else ""))
    return found


# --- the village's decisions -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class ResolutionLine:
    row: Resolution
    notes: list[ResolutionNote] = field(default_factory=list)
    matters: list[Matter] = field(default_factory=list)


def resolutions(area: str, *, inside: bool) -> list[ResolutionLine]:
    """What a village decided, newest first: the page of its book."""
    rows = [ResolutionLine(r) for r in Resolution.objects.filter(area_code__in=areas.former([area])).select_related("meeting").order_by("-decided_on", "-number")[:MOST]]
    if inside and rows:
        by = {r.row.pk: r for r in rows}
        notes = list(ResolutionNote.objects.filter(resolution__in=by).order_by("at"))
        seen = {m.pk: m for m in Matter.objects.filter(pk__in=[n.matter_id for n in notes if n.matter_id])} if notes else {}
        for n in notes:
            by[n.resolution_id].notes.append(n)
            if n.matter_id in seen:
                by[n.resolution_id].matters.append(seen[n.matter_id])
    return rows


def representatives(area: str, *, on: date) -> list[tuple[Representative, str]]:
    """Who represents whom, those in office first."""
    rows = Representative.objects.filter(area_code__in=areas.former([area])).order_by("left_on", "for_whom", "starts_on")
    audit.record("representative.list", detail={"area": area})
    found = [(r, str(vault.decrypt("contact_representative.name_cipher", r.pk, r.name_cipher).get("name", ""))) for r in rows]
    return sorted(found, key=lambda x: (x[0].left_on is not None or x[0].ends_on < on, x[0].for_whom, x[1]))


def to_tell(places: list[str], on: date) -> QuerySet[Meeting]:
    """Meetings of the next two weeks that nobody has told yet."""
    return Meeting.objects.filter(area_code__in=places, state="planned", starts_at__date__gte=on, starts_at__date__lte=on + timedelta(days=14))


def to_sign(places: list[str]) -> QuerySet[Meeting]:
    """Meetings that took place and whose minutes are not signed by two."""
    return Meeting.objects.filter(area_code__in=places, state="held")


def unanswered(places: list[str]) -> QuerySet[Objection]:
    """Objections without an answer."""
    return Objection.objects.filter(area_code__in=places, answered_at=None)


def residents_like(area: str, words: str) -> list[Resident]:
    """A few residents of the village by the beginning of the name."""
    if len(area) != 12 or not words.strip():
        return []
    ids = Membership.objects.filter(_village(area), ends_on=None, voided_at=None, person__voided_at=None, person__alive=True, person__name__startswith=words.strip()).values("person")
    return list(Resident.objects.filter(pk__in=ids).order_by("name")[:8])


def matter_numbered(me: Me, said: str) -> uuid.UUID | None:
    """The matter that is meant by a number, if the caller sees it."""
    return lists.find_number(me, said)


# --- the calendar ------------------------------------------------------------------------------------------------------


def meeting_events(me: Me, codes: list[str], first: date, last: date) -> list[Event]:
    """Meetings as days of the calendar; the day of talk of a round stands under the round's own number, so that it is there once."""
    start, end = (timezone.make_aware(datetime.combine(d, time())) for d in (first, last + timedelta(days=1)))
    rows = Meeting.objects.using(me.using).filter(area_code__in=areas.former(codes), starts_at__gte=start, starts_at__lt=end)
    return [Event(
        rhythms.uid(rhythm.FIFTEENTH, m.area_code, m.round_on) if m.round_on else f"meeting-{m.pk}", m.area_code, "fifteenth" if m.round_on else "meeting", m.title, m.starts_at, m.ends_at, place=m.place, url_name="meeting", url_arg=str(m.pk),
        public=m.state != "planned", staff=(str(m.chair), str(m.recorder)), cancelled=m.state == "cancelled", revised_at=m.noticed_at or m.made_at, revision=m.revision,
    ) for m in rows]
