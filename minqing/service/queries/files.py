"""事情单: one matter with everything that hangs on it, for its page, its side panel and its paper.

Invariants: only whoever sits at the matter gets it, by the policy; opening it is audited here; names and telephones stay masked until
somebody says why he needs them; what is told to the requester and what the offices wrote to each other are kept apart.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.lib import ciphers, masks
from minqing.service import vault
from minqing.service.actions import handling, moving, retaliation
from minqing.service.models import Attachment, CallBack, Contact, Errand, ForeignOrder, Matter, Party
from minqing.service.queries import lists
from minqing.service.refusals import NeedsReason, NotHere
from minqing.service.rules import kinds, mediation, numbers, states
from minqing.service.rules.states import Role, State

#: Lines of the log that change no state.
EVENTS = {
    "errand.ask": "请人代办", "errand.accept": "代办员接了", "errand.refuse": "代办员不接", "errand.recall": "收回代办，另请人", "errand.form": "表格念给本人听过", "errand.paper": "收到一份材料", "errand.collected": "材料齐了",
    "errand.submitted": "交到窗口", "errand.fetched": "取回", "errand.delivered": "送到", "errand.returned": "退还一份材料", "errand.money": "记一笔收付", "errand.signed": "收付第二人签字", "errand.again": "重新代办",
    "parcel.packed": "备好寄外县的包裹", "parcel.sent": "交给外县", "parcel.received": "外县收到", "parcel.accepted": "外县受理", "parcel.refused": "外县退回", "parcel.done": "外县办好", "parcel.dropped": "不再等外县",
    "submit": "登记", "contact": "联系", "callback": "回访", "joint_report": "协办回报", "assign": "改派承办人", "decided": "会议决定", "joined": "另一件并入", "split": "拆出一件", "restrict": "转纪检专员", "urge": "催办", "alike": "登记人认为是同一件",
    "attach": "添附件", "remind": "到时提醒", "late": "超过时限，上报", "unacknowledged": "紧急件无人受理，上报", "ask_retaliation": "该问是否受到报复了",
    "retaliation_answer": "问了是否受到报复", "party": "补登对方", "recompute": "工作日安排有变，重算期限", "pressed": "外部系统催办", "promise_due": "提醒履行协议", "handed_to_justice": "材料移交司法所", "plot": "关联地块",
    "mediation.passed": "换了调解员", "mediation.start": "开始调解", "mediation.consent": "问一方是否愿意调解", "mediation.session": "开了一次调解会", "mediation.agree": "达成调解协议", "mediation.sign": "协议已签字", "mediation.perform": "登记协议履行",
    "mediation.kept": "协议全部履行", "mediation.failed": "调解未成", "mediation.handed": "移交司法所",
}
#: What somebody said who was asked about retaliation.
SAID = dict(retaliation.ANSWERS)
#: How another matter hangs together with this one: it came here, or this one came from it.
RELATED = {"merged": ("并入这件", "这件并入"), "split": ("从这件拆出", "这件拆自"), "after": ("由这件引起", "起因是这件")}
TONES = {"submit": "grey", "contact": "grey", "reply": "", "answer": "", "close": "", "reject": "cin", "redo": "cin", "late": "cin", "unacknowledged": "cin", "urge": "och", "reopen": "och", "ask_return": "och", "ask_extend": "och", "ask_suspend": "och"}


@dataclass
class Person:
    """A party as the page shows him: masked until revealed."""

    id: uuid.UUID
    role: str
    name: str
    phone: str
    address: str
    hidden: bool
    call_home: bool
    person: uuid.UUID | None = None
    file: bool = False
    staff_name: str = ""


@dataclass
class Event:
    """One line of what happened; `words` is for the offices, `public` is what the requester was told."""

    at: datetime
    label: str
    who: str
    words: str = ""
    public: str = ""
    facts: str = ""
    tone: str = ""


@dataclass
class Sitting:
    role: str
    label: str
    where: str
    since: datetime


@dataclass
class Pause:
    start: datetime
    end: datetime | None
    why: str


@dataclass(frozen=True)
class Order:
    """What another system calls the matter, its deadline, and whether it was answered."""

    system: str
    number: str
    due_at: datetime | None
    pressed: int
    replied_at: datetime | None
    refused_why: str


@dataclass
class File:
    """One matter for its page."""

    matter: Matter
    words: str
    result: str
    place_name: str
    left: lists.Left
    people: list[Person] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    seats: list[Sitting] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    relatives: list[tuple[uuid.UUID, str, str, str]] = field(default_factory=list)
    mediations: list[tuple[uuid.UUID, str, str, bool]] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    plots: list[tuple[uuid.UUID, str, str]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    moves: list[states.Move] = field(default_factory=list)
    also: set[str] = field(default_factory=set)

    @property
    def state(self) -> State:
        return State(self.matter.state)

    @property
    def lead(self) -> str:
        return self.names.get(self.matter.lead_desk, "")

    @property
    def home(self) -> str:
        return self.names.get(self.matter.home_desk, "")

    @property
    def handler(self) -> str:
        return self.names.get(str(self.matter.handler), "") if self.matter.handler else ""

    @property
    def first(self) -> str:
        return self.names.get(str(self.matter.first_owner), "") if self.matter.first_owner else ""


def open_file(me: Me, id: uuid.UUID, *, at: datetime) -> File:
    """The matter, audited. Raises NotHere. Ten statements whatever hangs on it."""
    matter = moving.get(id, me)
    place = matter.place_code
    parties = list(Party.objects.using(me.using).filter(matter=matter).order_by("role"))
    log = _log(me, matter)
    seats, sits = _seats(me, matter)
    attachments, relatives, mediations, plots, orders = _hanging(me, matter)
    persons = [p.person_id for p in parties if p.person_id]
    staff = {matter.handler, matter.first_owner, *(row["staff"] for row in log), *(s[2] for s in seats), *(p.staff for p in parties)} - {None}
    desk_codes = {place, matter.home_desk, matter.lead_desk, *(s[1] for s in seats), *(c for row in log for c in _desks_in(row))}
    names = lists.names_of(me, desk_codes, staff)
    restricted = matter.restricted
    file = File(
        matter, vault.decrypt(vault.WORDS, matter.pk, matter.words_cipher, restricted=restricted), vault.decrypt(vault.RESULT, matter.pk, matter.result_cipher, restricted=restricted),
        names.get(place, place), left_of(matter, at), names=names, attachments=attachments, relatives=relatives, mediations=mediations, plots=plots, orders=orders,
    )
    readable = _readable(me, persons)
    file.people = [_person(p, names, restricted, readable) for p in parties]
    file.events = [_event(row, matter, names) for row in log]
    file.seats = [Sitting(role, _(states.ROLE_LABELS[Role(role)]), names.get(str(who) if who else desk, desk), since) for role, desk, who, since in seats]
    file.pauses = [Pause(datetime.fromisoformat(p["from"]), datetime.fromisoformat(p["to"]) if p["to"] else None, _(kinds.SUSPENSIONS.get(p["why"], p["why"]))) for p in matter.pauses]
    file.moves = moving.offered(matter, me)
    file.also = _also(me, matter, sits, seats) | ({"retaliation"} if matter.restricted and me.holds(Right.DISCIPLINE) and retaliation.waits([(row["name"], bool(row["detail"].get("ends"))) for row in log]) else set())
    audit.record("matter.open", persons=persons, detail={"matter": str(matter.pk)}, using=me.using)
    return file


def left_of(matter: Matter, at: datetime) -> lists.Left:
    return lists.left_of(state=matter.state, urgent=matter.urgency == "urgent", place=matter.place_code, at=at, accept_due=matter.accept_due_at, sign_due=matter.sign_due_at, contact_due=matter.contact_due_at,
                         contacted=matter.contacted_at, due=matter.due_at, callback_due=matter.callback_due_at, review_on=matter.review_on)


def _log(me: Me, matter: Matter) -> list[dict[str, Any]]:
    """Moves, contacts and call-backs in the order in which they happened. One statement."""
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select 'move' as what, lpad(id::text, 19, '0') as id, at, name, staff, actor, desk, note_cipher, public_words, detail::text, null::boolean as reached from public.service_move where matter_id = %(m)s and name not in ('contact', 'callback')
               union all select 'contact', id::text, at, how, staff, why, '', note_cipher, '', '{}', reached from public.service_contact where matter_id = %(m)s
               union all select 'callback', id::text, at, channel, staff, '', '', note_cipher, '', json_build_object('solved', solved, 'satisfied', satisfied, 'told', told_that_day)::text, reached from public.service_callback where matter_id = %(m)s
               order by at, id""", {"m": matter.pk})
        columns = [c[0] for c in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row["detail"] = _json(row["detail"])
    return rows


def _json(text: str) -> dict[str, Any]:
    return dict(json.loads(text)) if text else {}


def _desks_in(row: dict[str, Any]) -> list[str]:
    detail = row["detail"]
    found = [row["desk"], detail.get("lead"), detail.get("from"), *(detail.get("joint") or [])]
    return [c for c in found if isinstance(c, str) and c[:6].isdigit()] + ([detail["to"]] if row["name"] == "hand_over" and detail.get("to") else [])


def _seats(me: Me, matter: Matter) -> tuple[list[tuple[str, str, uuid.UUID | None, datetime]], dict[str, bool]]:
    """Every open seat, and where the caller sits with which right. One statement."""
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select s.role, s.desk_code, s.staff, s.starts_at, access.sits(%(m)s, '{home}', 'dispatch'), access.sits(%(m)s, '{home}', 'callback'), access.sits(%(m)s, '{lead}', 'matters'),
                      access.sits(%(m)s, '{home,lead,joint,agent}', 'matters')
                 from access.seats_of(%(m)s) s""", {"m": matter.pk})
        rows = cursor.fetchall()
    seats = [(r[0], r[1], uuid.UUID(str(r[2])) if r[2] else None, r[3]) for r in rows]
    return seats, dict(zip(("dispatch", "callback", "lead", "any"), rows[0][4:], strict=True)) if rows else {}


def _hanging(me: Me, matter: Matter) -> tuple[list[Attachment], list[tuple[uuid.UUID, str, str, str]], list[tuple[uuid.UUID, str, str, bool]], list[tuple[uuid.UUID, str, str]], list[Order]]:
    """Attachments; matters merged into it, split from it, or that it came from (those he sits at); its mediations; its plots of land; what other systems call it. Two statements."""
    attachments = list(Attachment.objects.using(me.using).filter(matter=matter).order_by("made_at"))
    relatives: list[tuple[uuid.UUID, str, str, str]] = []
    mediations: list[tuple[uuid.UUID, str, str, bool]] = []
    plots: list[tuple[uuid.UUID, str, str]] = []
    orders: list[Order] = []
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select 'matter', id, number, title, relation, parent_id, submitted_at as at from public.service_matter where parent_id = %(m)s or id = %(p)s
               union all select 'mediation', id, agreement_no, state, '', null, opened_at from public.service_mediation where matter_id = %(m)s
               union all select 'plot', p.id, p.name, concat_ws(' · ', nullif(p.code, ''), p.area_mu || ' 亩', nullif(p.holder_name, '')), '', null, l.at
                           from public.service_matterplot l join public.archives_plot p on p.id = l.plot_id and p.voided_at is null where l.matter_id = %(m)s and l.ended_at is null
               union all select 'order', f.id, f.number, f.system, json_build_object('due', f.due_at, 'pressed', f.pressed, 'replied', f.replied_at, 'refused', f.refused_why)::text, null, f.received_at
                           from public.service_foreignorder f where f.matter_id = %(m)s
               order by at""", {"m": matter.pk, "p": matter.parent_id})
        rows = cursor.fetchall()
    for what, pk, first, second, relation, parent, _at in rows:
        if what == "matter":
            own = str(parent) == str(matter.pk)
            relatives.append((pk, first, second, _(RELATED.get(relation if own else matter.relation, ("", ""))[0 if own else 1])))
        elif what == "mediation":
            mediations.append((pk, first, _(mediation.LABELS[mediation.State(second)]), mediation.State(second) not in mediation.ENDED))
        elif what == "order":
            orders.append(_order(first, second, _json(relation)))
        else:
            plots.append((pk, first, second))
    return attachments, relatives, mediations, plots, orders


def _order(number: str, system: str, said: dict[str, Any]) -> Order:
    due, replied = (datetime.fromisoformat(said[k]) if said[k] else None for k in ("due", "replied"))
    return Order(_(dict(ForeignOrder.SYSTEMS)[system]), number, due, int(said["pressed"]), replied, str(said["refused"]))


def _readable(me: Me, persons: list[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these persons' files lie in his scope."""
    if not persons or not me.holds(Right.PEOPLE):
        return set()
    with connections[me.using].cursor() as cursor:
        cursor.execute("select id from public.archives_resident where id = any(%s) and voided_at is null", [persons])
        return {uuid.UUID(str(pk)) for (pk,) in cursor.fetchall()}


def _person(p: Party, names: dict[str, str], restricted: bool, readable: set[uuid.UUID]) -> Person:
    said = vault.decrypt_json(vault.CONTACT, p.pk, p.contact_cipher, restricted=restricted)
    return Person(p.pk, _(dict(Party.ROLES)[p.role]), p.masked or _("（没有留姓名）"), masks.phone(said["phone"]) if said.get("phone") else "", masks.address(said["address"]) if said.get("address") else "",
                  p.hidden, p.call_home, p.person_id, p.person_id in readable, names.get(str(p.staff), "") if p.staff else "")


def _event(row: dict[str, Any], matter: Matter, names: dict[str, str]) -> Event:
    """A line of the log in words."""
    detail, what = row["detail"], row["what"]
    who = names.get(str(row["staff"]), "") if row["staff"] else {"clock": _("到时自动"), "requester": _("本人")}.get(row["actor"], "")
    column, bound = {"move": (f"service_move.{vault.NOTE}", matter.pk), "contact": (f"service_contact.{vault.NOTE}", row["id"]), "callback": (f"service_callback.{vault.NOTE}", row["id"])}[what]
    words = _clear(column, bound, row["note_cipher"], matter.restricted)
    if what == "contact":
        label = _(dict(Contact.WHY).get(row["actor"], "联系"))
        return Event(row["at"], label, who, words, facts=f"{_(dict(Contact.HOW)[row['name']])} · {_('联系上了') if row['reached'] else _('没有联系上')}", tone="grey" if row["reached"] else "och")
    if what == "callback":
        said = [_("联系上了") if row["reached"] else _("没有联系上"), _(dict(kinds.SOLVED).get(detail.get("solved"), "")), _(dict(kinds.SATISFIED).get(detail.get("satisfied"), ""))]
        if detail.get("told") is not None:
            said.append(_("当日有人答复") if detail["told"] else _("当日没有人答复"))
        return Event(row["at"], _("回访"), who, words, facts=" · ".join([_(dict(CallBack.CHANNELS)[row["name"]]), *(s for s in said if s and s != _(""))]), tone="cin" if detail.get("solved") == "no" or detail.get("satisfied") == "no" else "grey")
    label = states.MOVES[row["name"]].label if row["name"] in states.MOVES else EVENTS.get(row["name"], row["name"])
    return Event(row["at"], _(label), who, words, row["public_words"], _facts(row, names), TONES.get(row["name"], ""))


def _clear(column: str, bound: Any, cipher: bytes | None, restricted: bool) -> str:
    """A note in clear. What was written before a matter was restricted still lies under the ordinary key."""
    try:
        return vault.decrypt(column, bound, cipher, restricted=restricted)
    except (ciphers.Tampered, ciphers.UnknownKey):
        return vault.decrypt(column, bound, cipher, restricted=not restricted)


def _facts(row: dict[str, Any], names: dict[str, str]) -> str:
    """The points of a move: to whom, how many days, until when."""
    d, name = row["detail"], row["name"]
    if name == "dispatch":
        joint = [names.get(c, c) for c in d.get("joint") or []]
        return _("主办 %s") % names.get(d.get("lead", ""), "") + (_("；协办 %s") % "、".join(joint) if joint else "")
    if name == "hand_over":
        return f"{names.get(d.get('from', ''), '')} → {names.get(d.get('to', ''), '')}"
    if name in ("ask_extend", "grant_extend") and d.get("days"):
        return _("延 %s 个工作日") % d["days"]
    if name == "ask_suspend":
        return f"{_(kinds.SUSPENSIONS.get(d.get('why', ''), ''))} · {_('%s 再看') % d.get('review_on', '')}"
    if name == "ask_return" and d.get("suggested"):
        return _("建议由 %s 办") % names.get(d["suggested"], d["suggested"])
    if name == "transfer":
        return f"{_(kinds.TRANSFERS.get(d.get('to', ''), ''))} {d.get('pointer', '')}".strip()
    if name in ("merge", "joined", "split", "alike", "urge"):
        return d.get("into") or d.get("number") or ""
    if name == "plot":
        return d.get("name") or _("取消关联")
    if name == "retaliation_answer":
        return _(SAID.get(d.get("said", ""), "")) + (f" → {numbers.spoken(d['number'])}" if d.get("number") else "")
    return names.get(row["desk"], "") if name == "joint_report" else ""


def _also(me: Me, matter: Matter, sits: dict[str, bool], seats: list[tuple[str, str, uuid.UUID | None, datetime]]) -> set[str]:
    """Verbs that change no state, where he could use them now."""
    found: set[str] = set()
    state = State(matter.state)
    if sits.get("any") and state in states.OPEN:
        found |= {"contact", "attach"}
    if sits.get("lead") and state in states.RUNNING:
        found.add("assign")
    if sits.get("lead") and state == State.PROCESSING and matter.kind == kinds.Kind.DISPUTE:
        found.add("mediate")
    if sits.get("any") and me.holds(Right.PEOPLE):
        found.add("plot")
    if any(role == Role.JOINT and desk and my_desk(me, desk) for role, desk, _who, _since in seats):
        found.add("report_joint")
    if sits.get("dispatch") and state in states.OPEN:
        found |= {"split"} | ({"restrict"} if not matter.restricted else set())
    if sits.get("callback") and matter.handler != me.id and (state == State.REPLIED or (state == State.MERGED and matter.parent_id)):
        found.add("call_back")
    return found


def my_desk(me: Me, desk: str) -> bool:
    """Whether a desk is one of his (for buttons; the action asks the database)."""
    return any(desk == one.lo if one.exact else one.lo <= desk < one.hi for one in lists.reach(me, Right.MATTERS))


def reveal(me: Me, matter: Matter, party: uuid.UUID, *, reason: str) -> dict[str, str]:
    """Name, telephone and address of one party, with the reason. Raises NeedsReason, NotHere."""
    row = Party.objects.using(me.using).filter(pk=party, matter=matter).first()
    if row is None:
        raise NotHere(_("没有这个人，或对您这里保密。"))
    if not me.holds(Right.MATTERS) and Errand.objects.using(me.using).filter(matter=matter, agent=me.id, agent_state="asked").exists():
        raise NotHere(_("您还没有答应办这件代办：点“我来办”以后，姓名、门牌和电话就在代办那一页。"))
    if len(reason.strip()) < 4:
        raise NeedsReason(_("请写明为什么要看（至少 4 个字），如“回电话答复”。"))
    audit.record("matter.reveal", persons=[row.person_id] if row.person_id else [], reason=reason.strip()[:200], detail={"matter": str(matter.pk), "party": str(row.pk)}, using=me.using)
    said = vault.decrypt_json(vault.CONTACT, row.pk, row.contact_cipher, restricted=matter.restricted)
    return {k: str(said.get(k, "")) for k in ("name", "phone", "address")}


@dataclass
class Waiting:
    """A matter that waits for a leader's word: what is asked, why, and what would change."""

    line: lists.Line
    asked: str
    why: str
    by: str
    old: datetime | None
    new: datetime | None
    until: str = ""


def waiting(me: Me, *, at: datetime) -> list[Waiting]:
    """What waits for his decision, oldest limit first. Three statements."""
    page = lists.page(me, "todo", lists.Filters(job="decide"), at=at, limit=100)
    ids = [line.id for line in page.lines]
    if not ids:
        return []
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select distinct on (v.matter_id) v.matter_id, v.name, v.staff, v.note_cipher, v.detail::text, m.due_at, m.restricted, m.place_code from public.service_move v join public.service_matter m on m.id = v.matter_id
                where v.matter_id = any(%s) and v.name in ('ask_extend', 'ask_suspend', 'ask_explain') order by v.matter_id, v.id desc""", [ids])
        rows = {row[0]: row for row in cursor.fetchall()}
    names = lists.names_of(me, [line.desk for line in page.lines], [row[2] for row in rows.values()])
    found = []
    for line in page.lines:
        line.desk_name = names.get(line.desk, line.desk)
        row = rows.get(line.id)
        if row is None:
            continue
        _pk, name, staff, cipher, detail_text, due, restricted, place = row
        detail = _json(detail_text)
        why = vault.decrypt(f"service_move.{vault.NOTE}", line.id, cipher, restricted=restricted)
        new, until, asked = None, "", _(states.MOVES[name].label)
        if name == "ask_extend" and due:
            new = lists.calendar_for(place).add_days(due, float(detail.get("days", 0)))
            asked = _("延期 %s 个工作日") % detail.get("days", "")
        elif name == "ask_suspend":
            until = detail.get("review_on", "")
            asked = _("挂起，%s") % _(kinds.SUSPENSIONS.get(detail.get("why", ""), ""))
        found.append(Waiting(line, asked, why, names.get(str(staff), ""), due, new, until))
    return found


def outcomes(kind: str) -> list[tuple[str, str]]:
    """What a reply may say came of it, by kind."""
    labels = dict(kinds.OUTCOMES)
    return [(code, _(labels[code])) for code in handling.outcomes_of(kind)]


def told_on(moment: datetime | None) -> str:
    """11-26 17:30 in local time."""
    return f"{timezone.localtime(moment):%m-%d %H:%M}" if moment else ""
