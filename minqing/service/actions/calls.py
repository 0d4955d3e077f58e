"""The hotline: what the telephone system reports, taking a call, checking who calls, taking down, merging and urging, calling back, voicemail.

Invariants: an event is taken once, in any order, by the line whose token came with it; no file opens before the caller has been checked; every
matter goes through `matters.open_matter` with the hotline as the desk that took it; what voicemail says in danger becomes a matter at once, the
rest at the next opening; a key press is a call-back like any other, by nobody who handled the matter.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.actions import audit
from minqing.access.scope import Me, PhoneActor
from minqing.access.words import county, lasting
from minqing.archives import vault as archive_vault
from minqing.gateways.telephony import Event
from minqing.lib import ciphers, phones
from minqing.service import vault
from minqing.service.actions import callbacks, enclosures, matters, moving
from minqing.service.actions.deciding import redo_clock
from minqing.service.actions.handling import leader_of
from minqing.service.actions.matters import Opened, Said, Who, headline
from minqing.service.models import Call, CallBack, Matter
from minqing.service.queries import calls as queries
from minqing.service.queries import limits, lists
from minqing.service.queries.calendar import calendar_for
from minqing.service.refusals import Missing, NotHere, NotYours, Refused
from minqing.service.rules import calls as rules
from minqing.service.rules import desks, kinds, numbers, states, suggest
from minqing.service.rules.states import State

log = structlog.get_logger("minqing.calls")


# --- the telephone system -----------------------------------------------------------------------------------------------------------


class TooMany(Exception):  # noqa: N818 - what happened
    """More events in a minute than any switchboard of a county has."""


def receive(*, token: str, event: Event, origin: str, at: datetime, file: enclosures.File | None = None) -> tuple[uuid.UUID, bool]:
    """One event of one call: (the call, whether it was new). Raises NoSession for a token of no line, TooMany."""
    with transaction.atomic():
        line = scope.enter_cti(token, origin=origin)
        call = uuid.uuid5(line.line, event.call_id)
        number = phones.dialled(event.number)
        digest, key_no = vault.phone_digest(number) if number else (None, 0)
        urgent = event.name == "voicemail" and bool(kinds.urgent_words(event.text))
        said: dict[str, object] = {
            "direction": event.direction, "extensions": list(event.extensions), "queue": event.queue, "cause": event.cause, "masked": phones.masked(number),
            "forwarded": phones.masked(phones.dialled(event.forwarded)) or event.forwarded[:40], "recording": event.recording, "score": event.score or None, "matter": event.matter, "kept": event.kept,
            "media": file.media if file else "",
        }
        if event.name == "voicemail":
            said["file_at"] = (at if urgent else calendar_for(line.area).next_opening(at)).isoformat()
        with connections["default"].cursor() as cursor:
            cursor.execute("select access.call_event(%s, %s, %s, %s, %s, %s, %s::smallint, %s)", [
                call, event.call_id, event.name, json.dumps(said, ensure_ascii=False), vault.encrypt(queries.NUMBER, call, number), digest, key_no, vault.encrypt(queries.VOICEMAIL, call, event.text)])
            done = cursor.fetchone()[0]
        if done == "often":
            raise TooMany
        if done == "new" and file is not None:
            _keep(call, queries.RECORDING, file.content)
        if done == "new" and urgent:
            file_voicemail(call, line, using="default", at=at)
        return call, done == "new"


def _keep(row: uuid.UUID, column: str, content: bytes) -> None:
    target = enclosures.path_of(row)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(archive_vault.ring().cipher(sensitive=True).encrypt(content, ciphers.context(column, row)))


def recording(call: Call, *, by: Me) -> bytes | None:
    """The sound that came with a call; listening is audited. None where the telephone system keeps it."""
    path = enclosures.path_of(call.pk)
    if not call.media or not path.exists():
        return None
    audit.record("call.listen", persons=[call.person_id] if call.person_id else [], detail={"call": str(call.pk)}, using=by.using)
    return archive_vault.ring().cipher(sensitive=True).decrypt(path.read_bytes(), ciphers.context(queries.RECORDING, call.pk))


# --- on the telephone ---------------------------------------------------------------------------------------------------------------


def take(*, call: uuid.UUID, by: Me) -> None:
    """"I take it": nobody else's pop-up shows it any more."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.take_call(%s)", [call])
        if not cursor.fetchone()[0]:
            raise Refused(_("这个电话刚被同事接了，或已经挂断。"))


def check(*, call: uuid.UUID, how: str, person: uuid.UUID | None = None, year: str = "", by: Me) -> None:
    """The caller has said who he is. By door the operator compares, by year of birth the database does."""
    if how not in ("door", "year", "family", "none"):
        raise Missing("how", _("请选择怎么核对的：门牌、出生年份、家人代打，或不是这个人。"))
    if how in ("door", "year") and person is None:
        raise Missing("person", _("这个号码有几个人用，请先问是哪一位。"))
    born = int(year) if year.strip().isdigit() else 0
    if how == "year" and not 1900 < born < 2100:
        raise Missing("year", _("请写四位的出生年份，如 1943。"))
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.check_caller(%s, %s, %s, %s)", [call, person, how, born])
        found = cursor.fetchone()[0]
    if found == "wrong":
        raise Missing("year", _("和档案上的出生年份对不上。请再问一遍；三次不对，这个电话就不能打开档案，照常登记就行。"))
    if found == "often":
        raise Refused(_("核对不上已有三次，这个电话不再打开档案。请照常登记，留下对方说的姓名和电话。"))
    if found == "gone":
        raise Refused(_("这个电话不在您手上，或挂断已超过半小时。"))


@dataclass(frozen=True)
class Asked:
    """What the operator has typed while talking."""

    words: str
    kind: str
    place: str
    name: str = ""
    phone: str = ""
    address: str = ""
    category: str = ""
    spot: str = ""
    lead: str = ""
    urgent: bool | None = None
    anonymous: bool = False
    confidential: bool = False
    on_behalf: bool = False
    into: uuid.UUID | None = None      # merge into this one and urge it
    answer: str = ""                   # answered at once from the book


@dataclass(frozen=True)
class Taken:
    """A matter that was taken on the telephone, and what is said before hanging up."""

    opened: Opened
    matter: Matter
    sentence: str
    merged: str = ""
    answered: bool = False
    sent_to: str = ""


@transaction.atomic
def take_down(*, asked: Asked, call: Call | None, hotline: str, by: Me, at: datetime) -> Taken:
    """Open the matter with the hotline as its home; merge, answer or send it as the operator chose; tie it to the call."""
    desk = queries.desk_of(by)
    if not desk:
        raise NotYours(_("您不在热线值班，请到“事情”里登记。"))
    caller = queries.caller_file(call, by) if call is not None else None
    phone = asked.phone or (queries.clear_number(call) if call is not None and call.number_cipher and not asked.anonymous else "")
    who = Who(name=asked.name, phone=phone if _callable(phone) else asked.phone, address=asked.address or (caller.address if caller else ""), person=caller.person if caller and not asked.on_behalf else None)
    opened = matters.open_matter(Said(
        words=asked.words, kind=asked.kind, channel="phone", place=asked.place, requester=who, category=asked.category, spot=asked.spot, urgent=asked.urgent or None, anonymous=asked.anonymous,
        confidential=asked.confidential, on_behalf=asked.on_behalf, taken_at=desk), by=by, at=at)
    if call is not None:
        Call.objects.using(by.using).filter(pk=call.pk).update(matter=None if opened.restricted else opened.matter, done="taken", done_by=by.id, done_at=at)
    if opened.restricted:
        return Taken(opened, opened.matter, lasting("您反映的事已登记，编号 %(no)s，口令 %(word)s。它由纪检专员办理，别的人看不到；他会直接答复您。") % {"no": numbers.spoken(opened.matter.number), "word": opened.word})
    return _onward(asked, opened, hotline, by, at)


def _callable(phone: str) -> bool:
    return bool(phone) and (phones.is_mobile(phone) or "-" in phone)


def _onward(asked: Asked, opened: Opened, hotline: str, by: Me, at: datetime) -> Taken:
    m = opened.matter
    number = numbers.spoken(m.number)
    if asked.into is not None:
        target = merge_and_urge(child=m, into=asked.into, words=asked.words, by=by, at=at)
        due = _day(target.due_at) if target.due_at else lasting("尽快")
        return Taken(opened, moving.get(m, by), lasting("这件事已经有人反映，我把您的并进去，一起催办。您的编号是 %(no)s，%(day)s前答复您，办完一样给您回电话。没人联系您，请再打 %(hotline)s。") % {"no": number, "day": due, "hotline": hotline}, merged=numbers.spoken(target.number))
    if asked.answer.strip():
        m = matters.answer(matter=m, words=asked.answer, outcome="explained", by=by, at=at)
        return Taken(opened, m, lasting("刚才答复您的已经记下，编号 %(no)s。以后有变化，请再打 %(hotline)s。") % {"no": number, "hotline": hotline}, answered=True)
    if asked.lead:
        m = matters.accept(matter=m, by=by, at=at)
        m = matters.dispatch(matter=m, lead=asked.lead, by=by, at=at)
        unit = county(lists.names_of)(by, [asked.lead]).get(asked.lead, "")
        return Taken(opened, m, lasting("您的事已派给%(who)s，编号 %(no)s，%(day)s前答复您。没人联系您，请再打 %(hotline)s，报编号就行。") % {"who": unit, "no": number, "day": _day(m.due_at or at), "hotline": hotline}, sent_to=unit)
    return Taken(opened, m, lasting("您的事已登记，编号 %(no)s，%(day)s前告诉您由谁办。没人联系您，请再打 %(hotline)s，报编号就行。") % {"no": number, "day": _day(m.accept_due_at or at), "hotline": hotline})


def _day(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return lasting("%(month)d月%(day)d日%(hour)d点%(minute)s") % {"month": local.month, "day": local.day, "hour": local.hour, "minute": lasting("%02d分") % local.minute if local.minute else ""}


def merge_and_urge(*, child: Matter, into: uuid.UUID, words: str, by: Me, at: datetime) -> Matter:
    """The second call about one thing: one matter is done, both people are answered; the handler hears of it today."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.follow_similar(%s, %s)", [child.pk, into])
        if not cursor.fetchone()[0]:
            raise Refused(_("那件事不能并入：不在同一个村、要保密，或已经撤回。请另开一单。"))
    matters.merge(matter=child, into=into, by=by, at=at)
    target = moving.get(into, by)
    if State(target.state) in states.OPEN:
        moving.remember(target, "urge", by=by, at=at, note=words, desk=target.lead_desk or target.home_desk, detail={"from": child.number, "late": bool(target.due_at and target.due_at < at)})
    return target


def urge(*, call: Call, matter: uuid.UUID, word: str = "", number: str = "", note: str, by: Me) -> None:
    """催办 for a matter this call concerns; it reaches whoever has it, once a day."""
    letters = numbers.read_word(word)
    digests = vault.word_digests(number, letters) if number and letters else []
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.urge_matter(%s, %s, %s::bytea[], %s, %s)", [
            call.pk, matter, digests, vault.encrypt(f"service_move.{vault.NOTE}", matter, note.strip() or lasting("来电催办")), lasting("您来电催办，已转告承办单位")])
        found = cursor.fetchone()[0]
    if found == "gone":
        raise NotHere(_("编号和这个电话对不上，请对方报口令。"))
    if found == "late":
        raise Refused(_("这件事已经答复或办结，不必催办；不满意的，请在回访里记下。"))
    if found == "again":
        raise Refused(_("今天已经催过一次，承办单位已收到。"))


def hand_on(*, call: Call, to: str, who: str, by: Me, at: datetime) -> None:
    """The call was put through: to a window, a department, the village, or a three-way call with 110, 119, 120. Recorded, not dialled from here."""
    if to not in rules.TRANSFERS:
        raise Missing("to", _("请选择转到哪里。"))
    name = " ".join(who.split())[:40]
    if not name and not to.isdigit():
        raise Missing("who", _("请写转给了谁（单位或人）。"))
    label = lasting(rules.TRANSFERS[to]) + (f"：{name}" if name else "")
    changes = {"forwarded_to": label[:60]}
    rows = Call.objects.using(by.using).filter(pk=call.pk)
    if not (rows.update(**changes) if call.done else rows.update(**changes, done="answered", done_by=by.id, done_at=at)):
        raise NotHere(_("没有这个电话，或不是您这条热线接的。"))
    audit.record("call.transfer", persons=[call.person_id] if call.person_id else [], detail={"call": str(call.pk), "to": to}, using=by.using)


def number_for_call(*, call: Call, by: Me) -> str:
    """The whole number, to be dialled now; audited."""
    if not call.number_cipher:
        raise Refused(_("对方没有显示号码，不能回电。"))
    audit.record("call.number", persons=[call.person_id] if call.person_id else [], detail={"call": str(call.pk)}, using=by.using)
    return queries.clear_number(call)


def settle(*, call: Call, done: str, by: Me, at: datetime) -> None:
    """A missed call was called back: reached, not reached, or nothing to do."""
    if done not in ("called", "tried", "nothing", "answered"):
        raise Missing("done", _("请选择回电的结果。"))
    keep = {"done_by": by.id, "done_at": at}
    # not reached: it stays on the list, at its place, with the trace that somebody tried
    changes = {"done": "", "forwarded_to": lasting("回电未通 %s") % f"{timezone.localtime(at):%m-%d %H:%M}"} if done == "tried" else {"done": done}
    if not Call.objects.using(by.using).filter(pk=call.pk).update(**changes, **keep):
        raise NotHere(_("没有这个电话，或不是您这条热线接的。"))
    audit.record("call.settle", detail={"call": str(call.pk), "done": done}, using=by.using)


# --- call-backs -----------------------------------------------------------------------------------------------------------------------


def call_back(*, matter: Matter, by: Me, at: datetime, **answers: object) -> Matter:
    """As `callbacks.call_back`; for a merged one also whoever handled what it follows does not ask."""
    if matter.state == State.MERGED and matter.parent_id:
        parent = Matter.objects.using(by.using).filter(pk=matter.parent_id).first()
        if parent is not None and parent.handler == by.id:
            raise NotYours(_("办理人不能回访自己办的事，请另一位同事回访。"))
    return callbacks.call_back(matter=matter, by=by, at=at, **answers)  # type: ignore[arg-type]


def number_of_requester(*, matter: Matter, by: Me) -> tuple[str, str]:
    """(name, telephone) of whom to call back, in full, for this one call; audited."""
    said = queries.contact(matter, by)
    persons = list(matter.parties.using(by.using).filter(person_id__isnull=False).values_list("person_id", flat=True))
    audit.record("call.number", persons=persons, detail={"matter": str(matter.pk)}, using=by.using)
    if not said.get("phone"):
        raise Refused(_("没有留电话。请看能不能上门或写信回访，选“纸质”或“上门”记下。"))
    return str(said.get("name", "")), str(said["phone"])


# --- time: voicemail becomes a matter, key presses become call-backs --------------------------------------------------------------------


def run(*, now: Callable[[], datetime], most: int = 200) -> dict[str, int]:
    """Whatever is due. One broken call stops none of the others. Returns counts by kind."""
    with connections["jobs"].cursor() as cursor:
        cursor.execute("select call, line, matter, what from access.calls_due(%s)", [most])
        due = cursor.fetchall()
    done: dict[str, int] = {}
    for call, line, matter, what in due:
        try:
            with transaction.atomic(using="jobs"):
                if what == "file":
                    file_voicemail(call, scope.enter_line(line), using="jobs", at=now())
                else:
                    me = scope.enter_matter(matter)
                    _conclude_keys(Call.objects.using("jobs").get(pk=call), Matter.objects.using("jobs").select_for_update().get(pk=matter), me, now())
            done[what] = done.get(what, 0) + 1
        except Exception as error:  # the next call must not wait for this one
            log.error("call step failed", what=what, call=str(call), error=type(error).__name__)
            done["failed"] = done.get("failed", 0) + 1
    return done


def file_voicemail(call: uuid.UUID, line: PhoneActor, *, using: str, at: datetime) -> Matter | None:
    """What was left on the machine becomes a matter of the line's desk; about staff, of the discipline desk. None where it is one already."""
    row = Call.objects.using(using).get(pk=call)
    words = queries.voicemail(row) or lasting("（电话留言，请听录音%s）") % (f"：{row.recording}" if row.recording else "")
    with connections[using].cursor() as cursor:
        cursor.execute("select access.place_of_call(%s)", [call])
        place = cursor.fetchone()[0]
    urgent = kinds.urgent_words(words)
    kind = suggest.kind_of(words)[0] or "help_up"
    restricted = bool(kinds.about_staff(words, [])) and kind in ("complaint", "report")
    shielded = [place[:12]] if restricted and len(place) >= 12 else []
    desk = desks.keeper_of(place, shielded) if restricted else line.desk
    clock, accept = limits.on_submission(place=place, urgency="urgent" if urgent else "normal", at=at)
    made, party, number, word = uuid.uuid4(), uuid.uuid4(), matters.next_number(at, using), numbers.word()
    phone = queries.clear_number(row)
    said = {
        "id": str(made), "party": str(party), "number": number, "kind": kind, "urgency": "urgent" if urgent else "normal", "urgent_words": urgent, "restricted": restricted, "shielded": shielded, "place": place, "desk": desk,
        "title": lasting("（涉及工作人员的反映）") if restricted else headline(words), "clock": clock.isoformat(), "accept": accept.isoformat(),
        "remind": (at + timedelta(minutes=kinds.ACKNOWLEDGE_MINUTES)).isoformat() if urgent else None, "public": lasting("已登记，编号 %s") % numbers.spoken(number),
    }
    contact = vault.encrypt_json(vault.CONTACT, party, {"phone": phone}, restricted=restricted) if phone else None
    with connections[using].cursor() as cursor:
        cursor.execute("select access.file_voicemail(%s, %s, %s, %s, %s)", [call, json.dumps(said, ensure_ascii=False), vault.encrypt(vault.WORDS, made, words, restricted=restricted), vault.word_digest(number, word), contact])
        if not cursor.fetchone()[0]:
            return None
        path = enclosures.path_of(row.pk)
        if row.media and path.exists():
            content = archive_vault.ring().cipher(sensitive=True).decrypt(path.read_bytes(), ciphers.context(queries.RECORDING, row.pk))
            attachment = uuid.uuid4()
            _keep(attachment, "service_attachment.file", content)
            cursor.execute("select access.attach_recording(%s, %s, %s, %s, %s, %s)", [attachment, made, vault.encrypt("service_attachment.name_cipher", attachment, lasting("留言录音"), restricted=restricted), row.media, len(content), ciphers.sm3(content)])
            if restricted:  # the desk that answers the telephone keeps no copy
                path.unlink(missing_ok=True)
    return Matter(pk=made, number=number, place_code=place, home_desk=desk, restricted=restricted)


def _conclude_keys(call: Call, matter: Matter, me: Me, at: datetime) -> None:
    """1 satisfied, 2 fairly, 3 not solved: closes it, does it again, or asks a leader. Where it waits for no call-back the press is only kept."""
    with connections["jobs"].cursor() as cursor:
        cursor.execute("select access.scored(%s)", [call.pk])
    if matter.state != State.REPLIED:
        return
    solved, satisfied = rules.KEYS[int(call.score or 0)]
    CallBack(matter=matter, at=at, staff=None, channel="keys", reached=True, solved=solved, satisfied=satisfied, round=matter.redo_count).save(using="jobs", force_insert=True)
    answers = {"solved": solved, "satisfied": satisfied}
    if solved == "yes":
        callbacks.close(matter=matter, by=me, at=at, actor="requester", public=lasting("已办结，谢谢您"), **answers)
    elif matter.redo_count == 0:
        moving.make("redo", matter, by=me, at=at, actor="requester", public=lasting("您说还没有办好，重新办理"), **answers, **redo_clock(matter, at, using="jobs"))
    else:
        row = moving.make("ask_explain", matter, by=me, at=at, actor="requester", note=lasting("按键评价：没有解决"), **answers)
        moving.give_seat(row, leader_of(row), states.Role.DECIDE, me)
