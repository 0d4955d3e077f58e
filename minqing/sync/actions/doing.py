"""The kinds of operations there are, each one call of an action of the archives or the service.

Invariant: a right is asked by that action, never here; a field is compared with what the phone showed, under the row's lock.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.words import lasting
from minqing.archives.actions import fields, households, members, people
from minqing.archives.models import Household, Resident
from minqing.archives.refusals import NotHere, Refused
from minqing.archives.rules import items
from minqing.contact.actions import bookings, doors, flood, visits
from minqing.service.actions import attachments, enclosures, matters
from minqing.service.models import Matter
from minqing.service.rules import kinds
from minqing.sync import vault
from minqing.sync.actions import blobs, conflicts, sealed_files
from minqing.sync.actions.kinds import KINDS, Context, Done, Given, Later, does
from minqing.sync.models import Blob, Operation
from minqing.sync.rules import protocol

__all__ = ["KINDS"]
#: People whom one matter from a phone names.
MOST_ASK = 6


def _changes(given: Given, allowed: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """{field: (from, to)} of an operation on fields. Raises Refused for a field that a phone does not write."""
    found: dict[str, tuple[str, str]] = {}
    for name, change in (given.data.get("fields") or {}).items():
        if name not in allowed or not isinstance(change, dict):
            raise Refused(_("“%s”不能在手机上填写，请在电脑上办理。") % name)
        found[name] = (str(change.get("from") or "").strip(), str(change.get("to") or "").strip())
    if not found:
        raise Refused(_("这一项没有写要改什么，请重新填一次。"))
    return found


def _target(given: Given) -> uuid.UUID:
    if given.target is None:
        raise Refused(_("这一项没有写是哪一户、哪个人，请重新填一次。"))
    return given.target


@does("household.words")
def household_words(given: Given, on: Context) -> Done:
    """What matters at the door, what troubles the family, what it wishes."""
    asked = _changes(given, households.WORDS)
    home = members.household_of(_target(given), on.by)
    done, wanted = Done(), {}
    for name, (was, to) in asked.items():
        now = str(getattr(home, name)).strip()
        done.fields[name] = protocol.merge(now=now, was=was, to=to)
        if done.fields[name] == protocol.APPLIED:
            wanted[name] = to
        elif done.fields[name] == protocol.CONFLICT:
            conflicts.keep(household=home, person=None, grid=home.grid_code, field=name, mine=to, theirs=now, was=was, by=on.by, at=on.now)
    if wanted:
        households.set_words(household=home, by=on.by, at=on.now, **wanted)
    return done


@does("person.fields")
def person_fields(given: Given, on: Context) -> Done:
    """Fields of a person: corrected by right, sent to the department, or kept as a question."""
    asked = _changes(given, items.ITEMS)
    person = people.get(_target(given))
    grid = people.require(person, on.by)
    try:
        said = parse_date(str(given.data.get("on") or ""))
    except ValueError as error:  # the 31st of a month that has thirty
        raise Refused(_("“%s”没有这一天，请核对日期。") % given.data["on"]) from error
    day = min(said or timezone.localdate(on.happened), timezone.localdate(on.now))
    note = str(given.data.get("note") or "")[:200]
    done = Done()
    for name, (was, to) in asked.items():
        done.fields[name] = _field(person, name, was, to, grid=grid, note=note, day=day, on=on)
    return done


def _field(person: Resident, name: str, was: str, to: str, *, grid: str, note: str, day: Any, on: Context) -> str:
    value = fields.clean(name, to, timezone.localdate(on.now))
    new, now = "" if value is None else str(value), people.clear(person, name)
    if new == now:
        return protocol.SAME
    if not items.desk_may(name, source=str((person.sources.get(name) or {}).get("from", "")), empty=not now):
        fields.change(person=person, field=name, value=to, by=on.by, at=on.now, on=day, note=note)
        return protocol.REVIEW
    # a phone shows the last four digits of a number
    as_shown = (now[-4:] == was[-4:]) if name in people.SECRETS and now and was else now == was
    if not as_shown:
        conflicts.keep(household=None, person=person, grid=grid, field=name, mine=new, theirs=now, was=was, by=on.by, at=on.now)
        return protocol.CONFLICT
    kind = fields.change(person=person, field=name, value=to, by=on.by, at=on.now, on=day, note=note).kind
    person.refresh_from_db()
    return protocol.REVIEW if kind == "proposed" else protocol.APPLIED


@does("matter.open")
def matter_open(given: Given, on: Context) -> Done:
    """What somebody asked at the door becomes a matter; the word to follow it by goes back to the phone, to be told."""
    data = given.data
    place = str(data.get("place") or "")
    if given.target is not None:
        home = Household.objects.filter(pk=given.target, voided_at=None).first()
        if home is None:
            raise NotHere(_("没有这户的档案，或不在您的范围内。"))
        place = home.grid_code
    asks = [*_people(data), *_strangers(data)]
    if len(asks) > MOST_ASK:
        raise Refused(_("一件事最多写%d个人，请写上主要的几位，其余写进原话。") % MOST_ASK)
    said = matters.Said(
        words=str(data.get("words") or ""), kind=str(data.get("kind") or kinds.Kind.HELP.value), channel=kinds.Channel.DOOR.value, place=place, spot=str(data.get("spot") or ""),
        requester=asks[0] if asks else matters.Who(), others=tuple(replace(who, role="for") for who in asks[1:]), anonymous=not asks,
    )
    made = matters.open_matter(said, by=on.by, at=on.now)
    return Done(ref={"matter": str(made.matter.pk), "number": made.matter.number, "word": made.word})


def _people(data: Mapping[str, Any]) -> list[matters.Who]:
    """Whoever of the files asks, in the order in which the officer chose them: the first is the one who is answered."""
    wanted = list(dict.fromkeys(_ids(data.get("persons"))))
    known = {p.pk: p for p in Resident.objects.filter(pk__in=wanted, voided_at=None)}
    if len(known) < len(wanted):
        raise NotHere(_("提出这件事的人，有的已不在您的范围内。请改后再传，把姓名和电话写上。"))
    return [matters.Who(name=known[key].name, phone=people.clear(known[key], "phone"), person=key) for key in wanted]


def _strangers(data: Mapping[str, Any]) -> list[matters.Who]:
    """Whoever asks and has no file here: as he gave his name and number."""
    given = [{"name": data.get("name"), "phone": data.get("phone")}, *_lines(data, "names")]
    return [matters.Who(name=str(one.get("name") or "").strip()[:40], phone=str(one.get("phone") or "").strip()[:20]) for one in given if one.get("name") or one.get("phone")]


def _ids(raw: Any) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(str(i)) for i in raw or ()]
    except ValueError as error:
        raise Refused(_("这一项写的人不对，请重新选人。")) from error


@does("photo.attach")
def photo_attach(given: Given, on: Context) -> Done:
    """A photo or a recording to a matter, or to the one that an operation of mine opened. Its bytes came in parts, or sealed before a log-in."""
    key = _named(given.data, "blob")
    found = Blob.objects.select_for_update(of=("self",)).filter(pk=key).first()
    sealed = None if found is not None and blobs.complete(found) else sealed_files.opened(key)
    if sealed is None and (found is None or not blobs.complete(found)):
        raise Later(_("已收到，等照片传完再附上。"))
    target: uuid.UUID | None = _target(given)
    opened = Operation.objects.filter(pk=target).first()
    if opened is not None:
        ref = vault.decrypt_json(vault.ANSWER, opened.pk, opened.answer).get("ref", {})
        if "number" not in ref:
            raise Refused(_("照片要附上的那件事没有办成，请另选一件。"))
        target = uuid.UUID(ref["matter"]) if "matter" in ref else None
    matter = Matter.objects.filter(pk=target).first() if target else None
    if matter is None and opened is not None:  # about staff: who took it down sees it no more
        raise NotHere(_("这件事已转给专门的人办，照片和录音没有附上。请留着，交给来联系的人。"))
    if matter is None:
        raise NotHere(_("没有这件事，或不在您的范围内。"))
    attachments.add(matter=matter, files=_arrived(found, sealed, str(given.data.get("name") or "")), by=on.by, at=on.now)
    if found is not None:
        blobs.used(found, at=on.now)
    sealed_files.used(key, at=on.now)
    return Done(ref={"matter": str(matter.pk)})


def _arrived(blob: Blob | None, sealed: sealed_files.Opened | None, name: str) -> list[enclosures.File]:
    """What came, whole and once. Raises Refused, Later."""
    if sealed is not None:
        if sealed.content is None:
            raise Refused(_("封着传来的照片打不开，没有附上：不是这台手机封存的，或传坏了。这件事已记下，照片请另拍。"))
        return _checked(sealed.media, name, sealed.content)
    if blob is None or blob.used_at is not None:
        raise Refused(_("这张照片已经附在一件事上了，请重新选一张。"))
    whole = blobs.whole(blob)
    if whole is None:
        raise Later(_("照片传坏了，请重传一次。"))
    return _checked(blob.media, name, whole)


def _checked(media: str, name: str, whole: bytes) -> list[enclosures.File]:
    """What came, looked at by its own first bytes: a recording where it was announced as one, else a photo."""
    if media.startswith("audio/"):
        return [enclosures.check("voice", name or lasting("录音"), whole)]
    return attachments.check([attachments.Given(name or lasting("照片"), whole)])


@does("visit.record")
def visit_record(given: Given, on: Context) -> Done:
    """A visit with all that came of it. It is kept also where a correction in it is not: both values then become a question."""
    data = given.data
    corrections = [
        visits.Correction(field=str(c.get("field") or ""), value=str(c.get("value") or ""), person=_one(c.get("person")), seen=_seen(c), note=str(c.get("note") or "")[:200]) for c in _lines(data, "corrections")]
    made = visits.record_visit(
        id=_named(data, "visit"), household=_target(given), by=on.by, at=on.now, how=str(data.get("how") or ""), met=_ids(data.get("met")), topics=[str(t) for t in data.get("topics") or ()],
        checklist={_named({"person": p}, "person"): {str(k): str(v) for k, v in c.items()} for p, c in (data.get("checklist") or {}).items() if isinstance(c, dict)},
        words=str(data.get("words") or ""), note=str(data.get("note") or ""), companions=str(data.get("companions") or ""), visited_at=on.happened, usual=data.get("usual") is True,
        wishes=[visits.Wish(words=str(w.get("words") or ""), kind=str(w.get("kind") or "help"), person=_one(w.get("person")), title=str(w.get("title") or ""), spot=str(w.get("spot") or "")) for w in _lines(data, "wishes")],
        corrections=corrections,
    )
    done = Done(ref={"visit": str(made.visit.pk), **({"matter": str(made.opened[0].matter.pk), "number": "、".join(o.matter.number for o in made.opened)} if made.opened else {})})
    for correction, outcome in zip(corrections, made.outcomes, strict=True):
        name = f"{correction.person}.{correction.field}" if correction.person else correction.field
        done.fields[name] = WORDS_OF_VISITS.get(outcome.kind, outcome.kind)
        if outcome.kind == "conflict":
            _ask_of_visit(made.visit, correction, on)
        if outcome.kind == "refused":
            done.msg = outcome.said
    return done


#: What contact calls an outcome → what a phone is told.
WORDS_OF_VISITS = {"changed": protocol.APPLIED, "proposed": protocol.REVIEW}


def _ask_of_visit(visit: visits.Visit, one: visits.Correction, on: Context) -> None:
    if one.person:
        person = people.get(one.person)
        conflicts.keep(household=None, person=person, grid=people.require(person, on.by), field=one.field, mine=one.value, theirs=people.clear(person, one.field), was=one.seen or "", by=on.by, at=on.now)
    else:
        home = members.household_of(visit.household_id, on.by)
        conflicts.keep(household=home, person=None, grid=home.grid_code, field=one.field, mine=one.value.strip(), theirs=str(getattr(home, one.field)), was=one.seen or "", by=on.by, at=on.now)


@does("visit.usual")
def visit_usual(given: Given, on: Context) -> Done:
    """一切如常: one tap at the door."""
    made = visits.usual(id=_named(given.data, "visit"), household=_target(given), by=on.by, at=on.now, how=str(given.data.get("how") or "door"), met=_ids(given.data.get("met")), visited_at=on.happened)
    return Done(ref={"visit": str(made.visit.pk)})


@does("visit.undo")
def visit_undo(given: Given, on: Context) -> Done:
    visits.undo(visit=_target(given), by=on.by, at=on.now)
    return Done()


@does("helper.check")
def helper_check(given: Given, on: Context) -> Done:
    """A helper looked in: safe, something, not reached."""
    made = doors.helper_check(id=_named(given.data, "check"), door=_target(given), by=on.by, at=on.now, answer=str(given.data.get("answer") or ""), words=str(given.data.get("words") or ""),
                              how=str(given.data.get("how") or "door"), checked_at=on.happened)
    if made.opened is None:
        return Done()
    return Done(ref={"number": made.opened.matter.number, **({} if made.opened.restricted else {"matter": str(made.opened.matter.pk)})})


@does("transfer.mark")
def transfer_mark(given: Given, on: Context) -> Done:
    """Where somebody of a call to move is. By the phone's clock, put right: what happened later stands, and every mark is kept."""
    stands = flood.mark(id=given.id, line=_target(given), state=str(given.data.get("state") or ""), happened=on.happened, shelter=_one(given.data.get("shelter")), words=str(given.data.get("words") or ""), by=on.by, at=on.now)
    return Done(ref={"state": stands})


@does("round.end")
def round_end(given: Given, on: Context) -> Done:
    """What a door of an evening ended in: by the visit or the matter that was taken down there (`by`), or in words of its own where the file is
    another's; `open`: that visit was taken back."""
    data, booking = given.data, _target(given)
    outcome, said = str(data.get("outcome") or ""), str(data.get("words") or "")
    if outcome == "open":
        bookings.reopen_door(booking=booking, by=on.by, at=on.now)
        return Done()
    if data.get("matter_words"):
        done = bookings.settle(booking=booking, result=bookings.Result(outcome, said, str(data.get("kind") or kinds.Kind.HELP.value), str(data["matter_words"])), by=on.by, at=on.now)
        if done.opened is None or done.opened.restricted:
            return Done(ref={"outcome": done.booking.outcome})
        return Done(ref={"outcome": done.booking.outcome, "number": done.opened.matter.number, "word": done.opened.word, "matter": str(done.opened.matter.pk)})
    ref: dict[str, Any] = {}
    source = Operation.objects.filter(pk=_one(data.get("by"))).first() if data.get("by") else None
    if source is not None:
        ref = vault.decrypt_json(vault.ANSWER, source.pk, source.answer).get("ref", {})
    matter = _one(ref.get("matter"))
    ending = bookings.Ending(outcome, said, matter, told="number" in ref and (matter is None or not Matter.objects.filter(pk=matter).exists()))
    return Done(ref={"outcome": bookings.end_door(booking=booking, ending=ending, by=on.by, at=on.now).outcome})


def _lines(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [line for line in data.get(name) or () if isinstance(line, dict)]


def _one(raw: Any) -> uuid.UUID | None:
    return _ids([raw])[0] if raw else None


def _named(data: Mapping[str, Any], name: str) -> uuid.UUID:
    found = _one(data.get(name))
    if found is None:
        raise Refused(_("这一项手机写得不完整，请重新填一次。"))
    return found


def _seen(change: Mapping[str, Any]) -> str | None:
    """What the phone showed; of a telephone it shows stars and four digits, which the archives know by the four."""
    if change.get("seen") is None:
        return None
    text = str(change["seen"])
    return text[-4:] if change.get("field") in people.SECRETS and text.startswith("****") else text


@does("conflict.choose")
def conflict_choose(given: Given, on: Context) -> Done:
    conflicts.choose(conflict=_target(given), choice=str(given.data.get("choice") or ""), by=on.by, at=on.now)
    return Done()


@does("access")
def access_file(given: Given, on: Context) -> Done:
    """A file was opened on the phone, perhaps hours ago and far from any signal."""
    home = Household.objects.filter(pk=_target(given), voided_at=None).first()
    if home is None:  # it left the scope since: that it was opened is remembered all the same
        audit.record("household.phone", detail={"household": str(given.target), "at": on.happened.isoformat(timespec="minutes")})
        return Done()
    persons = list(members.current(home).values_list("person_id", flat=True))
    audit.record("household.phone", households=[home.pk], persons=persons, detail={"at": on.happened.isoformat(timespec="minutes")})
    return Done()


@does("discard")
def discard(given: Given, on: Context) -> Done:
    """One of mine that was refused or still waits is given up; what it said is erased."""
    with transaction.atomic():
        row = Operation.objects.select_for_update(of=("self",)).filter(pk=_target(given)).first()
        if row is None:
            raise Later(_("已收到，等要放弃的那一项到了再办。"))
        if row.state in ("waiting", "later", "refused"):
            sealed_files.discard(sealed_files.named_in([vault.decrypt_json(vault.CONTENT, row.pk, row.content)]), at=on.now)
            row.state, row.content = "discarded", None
            row.save(update_fields=["state", "content"])
    return Done()
