"""What the hotline wants to know: what rings, who calls, what he asked before, the log, whom to call back, who answers, what to answer.

Invariants: a caller is asked for by his call; names stand masked until he has been checked; lists start at the desk and are cut by key,
never counted over everything; the book of answers is read whole (a county keeps some hundreds) and searched here.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.models import Staff
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.lib import masks
from minqing.service import vault
from minqing.service.models import Call, DutyShift, Extension, Knowledge, Matter, PhoneLine
from minqing.service.queries import lists
from minqing.service.refusals import NotHere
from minqing.service.rules import calls, desks, kinds, numbers, states
from minqing.service.rules.states import State

NUMBER, VOICEMAIL, DUTY_PHONE, RECORDING = "service_call.number_cipher", "service_call.voicemail_cipher", "service_dutyshift.phone_cipher", "service_call.recording"
PAGE = 50
#: So long after he hung up a caller is still the one whom the operator writes down.
AFTER_CALL = timedelta(minutes=10)


@dataclass(frozen=True)
class Caller:
    """Whom the archives know under a telephone: name and door, masked where several share it."""

    person: uuid.UUID
    name: str
    door: str
    place: str
    masked: bool


@dataclass(frozen=True)
class Ringing:
    """One call as the pop-up shows it."""

    id: uuid.UUID
    state: str
    direction: str
    started_at: datetime
    answered_at: datetime | None
    masked: str
    mine: bool
    who: tuple[Caller, ...]
    checked_how: str
    matter: uuid.UUID | None
    desk: str

    @property
    def key(self) -> str:
        """What of it the page shows: the same key means the same picture."""
        return f"{self.id.hex}{self.state}{self.mine}{self.checked_how}{bool(self.matter)}{len(self.who)}"


def _callers(found: Any) -> tuple[Caller, ...]:
    rows = json.loads(found) if isinstance(found, str) else found or []
    return tuple(Caller(uuid.UUID(r["person"]), r["name"], r["door"], r["place"], bool(r["masked"])) for r in rows)


def desk_of(me: Me) -> str:
    """The hotline at which somebody works; '' for whoever works at none."""
    return next((r.lo for r in lists.reach(me, Right.CALLBACK) if r.lo.endswith("/" + desks.HOTLINE)), "")


def ring(me: Me) -> list[Ringing]:
    """What rings at his desks and what he is talking on. One statement."""
    with connections[me.using].cursor() as cursor:
        cursor.execute("select id, state, direction, started_at, answered_at, masked, mine, who, checked_how, matter, desk from access.ring()")
        return [Ringing(i, s, d, st, an, m, mine, _callers(who), how, matter, desk) for i, s, d, st, an, m, mine, who, how, matter, desk in cursor.fetchall()]


def talking(me: Me) -> Call | None:
    """The call that he is on, or the one that ended last within the time in which it is written down."""
    rows = Call.objects.using(me.using).filter(desk_code=desk_of(me), operator=me.id, answered_at__isnull=False, started_at__gt=timezone.now() - timedelta(hours=3))
    return rows.filter(Q(ended_at=None) | Q(ended_at__gt=timezone.now() - AFTER_CALL)).order_by("-answered_at").first()


def one(call: uuid.UUID, me: Me) -> Call:
    found = Call.objects.using(me.using).filter(pk=call).first()
    if found is None or not any(r.lo == found.desk_code or found.desk_code.startswith(r.lo) for r in lists.reach(me, Right.CALLBACK)):
        raise NotHere(_("没有这个电话，或不是您这条热线接的。"))
    return found


def callers(call: Call, me: Me) -> tuple[Caller, ...]:
    """Name and door of whoever has this telephone, while the call is his to work on."""
    with connections[me.using].cursor() as cursor:
        cursor.execute("select access.callers(%s)", [call.pk])
        return _callers(cursor.fetchone()[0])


@dataclass(frozen=True)
class CallerFile:
    """What a matter needs of a checked caller."""

    person: uuid.UUID
    name: str
    age: int | None
    address: str
    door: str
    village: str
    place: str
    caution: str


def caller_file(call: Call, me: Me) -> CallerFile | None:
    if call.checked_how not in ("door", "year"):
        return None
    with connections[me.using].cursor() as cursor:
        cursor.execute("select person, name, born, address, door, village, place, caution from access.caller_file(%s)", [call.pk])
        row = cursor.fetchone()
    if row is None:
        return None
    today = timezone.localdate()
    born = row[2]
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None
    return CallerFile(row[0], row[1], age, *row[3:])


@dataclass(frozen=True)
class Earlier:
    """A matter or errand of the caller."""

    id: uuid.UUID
    number: str
    title: str
    state: str
    open: bool
    submitted_at: datetime
    due_at: datetime | None
    desk: str
    item: str
    seen: bool

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.number)

    @property
    def label(self) -> str:
        return _(states.STATE_LABELS[State(self.state)])

    @property
    def late(self) -> bool:
        return bool(self.open and self.due_at and self.due_at < timezone.now())


def caller_matters(call: Call, me: Me) -> list[Earlier]:
    """His matters and open errands, newest first; only once he has been checked."""
    if not call.checked_how or call.checked_how == "none":
        return []
    with connections[me.using].cursor() as cursor:
        cursor.execute("select id, number, title, state, submitted_at, due_at, desk, item, seen from access.caller_matters(%s)", [call.pk])
        rows = cursor.fetchall()
    names = lists.names_of(me, [r[6] for r in rows])
    return [Earlier(r[0], r[1], r[2], r[3], State(r[3]) in states.OPEN, r[4], r[5], names.get(r[6], ""), r[7], r[8]) for r in rows]


@dataclass(frozen=True)
class Progress:
    """How far a matter is, to be read out."""

    id: uuid.UUID
    number: str
    title: str
    state: str
    submitted_at: datetime
    due_at: datetime | None
    desk: str
    words: tuple[str, ...]
    seen: bool

    @property
    def label(self) -> str:
        return _(states.STATE_LABELS[State(self.state)])

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.number)

    @property
    def urgeable(self) -> bool:
        return State(self.state) in states.OPEN - {State.REPLIED, State.EXPLAIN_PENDING} or self.state == State.MERGED

    @property
    def late(self) -> bool:
        return bool(self.urgeable and self.due_at and self.due_at < timezone.now())


def progress(call: Call, number: str, word: str, me: Me) -> Progress | None:
    """By number, where the call concerns it: the same telephone, the checked person, the receipt's word, or a seat of one's own."""
    tidy, letters = numbers.read(number), numbers.read_word(word)
    if not tidy:
        return None
    with connections[me.using].cursor() as cursor:
        cursor.execute("select id, title, state, submitted_at, due_at, lead_desk, home_desk, words, seen from access.call_progress(%s, %s, %s::bytea[])", [call.pk, tidy, vault.word_digests(tidy, letters) if letters else []])
        row = cursor.fetchone()
    if row is None:
        return None
    desk = row[5] or row[6]
    return Progress(row[0], tidy, row[1], row[2], row[3], row[4], lists.names_of(me, [desk]).get(desk, ""), tuple(row[7]), row[8])


# --- the log ---------------------------------------------------------------------------------------------------------------------

VIEWS = {"": "全部", "missed": "未接", "voicemail": "留言", "mine": "我接的"}


def log(me: Me, view: str = "", before: datetime | None = None) -> tuple[list[Call], bool]:
    """Calls of his hotline, newest first, fifty a page; missed ones oldest first, since they wait to be called back."""
    desk = desk_of(me)
    rows = Call.objects.using(me.using).filter(desk_code=desk).select_related(None)
    if view == "missed":
        rows = missed(me)
    elif view == "voicemail":
        rows = rows.filter(voicemail_cipher__isnull=False)
    elif view == "mine":
        rows = rows.filter(operator=me.id)
    if before is not None:
        rows = rows.filter(started_at__lt=before) if view != "missed" else rows.filter(started_at__gt=before)
    found = list(rows.order_by("started_at" if view == "missed" else "-started_at", "id")[:PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def missed(me: Me) -> Any:
    """Came in, nobody answered, nobody has called back, no voicemail that becomes a matter by itself."""
    return Call.objects.using(me.using).filter(desk_code=desk_of(me), direction="in", answered_at=None, done="", ended_at__isnull=False, voicemail_cipher=None)


def clear_number(call: Call) -> str:
    return vault.decrypt(NUMBER, call.pk, call.number_cipher)


def voicemail(call: Call) -> str:
    return vault.decrypt(VOICEMAIL, call.pk, call.voicemail_cipher)


# --- the operator's own list -----------------------------------------------------------------------------------------------------


@dataclass
class Tray:
    """The left column: what the desk has on hand."""

    mine: list[lists.Line] = field(default_factory=list)
    send: list[lists.Line] = field(default_factory=list)
    missed: int = 0
    callbacks: int = 0


COUNTED = 99


def tray(me: Me, *, at: datetime) -> Tray:
    """Matters to accept and send at the hotline, urgent first; how many wait for a call. Three statements."""
    made = Tray()
    desk = desk_of(me)
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """select s.role, m.id, m.number, m.title, m.state, s.urgent, m.place_code, a.short_name, m.submitted_at, s.due_at, m.first_owner
                 from (select x.* from public.service_seat x where x.desk_code = %s and x.ends_at is null and x.role = 'home' and x.state in ('submitted', 'accepted', 'return_pending') order by x.submitted_at desc limit 60) s
                 join public.service_matter m on m.id = s.matter_id left join public.access_area a on a.code = m.place_code
                order by s.urgent desc, m.submitted_at desc limit 40""", [desk])
        for _role, pk, number, title, state, urgent, place, place_name, submitted, _due, owner in cursor.fetchall():
            line = lists.Line(pk, number, title, "help", "", State(state), urgent, False, place, place_name or place, "", "", submitted, lists.Left("", "", None))
            (made.mine if owner == me.id else made.send).append(line)
        cursor.execute(
            """select (select count(*) from (select 1 from public.service_call c where c.desk_code = %s and c.direction = 'in' and c.answered_at is null and c.done = '' and c.ended_at is not null and c.voicemail_cipher is null limit %s) x),
                      (select count(*) from (select 1 from public.service_seat s where s.desk_code = %s and s.ends_at is null and s.role = 'home' and s.state = 'replied' limit %s) y)""",
            [desk, COUNTED + 1, desk, COUNTED + 1])
        made.missed, made.callbacks = cursor.fetchone()
    return made


# --- call-backs ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """Somebody to be called back: his own matter, or one merged into another that has been answered."""

    id: uuid.UUID
    number: str
    title: str
    kind: str
    place: str
    replied_at: datetime | None
    due_at: datetime | None
    tried: int
    tried_today: bool
    child: bool
    round: int

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.number)

    @property
    def kind_label(self) -> str:
        return _(kinds.KIND_LABELS[kinds.Kind(self.kind)])


MERGED_FOR = timedelta(days=60)


def waiting(me: Me, *, at: datetime, most: int = 60) -> list[Waiting]:
    """Answered and not asked yet; never what he handled himself; merged ones once the one they follow is answered. What is late first."""
    desk = desk_of(me)
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            """with due as (
                 (select m.id, m.number, m.title, m.kind, m.place_code, m.replied_at, m.callback_due_at, m.redo_count, false as child
                    from public.service_seat s join public.service_matter m on m.id = s.matter_id
                   where s.desk_code = %(desk)s and s.ends_at is null and s.role = 'home' and s.state = 'replied' and m.handler is distinct from %(me)s order by s.submitted_at limit %(most)s)
                 union all
                 (select m.id, m.number, m.title, m.kind, m.place_code, p.replied_at, p.callback_due_at, m.redo_count, true
                    from public.service_seat s join public.service_matter m on m.id = s.matter_id join public.service_matter p on p.id = m.parent_id
                   where s.desk_code = %(desk)s and s.ends_at is null and s.role = 'home' and s.state = 'merged' and s.submitted_at > %(since)s and m.solved = ''
                     and p.state in ('replied', 'closed', 'archived') and p.handler is distinct from %(me)s
                     and (select count(*) from public.service_callback b where b.matter_id = m.id and not b.reached) < 3 order by s.submitted_at limit %(most)s))
               select d.*, a.short_name, (select count(*) from public.service_callback b where b.matter_id = d.id and not b.reached and b.round = d.redo_count),
                      exists (select 1 from public.service_callback b where b.matter_id = d.id and b.at > %(today)s)
                 from due d left join public.access_area a on a.code = d.place_code order by d.callback_due_at nulls last, d.replied_at limit %(most)s""",
            {"desk": desk, "me": me.id, "since": at - MERGED_FOR, "most": most, "today": timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)})
        return [Waiting(r[0], r[1], r[2], r[3], r[9] or r[4], r[5], r[6], r[10], r[11], r[8], r[7]) for r in cursor.fetchall()]


def contact_of(matter: Matter, me: Me) -> tuple[str, str]:
    """(masked name, masked telephone) of whoever asked."""
    said = contact(matter, me)
    return masks.name(said.get("name", "")) if said.get("name") else "", masks.phone(said["phone"]) if said.get("phone") else ""


def contact(matter: Matter, me: Me) -> dict[str, Any]:
    row = matter.parties.using(me.using).filter(role="requester").first()
    return vault.decrypt_json(vault.CONTACT, row.pk, row.contact_cipher, restricted=matter.restricted) if row else {}


def answer_of(matter: Matter, me: Me) -> str:
    """What the person was told: the matter's own answer, or that of the one it was merged into."""
    source = matter
    if matter.state == State.MERGED and matter.parent_id:
        source = Matter.objects.using(me.using).filter(pk=matter.parent_id).first() or matter
    return vault.decrypt(vault.RESULT, source.pk, source.result_cipher, restricted=source.restricted)


# --- who answers, what to answer ----------------------------------------------------------------------------------------------------


def lines(me: Me) -> list[PhoneLine]:
    return list(PhoneLine.objects.using(me.using).defer("token_digest").filter(ended_at=None).order_by("desk_code", "number"))


def shifts(me: Me, desk: str, *, since: datetime, until: datetime) -> list[DutyShift]:
    return list(DutyShift.objects.using(me.using).filter(desk_code=desk, cancelled_at=None, ends_at__gt=since, starts_at__lt=until).order_by("starts_at", "role")[:200])


def my_shifts(me: Me, *, at: datetime) -> list[DutyShift]:
    """His own shifts to come, and those he is asked to take."""
    own = DutyShift.objects.using(me.using).filter(cancelled_at=None, ends_at__gt=at)
    return list((own.filter(staff=me.id) | own.filter(swap_to=me.id)).order_by("starts_at")[:40])


def extension_of(me: Me) -> Extension | None:
    return Extension.objects.using(me.using).filter(staff=me.id, ended_at=None).order_by("-since").first()


def colleagues(me: Me, area: str) -> list[tuple[uuid.UUID, str]]:
    """Whoever can be put on duty in a county or town: everybody employed there."""
    return [(s.pk, f"{s.name}（{s.organisation.name}）") for s in Staff.objects.using(me.using).filter(area_code__startswith=area, left_at=None).select_related("organisation").order_by("area_code", "number")[:400]]


def book(me: Me, area: str, *, at: datetime, also_old: bool = False) -> list[Knowledge]:
    """Every answer that holds at an area, the narrower area's first."""
    levels = [area[:n] for n in (6, 9, 12) if len(area) >= n]
    rows = Knowledge.objects.using(me.using).filter(area_code__in=levels, ended_at=None)
    if not also_old:
        today = timezone.localdate(at)
        rows = rows.filter(valid_to__isnull=True) | rows.filter(valid_to__gte=today)
    return list(rows.order_by("-area_code", "question")[:1000])


def known(entries: Sequence[Knowledge]) -> list[calls.Known]:
    return [calls.Known(str(k.pk), k.question, tuple(k.keywords), k.answer) for k in entries]


def answers_for(me: Me, text: str, area: str, *, at: datetime) -> list[tuple[Knowledge, str]]:
    """What the book says to a text that is being typed, with the words that found it."""
    entries = {str(k.pk): k for k in book(me, area, at=at)}
    return [(entries[k.key], "、".join(words)) for k, words in calls.find_answers(text, known(list(entries.values())))]
