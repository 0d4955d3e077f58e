"""What residents do with matters themselves: say a thing, follow it, rate it, take it back, ask again.

Invariants: the same words, numbers, limits and the same way for what is about staff as at every other door
(`matters.open_matter`); the database decides who may (sql/portal.sql); a receipt shows how far it is, never who asked.
"""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.utils.translation import gettext as _

from minqing.access.models import Area
from minqing.access.scope import Visitor
from minqing.access.words import lasting
from minqing.lib import masks, phones
from minqing.service import vault
from minqing.service.actions import enclosures
from minqing.service.actions.errands import title_of
from minqing.service.actions.matters import headline, next_number
from minqing.service.models import CatalogueItem, Matter
from minqing.service.queries import limits
from minqing.service.queries.calendar import calendar_for
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import desks, kinds, numbers, states

#: What a form of four words offers; the desk puts it right.
OFFERED = ("help", "question", "suggestion", "complaint", "errand")
SHORTEST, LONGEST = 4, 2_000


@dataclass(frozen=True)
class Saying:
    """One thing as it is said. `for_person` is somebody who let the account act for him, or himself."""

    words: str
    kind: str
    place: str
    name: str = ""
    phone: str = ""
    spot: str = ""
    anonymous: bool = False
    confidential: bool = False
    for_person: uuid.UUID | None = None
    for_name: str = ""
    files: tuple[enclosures.File, ...] = field(default_factory=tuple)
    item: CatalogueItem | None = None   # what of the catalogue is to be run


class Running(Refused):
    """The same errand is under way for this person."""


@dataclass(frozen=True)
class Receipt:
    """What stands on the page afterwards: number, word, who looks when, by when an answer may be expected."""

    number: str
    word: str
    desk: str
    accept_due: datetime
    reply_due: datetime
    urgent: tuple[str, ...]
    restricted: bool


def say(said: Saying, *, visitor: Visitor, at: datetime) -> Receipt:
    """Take it. Raises Missing for what is lacking, Refused for floods."""
    words, phone = _check(said, visitor)
    area = Area.objects.using(visitor.using).filter(pk=said.place, closed_on=None).first() if len(said.place) >= 9 else None
    if area is None:
        raise Missing("place", _("请选择事情在哪个村（社区）。"))
    urgent = kinds.urgent_words(words)
    accused, restricted, shielded, desk = _about_staff(said, words, visitor)
    clock, accept_due = limits.on_submission(place=said.place, urgency="urgent" if urgent else "normal", at=at)
    number, word, row, party, other = next_number(at, visitor.using), numbers.word(), uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    digest, key_no = vault.phone_digest(phone) if phone else (None, 0)
    content = {k: v for k, v in (("name", said.name.strip()), ("phone", phone)) if v}
    told = {
        "id": str(row), "number": number, "kind": said.kind, "urgency": "urgent" if urgent else "normal", "urgent_words": urgent, "place": said.place, "desk": desk, "restricted": restricted,
        "shielded": shielded, "accused": [str(a) for a in accused], "anonymous": said.anonymous, "confidential": said.confidential, "for": str(said.for_person) if said.for_person and said.for_person not in visitor.selves and not said.anonymous else None,
        "title": lasting("（涉及工作人员的反映）") if restricted else headline(words), "spot": masks.free_text(" ".join(said.spot.split()))[:120], "clock": clock.isoformat(), "accept": accept_due.isoformat(),
        "party": str(party), "for_party": str(other), "key_no": key_no, "masked": masks.name(said.name.strip()) if said.name.strip() else "", "for_masked": masks.name(said.for_name) if said.for_name else "",
        "public": lasting("已登记，编号 %s") % numbers.spoken(number),
    }
    with transaction.atomic(using=visitor.using), connections[visitor.using].cursor() as cursor:
        cursor.execute("select access.say_matter(%s, %s, %s, %s, %s, %s)", [
            json.dumps(told, ensure_ascii=False), vault.encrypt(vault.WORDS, row, words, restricted=restricted), vault.word_digest(number, word),
            vault.encrypt_json(vault.CONTACT, party, content, restricted=restricted) if content else None, digest,
            vault.encrypt_json(vault.CONTACT, other, {"name": said.for_name}, restricted=restricted) if said.for_name else None,
        ])
        if cursor.fetchone()[0] == "often":
            raise Refused(_("这里刚才提交得太多了，请过一小时再来，或打热线。"))
        for file in said.files:
            enclosures.enclose(row, file, restricted=restricted, using=visitor.using)
        if said.item is not None:
            cursor.execute("select access.start_own_errand(%s, %s, %s)", [row, said.item.pk, title_of(said.item)])
            if cursor.fetchone()[0] == "running":
                raise Running(_("“%s”已经在办了，不用再提一次。在“查进度”里看办到哪一步。") % said.item.name)
    return Receipt(number, word, desk, accept_due, expected(said.kind, said.place, clock), tuple(urgent), restricted)


def _check(said: Saying, visitor: Visitor) -> tuple[str, str]:
    words = said.words.strip()
    if len(words) < SHORTEST and not any(f.kind == "voice" for f in said.files):
        raise Missing("words", _("请写下是什么事（至少四个字），或者录一段音。"))
    if len(words) > LONGEST:
        raise Missing("words", _("最多写 %d 个字，请说要紧的。") % LONGEST)
    if said.kind not in OFFERED:
        raise Missing("kind", _("请选择种类。"))
    phone = phones.normalise(said.phone) or "" if said.phone.strip() else ""
    if said.phone.strip() and not phone:
        raise Missing("phone", _("电话“%s”看不明白：手机 11 位；座机请带区号，如 0570-4888365。") % said.phone.strip())
    if said.for_person is not None and said.for_person not in visitor.persons:
        raise Missing("for_person", _("您没有得到这位家人的同意，或已经收回。"))
    if not said.anonymous and not phone:
        raise Missing("phone", _("请留一个电话，好给您回话；不愿留的，选“不留姓名电话”。"))
    return words or lasting("（录音，请听附件）"), phone


def _about_staff(said: Saying, words: str, visitor: Visitor) -> tuple[list[uuid.UUID], bool, list[str], str]:
    """(accused, restricted, shielded areas, desk): the same table as at every door."""
    with connections[visitor.using].cursor() as cursor:
        cursor.execute("select staff, name, area from access.office_holders(%s)", [said.place])
        holders = cursor.fetchall()
    reproach = kinds.about_staff(words, [name for _id, name, _area in holders])
    accused = list(dict.fromkeys(pk for pk, name, _area in holders if reproach and name and name in words))
    if not accused and not (reproach and said.kind == "complaint"):
        return [], False, [], desks.home_of(said.place, "web")
    areas = {a[:12] if len(a) > 12 else a for pk, _name, a in holders if pk in accused} or {said.place[:12]}
    shielded = sorted(c for c in areas if len(c) >= 9)
    return accused, True, shielded, desks.keeper_of(said.place, shielded)


def expected(kind: str, place: str, clock: datetime) -> datetime:
    """By when an answer may be expected once it is accepted: the limit of its kind; the order says the exact day."""
    return calendar_for(place).add_days(clock, float(kinds.LIMITS[kinds.Kind(kind)].finish))


# --- following ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far a matter is. `moves` are the sentences the requester was told."""

    id: uuid.UUID
    number: str
    state: str
    kind: str
    submitted_at: datetime
    due_at: datetime | None
    desk: str
    moves: tuple[tuple[datetime, str], ...]

    @property
    def label(self) -> str:
        return _(states.STATE_LABELS[states.State(self.state)])

    @property
    def tone(self) -> str:
        return "bam" if states.State(self.state) in (states.State.CLOSED, states.State.ARCHIVED, states.State.REPLIED) else "och"


def follow(*, number: str, word: str, visitor: Visitor) -> Progress:
    """By receipt. One sentence for a wrong number and a wrong word; thirty looks an hour from one address."""
    tidy, letters = numbers.read(number), numbers.read_word(word)
    digests = vault.word_digests(tidy, letters) if tidy and letters else []
    try:
        with transaction.atomic(using=visitor.using), connections[visitor.using].cursor() as cursor:
            cursor.execute("select id, state, kind, submitted_at, due_at, lead_desk, home_desk, restricted from access.follow_matter(%s, %s::bytea[])", [tidy, digests])
            row = cursor.fetchone()
            moves: tuple[tuple[datetime, str], ...] = ()
            if row is not None:
                cursor.execute("select at, words from access.follow_moves(%s, %s, %s::bytea[])", [row[0], tidy, digests])
                moves = tuple(cursor.fetchall())
    except DatabaseError as error:
        raise Refused(_("查得太多了，请过一小时再来，或打热线。")) from error
    if row is None:  # raised out here: the look has been counted
        raise NotHere(_("编号或口令不对，请对照回执再填。没有回执的，登录后在“我的事”里看，或打热线报姓名查。"))
    return Progress(row[0], tidy, row[1], row[2], row[3], row[4], "" if row[7] else row[5] or row[6], moves)


def mine(visitor: Visitor) -> list[Matter]:
    """Matters of one's own and of those for whom one acts, newest first; never the household's."""
    return list(Matter.objects.using(visitor.using).order_by("-submitted_at")[:100]) if visitor.account else []


def one(matter: uuid.UUID, visitor: Visitor) -> Matter:
    found = Matter.objects.using(visitor.using).filter(pk=matter).first() if visitor.account else None
    if found is None:
        raise NotHere(_("没有这件事，或不是您的。"))
    return found


def told(matter: Matter, visitor: Visitor) -> list[tuple[datetime, str]]:
    """The sentences the requester was told, oldest first."""
    with connections[visitor.using].cursor() as cursor:
        cursor.execute("select at, public_words from service_move where matter_id = %s and public_words <> '' order by id", [matter.pk])
        return cursor.fetchall()


def answer(matter: Matter) -> str:
    """The answer in full, for the requester."""
    return vault.decrypt(vault.RESULT, matter.pk, matter.result_cipher, restricted=matter.restricted)


def words(matter: Matter) -> str:
    return vault.decrypt(vault.WORDS, matter.pk, matter.words_cipher, restricted=matter.restricted)


# --- what the requester himself decides ---------------------------------------------------------------------------------------


def _move(matter: uuid.UUID, name: str, *, visitor: Visitor, restricted: bool, note: str, public: str, answers: dict[str, Any], clock: dict[str, str], digests: list[bytes]) -> str:
    line = vault.encrypt(f"service_move.{vault.NOTE}", matter, note, restricted=restricted)
    callback = uuid.uuid4()
    said = {**answers, "id": str(callback), "note": base64.b64encode(line).decode() if line else None}
    with connections[visitor.using].cursor() as cursor:
        cursor.execute("select access.requester_move(%s, %s::bytea[], %s, %s, %s, %s, %s)", [
            matter, digests, name, vault.encrypt(f"service_callback.{vault.NOTE}", callback, note, restricted=restricted), public, json.dumps(said), json.dumps(clock)])
        done = str(cursor.fetchone()[0])
    if done == "gone":
        raise NotHere(_("没有这件事，或不是您的。"))
    if done == "often":
        raise Refused(_("评价得太多了，请过一小时再来，或打热线。"))
    if done == "late":
        raise Refused(_("这件事现在不能这样办，可能刚有了新的进展。请刷新看看，或打热线。"))
    return done


@dataclass(frozen=True)
class Rated:
    """What a rating hangs on. `digests`: of a receipt's word, where nobody is logged in."""

    pk: uuid.UUID
    kind: str
    place_code: str
    redo_count: int
    limit_days: Decimal | None
    restricted: bool
    digests: tuple[bytes, ...] = ()


def rate_by_receipt(*, number: str, word: str, solved: str, satisfied: str, told_that_day: bool | None, words: str, visitor: Visitor, at: datetime) -> str:
    """The same with nothing but number and word. Looks and ratings are counted by address. Raises NotHere, Refused, Missing."""
    found = follow(number=number, word=word, visitor=visitor)
    if found.state != states.State.REPLIED:
        raise Refused(_("这件事现在是“%s”，还不到评价的时候，或已经评价过。") % found.label)
    digests = vault.word_digests(found.number, numbers.read_word(word))
    with connections[visitor.using].cursor() as cursor:
        cursor.execute("select kind, place, redo_count, limit_days, restricted from access.receipt_facts(%s, %s::bytea[])", [found.id, digests])
        kind, place, redone, days, restricted = cursor.fetchone()
    return rate(matter=Rated(found.id, kind, place, redone, days, restricted, tuple(digests)), solved=solved, satisfied=satisfied, told_that_day=told_that_day, words=words, visitor=visitor, at=at)


def rate(*, matter: Matter | Rated, solved: str, satisfied: str, told_that_day: bool | None, words: str, visitor: Visitor, at: datetime) -> str:
    """Was it solved, are you satisfied? "No" does it again, once; the second time a leader decides. Returns the state."""
    if solved not in dict(kinds.SOLVED) or satisfied not in dict(kinds.SATISFIED):
        raise Missing("solved", _("请选择有没有解决、满不满意。"))
    bad = solved == "no" or satisfied == "no"
    if bad and not words.strip():
        raise Missing("words", _("请写一句哪里没有办好。"))
    name = "close" if not bad else "redo" if matter.redo_count == 0 else "ask_explain"
    public = {"close": lasting("已办结，谢谢您"), "redo": lasting("您说还没有办好，重新办理"), "ask_explain": lasting("您说还没有办好，已报上一级，会给您答复")}[name]
    clock = redo_times(matter, at, visitor.using) if name == "redo" else {"archive": limits.after(matter.place_code, at, kinds.ARCHIVE_DAYS).isoformat()}
    return _move(matter.pk, name, visitor=visitor, restricted=matter.restricted, note=words.strip(), public=public, answers={"solved": solved, "satisfied": satisfied, "told": told_that_day}, clock=clock, digests=list(getattr(matter, "digests", ())))


def redo_times(matter: Matter | Rated, at: datetime, using: str) -> dict[str, str]:
    """The deadlines of doing it again (deciding.redo_clock), as the database takes them."""
    due = limits.on_dispatch(kind=matter.kind, place=matter.place_code, urgency="normal", at=at, days=limits.redo_days(matter.limit_days or Decimal(0)), using=using)
    return {"sign": due.sign.isoformat(), "contact": due.contact.isoformat(), "due": due.reply.isoformat(), "remind": due.remind.isoformat()}


def withdraw(*, matter: Matter, words: str, visitor: Visitor) -> str:
    if len(words.strip()) < 2:
        raise Missing("words", _("请写一句为什么撤回。"))
    return _move(matter.pk, "withdraw", visitor=visitor, restricted=matter.restricted, note=words.strip(), public=lasting("按您的意思撤回"), answers={}, clock={}, digests=[])


def reopen(*, matter: Matter, words: str, visitor: Visitor, at: datetime) -> str:
    """New facts within thirty days: done again under its own number."""
    if len(words.strip()) < 5:
        raise Missing("words", _("请写下有什么新情况，至少五个字。"))
    return _move(matter.pk, "reopen", visitor=visitor, restricted=matter.restricted, note=words.strip(), public=lasting("有新情况，重新办理"), answers={}, clock=redo_times(matter, at, visitor.using), digests=[])
