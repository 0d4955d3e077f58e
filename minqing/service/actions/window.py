"""The window's verbs: sit, draw, call, end; the person in front; a change handed in; the end of the day.

Invariants: nothing is read of a person but through access.window_person, while his number is called at one's own counter; what he
hands in changes no file; a day is closed when every number has its outcome.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.archives import vault as archive_vault
from minqing.archives.actions import people, subjects
from minqing.archives.rules import items
from minqing.lib import names
from minqing.service.actions import errands, matters, moving
from minqing.service.actions.errands import Wish
from minqing.service.actions.matters import Opened, Said, Who
from minqing.service.models import Counter, HandedChange, Ticket, TicketMatter, WindowDay
from minqing.service.refusals import Missing, NotHere, NotYours, Refused
from minqing.service.rules import desks, window

GONE = "现在没有这个号在您面前：先叫号，再看人。换了窗口或过了一个半小时，请重新叫号。"
NOT_FOUND = {
    "gone": GONE,
    "often": "这个号核对得太多，或您这一小时查的人太多。请核对号码，换一位同事看一下，或稍后再试。",
    "none": "本乡镇没有查到这个人。请对照证件看号码；户籍和居住都在别处的，不用档案，直接登记。",
    "many": "同名同年的不止一位，请看身份证，输入号码。",
    "own": "这是您自己或您家里的人，请换一位同事来办。",
}


def desk_of(by: Me) -> str:
    """The window where somebody works, '' for everybody else."""
    return next((desks.of(p.area, desks.WINDOW) for p in by.posts if ROLES[p.role].desk == desks.WINDOW), "")


def _ask(by: Me, statement: str, parameters: Sequence[object]) -> Any:
    with connections[by.using].cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return cursor.fetchone()[0]


def ticket_of(ticket: uuid.UUID, by: Me) -> Ticket:
    """A number of one's own desk. Raises NotHere."""
    found = Ticket.objects.using(by.using).select_related("counter").filter(pk=ticket).first()
    if found is None:
        raise NotHere(_("没有这个号，或不是您这里的。"))
    return found


# --- counters ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """What a counter is: its letter, name, department, hours by weekday, what it may decide, its seals."""

    letter: str
    name: str
    department: str = ""
    hours: tuple[str, ...] = ()  # seven lines, Monday first
    delegated: tuple[str, ...] = ()
    seals: str = ""


@transaction.atomic
def set_counter(*, town: str, shape: Shape, counter: uuid.UUID | None = None, by: Me, at: datetime) -> Counter:
    """Open a counter or change one. Raises Missing beside the field that is wrong."""
    if not by.may(Right.CATALOGUE, town):
        raise NotYours(_("窗口由乡镇受理专员来设。"))
    letter = shape.letter.strip().upper()
    if len(letter) != 1 or letter not in window.LETTERS:
        raise Missing("letter", _("号头是一个字母，不用 I 和 O（容易看成 1 和 0）。"))
    hours: dict[str, list[list[str]]] = {}
    for n, line in enumerate(shape.hours, 1):
        try:
            spans = window.read_hours(line)
        except window.BadHours as problem:
            raise Missing(f"day{n}", str(problem)) from problem
        if spans:
            hours[str(n)] = spans
    if not hours:
        raise Missing("day1", _("至少写一天的开门时间。"))
    desk = desks.of(town, desks.WINDOW)
    taken = Counter.objects.filter(desk_code=desk, letter=letter, ended_at=None).exclude(pk=counter)
    if taken.exists():
        raise Missing("letter", _("号头 %s 已经用在另一个窗口。") % letter)
    values = {"letter": letter, "name": moving.need(shape.name, "name", _("请写窗口的名称，如“社保医保”。"))[:40], "department": shape.department[:2], "hours": hours,
              "delegated": list(dict.fromkeys(shape.delegated)), "seals": shape.seals.strip()[:120]}
    if counter is None:
        row = Counter(area_code=town, desk_code=desk, made_by=by.id, made_at=at, **values)
        row.save(force_insert=True)
    else:
        row = Counter.objects.filter(pk=counter, area_code=town, ended_at=None).first()  # type: ignore[assignment]
        if row is None:
            raise NotHere(_("没有这个窗口，或已停用。"))
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
    audit.record("window.counter", detail={"counter": str(row.pk), "name": row.name})
    return row


@transaction.atomic
def end_counter(*, counter: uuid.UUID, by: Me, at: datetime) -> None:
    row = Counter.objects.filter(pk=counter, ended_at=None).first()
    if row is None or not by.may(Right.CATALOGUE, row.area_code):
        raise NotHere(_("没有这个窗口，或已停用。"))
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    audit.record("window.counter", detail={"counter": str(row.pk), "name": row.name})


# --- numbers -----------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def sit(*, counter: uuid.UUID | None, by: Me) -> None:
    """Sit down at a counter, or (None) get up."""
    try:
        with transaction.atomic():
            done = _ask(by, "select access.sit_at(%s)", [counter])
    except DatabaseError as error:
        raise NotHere(_("没有这个窗口，或不是您这里的。")) from error
    if not done:
        raise Refused(_("那个窗口正有人在办，等他办完再换。"))


@transaction.atomic
def draw(*, counter: uuid.UUID, priority: bool = False, by: Me) -> Ticket:
    """The next number of the day."""
    try:
        with transaction.atomic():
            made = _ask(by, "select access.draw_ticket(%s, %s)", [counter, priority])
    except DatabaseError as error:
        raise NotHere(_("没有这个窗口，或不是您这里的。")) from error
    if made is None:
        raise Refused(_("今天已经日结，不再取号。"))
    return ticket_of(made, by)


@transaction.atomic
def call_next(*, by: Me) -> Ticket | None:
    """Whoever is next; None where nobody waits."""
    try:
        with transaction.atomic():
            found = _ask(by, "select access.call_next()", [])
    except DatabaseError as error:
        raise Refused(_("先坐到一个窗口，把面前的号办完，再叫下一个。")) from error
    return ticket_of(found, by) if found else None


@transaction.atomic
def step(*, ticket: uuid.UUID, name: str, outcome: str = "", left: str = "", by: Me) -> Ticket:
    """call, again, pass, end. Raises NotHere, Refused."""
    if name == "end" and outcome not in window.OUTCOMES:
        raise Missing("outcome", _("请选择这个号办得怎么样。"))
    if name == "end" and outcome in ("papers", "elsewhere") and len(left.strip()) < 2:
        raise Missing("left", _("请写还缺什么、请他去找谁。"))
    answer = _ask(by, "select access.ticket_step(%s, %s, %s, %s)", [ticket, name, outcome, left.strip()[:120]])
    if answer == "gone":
        raise NotHere(_("没有这个号，或已经办完。"))
    if answer == "busy":
        raise Refused(_("现在不能这样办：面前的号先办完；别人叫的号由他来办；已经核对过本人的号不能过号。"))
    return ticket_of(ticket, by)


# --- the person in front --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """What is handed over of whoever stands in front."""

    id: uuid.UUID
    name: str
    sex: str
    born: date | None
    place: str
    village: str
    door: str
    household: str
    phone_tail: str
    phone: str          # in clear, for the matter; pages show the tail
    sources: dict[str, dict[str, str]]
    offers: list[dict[str, Any]]
    errands: list[dict[str, Any]]
    papers: list[dict[str, Any]]


def _person(ticket: uuid.UUID, by: Me, digests: dict[int, bytes], name: str, year: int | None) -> tuple[str, Person | None]:
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.window_person(%s, %s::bytea[], %s::smallint[], %s, %s)", [ticket, list(digests.values()), list(digests), name, year])
        said = cursor.fetchone()[0]
    found: dict[str, Any] = said if isinstance(said, dict) else json.loads(said)
    if found["status"] != "ok":
        return found["status"], None
    number = uuid.UUID(found["person"])
    envelope = bytes.fromhex(found["phone"])
    return "ok", Person(
        id=number, name=found["name"], sex=found["sex"], born=date.fromisoformat(found["born"]) if found["born"] else None, place=found["place"] or "", village=found["village"], door=found["door"],
        household=found["household"], phone_tail=found["phone_tail"] or "", phone=archive_vault.decrypt("archives_resident.phone_cipher", number, envelope) if envelope else "", sources=found["sources"],
        offers=found["offers"], errands=found["errands"], papers=found["papers"],
    )


def identify(*, ticket: uuid.UUID, number: str = "", name: str = "", year: str = "", by: Me, at: datetime) -> str:
    """The card is read, or name and birth year are asked: '' when he is found, else the sentence why not. Counted and audited, found or not."""
    digests: dict[int, bytes] = {}
    if number.strip():
        try:
            read = people.read_identity(number, "", timezone.localdate(at))
        except Refused as problem:
            raise Missing("number", str(problem)) from problem
        digests = archive_vault.identity_digests(str(read.value))
    elif len(name.strip()) < 2:
        raise Missing("number", _("请输入身份证号；没带证的，写姓名和出生年份。"))
    elif not (year.strip().isdigit() and 1900 <= int(year) <= at.year):
        raise Missing("year", _("请写出生年份，四位数字，如 1948。"))
    status, _found = _person(ticket, by, digests, names.normalise(name), int(year) if year.strip() and not digests else None)
    return "" if status == "ok" else _(NOT_FOUND[status])


def in_front(ticket: Ticket, by: Me) -> Person | None:
    """The person of a number that is called at one's own counter; None where he is not known, or the number is not in front of one."""
    if ticket.person_id is None or ticket.state != "called" or ticket.called_by != by.id:
        return None
    return _person(ticket.pk, by, {}, "", None)[1]


def _need_in_front(ticket: uuid.UUID, by: Me) -> tuple[Ticket, Person | None]:
    row = ticket_of(ticket, by)
    if row.state != "called" or row.called_by != by.id:
        raise Refused(_(GONE))
    return row, in_front(row, by)


# --- what he came for -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What is taken down at the window. `own_phone`: the telephone that the file holds is used."""

    words: str
    kind: str
    place: str
    name: str = ""
    phone: str = ""
    own_phone: bool = False
    spot: str = ""
    about_staff: bool | None = None
    confidential: bool = False


@transaction.atomic
def open_matter(*, ticket: uuid.UUID, wanted: Wanted, by: Me, at: datetime) -> Opened:
    """A matter of whoever stands in front, taken in at this window."""
    row, person = _need_in_front(ticket, by)
    name = person.name if person else wanted.name
    if not name.strip():
        raise Missing("name", _("请写是谁来办。"))
    phone = person.phone if person and wanted.own_phone and not wanted.phone.strip() else wanted.phone
    who = Who(name=name, phone=phone, address=" ".join(x for x in (person.village, person.door) if x) if person else "", person=person.id if person else None)
    said = Said(words=wanted.words, kind=wanted.kind, channel="window", place=wanted.place, requester=who, spot=wanted.spot, about_staff=wanted.about_staff or None, confidential=wanted.confidential, taken_at=row.desk_code)
    opened = matters.open_matter(said, by=by, at=at)
    if not opened.restricted:
        TicketMatter(ticket=row, desk_code=row.desk_code, matter=opened.matter, made_at=at).save(force_insert=True)
    return opened


@transaction.atomic
def open_errand(*, ticket: uuid.UUID, item: str, words: str = "", place: str = "", name: str = "", phone: str = "", offer: uuid.UUID | None = None, by: Me, at: datetime) -> Opened:
    """An errand of whoever stands in front; by an offer of a policy, where one found him."""
    row, person = _need_in_front(ticket, by)
    where = (person.place[:12] if person else "") or place
    if offer is not None and (person is None or all(o["id"] != str(offer) or not o["rule"] for o in person.offers)):
        raise Missing("offer", _("这一项不在他名下，或要请村书记来开。"))
    what = errands.item_for(item, where, by, at)
    wish = Wish(item=what, place=where, words=words, channel="window", name=person.name if person else name, phone=phone or (person.phone if person else ""), person=person.id if person else None, offer=offer)
    opened = errands.open_errand(wish=wish, by=by, at=at)
    TicketMatter(ticket=row, desk_code=row.desk_code, matter=opened.matter, made_at=at).save(force_insert=True)
    return opened


# --- 交一份变更 --------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paper:
    """The paper that was shown."""

    kind: str
    number: str
    issuer: str


@transaction.atomic
def hand_in(*, ticket: uuid.UUID, item: str, value: str, paper: Paper, note: str = "", by: Me, at: datetime) -> HandedChange:
    """A change handed in: a proposal for the village, or a question to the department. The file stays as it is."""
    _row, person = _need_in_front(ticket, by)
    if person is None:
        raise Refused(_("先核对本人，再收变更。"))
    road, known = window.road_of(item), items.ITEMS.get(item)
    if not road or known is None:
        raise Missing("item", _("请选择变的是哪一项。"))
    wanted = " ".join(value.split())[:200]
    if item in ("phone", "emergency_phone") and wanted:
        try:
            wanted = people.read_phone(wanted)
        except Refused as problem:
            raise Missing("value", str(problem)) from problem
    if len(wanted) < 2:
        raise Missing("value", _("请写变成什么。"))
    kind, issuer = paper.kind.strip(), moving.need(paper.issuer, "issuer", _("请写证件是哪个单位发的。"))
    if kind not in window.PAPERS:
        raise Missing("paper", _("请选择出示的是什么材料。"))
    department = known.authorities[0] if known.authorities else ""
    days = window.VILLAGE_DAYS if road == "village" else window.DEPARTMENT_DAYS
    due = subjects.workdays_later(timezone.localdate(at), days)
    proposal = uuid.uuid4()
    shown = lasting("凭%(kind)s %(number)s（%(issuer)s）") % {"kind": kind, "number": paper.number.strip()[:40], "issuer": issuer[:60]}
    payload = archive_vault.encrypt_json("archives_proposal.payload", proposal, {"from": "", "to": wanted, "note": "；".join(x for x in (shown, note.strip()[:200]) if x)})
    words = lasting("%(name)s在窗口交来“%(label)s”的变更，请核对后改档案") if road == "village" else lasting("%(name)s在窗口问“%(label)s”：请主管部门核实并答复")
    try:
        with transaction.atomic():
            made = _ask(by, "select access.window_change(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                        [ticket, proposal, road, item, words % {"name": person.name, "label": lasting(known.label)}, payload, department, due, kind, issuer])
    except DatabaseError as error:
        raise Refused(_(GONE)) from error
    return HandedChange.objects.using(by.using).get(pk=made)


# --- the end of the day ------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def close_day(*, desk: str, day: date, note: str = "", by: Me, at: datetime) -> WindowDay:
    """Every number has its outcome: the day is closed and its sheet is printed."""
    if not by.may(Right.CALLBACK, desk):
        raise NotHere(_("不是您的窗口。"))
    today = timezone.localdate(at)
    if day > today or day < today - timedelta(days=60):
        raise Refused(_("只能结今天和以前两个月里的日子。"))
    rows = Ticket.objects.using(by.using).filter(desk_code=desk, day=day)
    if open_codes := list(rows.filter(ended_at=None).order_by("code").values_list("code", flat=True)[:12]):
        raise Refused(_("还有号没有结果：%s。先逐个办完，或选“叫了没有来”。") % "、".join(open_codes))
    if WindowDay.objects.using(by.using).filter(desk_code=desk, day=day).exists():
        raise Refused(_("这一天已经结过。"))
    row = WindowDay(desk_code=desk, day=day, numbers=rows.count(), note=note.strip()[:300], closed_by=by.id, closed_at=at)
    row.save(force_insert=True)
    audit.record("window.close", detail={"day": day.isoformat(), "n": row.numbers})
    return row
