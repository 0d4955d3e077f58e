"""From the log to the outbox: each line that says something to somebody becomes one message for each who must hear it.

Invariants: the log is the only source (nothing is told that stands in no line of it); a line is told once, marked in the same
transaction as its messages; a merged matter's requester is told in his own name and by his own number; a restricted matter is told
without a word of what it is about; no telephone, no name ever leaves the two tables that encrypt them.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.models import Area
from minqing.access.scope import Me
from minqing.access.words import county
from minqing.notify.actions import messages
from minqing.service import vault
from minqing.service.models import Matter, Move, Party
from minqing.service.rules import desks, numbers, telling


@dataclass(frozen=True)
class Requester:
    """Who asked, as he said it."""

    name: str
    phone: str
    address: str
    person: uuid.UUID | None
    alone: bool


def requester_of(matter: Matter, using: str) -> Requester | None:
    """None where nobody gave a name."""
    row = Party.objects.using(using).filter(matter=matter, role="requester").first()
    if row is None:
        return None
    said = vault.decrypt_json(vault.CONTACT, row.pk, row.contact_cipher, restricted=matter.restricted)
    return Requester(said.get("name", ""), said.get("phone", ""), said.get("address", ""), row.person_id, not row.call_home)


@county
def tell(matter: Matter, me: Me, at: datetime) -> None:
    """Every line of this matter that nobody has been told of yet, in order."""
    lines = list(Move.objects.using("jobs").select_for_update().filter(matter=matter, told_at=None).order_by("id"))
    children: list[tuple[Move, dict[str, str]]] = []
    who = requester_of(matter, "jobs")
    for line in lines:
        wording = telling.TO_REQUESTER.get(line.name)
        if wording and not (wording.only_clock and line.actor != "clock"):
            values = _values(matter, line, who, wording)
            if who is not None:
                _message(matter, line, who, wording, values, me, at)
            if wording.to_children:
                children.append((line, values))
        if not _passed_on(line, lines, matter):
            _colleagues(matter, line, me, at)
        Move.objects.using("jobs").filter(pk=line.pk).update(told_at=at)
    for line, values in children:
        _children(matter, line, values, at)


def _passed_on(line: Move, lines: list[Move], matter: Matter) -> bool:
    """Taken down and sent to the same desk in one go (an errand at the window): one message, with the day, not two."""
    return line.name == "submit" and matter.urgency != "urgent" and any(later.name == "dispatch" and later.id > line.id and later.desk == (line.desk or matter.home_desk) for later in lines)


def _values(matter: Matter, line: Move, who: Requester | None, wording: telling.Wording) -> dict[str, str]:
    restricted = matter.restricted
    answer = line.public_words
    if wording.result and not restricted:
        answer = vault.decrypt(vault.RESULT, matter.pk, matter.result_cipher) or answer
    if restricted:
        answer = _("已有结果，请凭编号和口令查询，或等工作人员与您联系")
    due = matter.due_at or matter.accept_due_at or line.at
    return {
        "who": who.name if who and who.name else _("您好"), "what": _("反映的情况") if restricted else matter.title, "no": numbers.spoken(matter.number), "by": _desk_name(matter.home_desk),
        "unit": _desk_name(matter.lead_desk or matter.home_desk), "day": _day(due), "answer": answer[:120], "phone": _phone(matter.home_desk),
    }


def _day(at: datetime) -> str:
    local = timezone.localtime(at)
    return _("%(month)d月%(day)d日") % {"month": local.month, "day": local.day}


def _desk_name(desk: str) -> str:
    area, unit = desks.split(desk)
    place = Area.objects.using("jobs").filter(pk=area).values_list("short_name", flat=True).first() or area
    return place + (_(desks.unit_label(unit)) if desks.unit_label(unit) else _("有关部门") if unit else "")


def _phone(desk: str) -> str:
    """The office telephone of whoever works at the desk, else the hotline."""
    found = [phone for _id, _name, phone in _staff_at(desk) if phone]
    return found[0] if found else telling.HOTLINE


def _staff_at(desk: str) -> list[tuple[uuid.UUID, str, str]]:
    with connections["jobs"].cursor() as cursor:
        cursor.execute("select id, name, work_phone from access.staff_at_desk(%s)", [desk])
        return [(pk, name, phone) for pk, name, phone in cursor.fetchall()]


def _grid(matter: Matter) -> str:
    """The message stands in the matter's own place, inside its home desk's area; of a restricted matter at its desk's area alone, since
    whoever keeps the files of the place sees the messages that stand there."""
    area = desks.split(matter.home_desk)[0]
    if matter.restricted:
        return area
    return matter.place_code if matter.place_code.startswith(area) else area


def _message(matter: Matter, line: Move, who: Requester, wording: telling.Wording, values: dict[str, str], me: Me, at: datetime) -> None:
    if not (who.phone or who.person or who.address):
        return
    messages.tell(
        event=f"move:{line.pk}", grid=_grid(matter), template=wording.template, values={k: values[k] for k in telling.fields_of(wording.template)}, by=me, at=at,
        person=who.person, phone=who.phone, name=who.name, address=who.address, desk=matter.home_desk, alone=who.alone or matter.restricted,
    )


@county
def remind_party(matter: Matter, party: Party, *, event: str, what: str, due: date, me: Me, at: datetime) -> None:
    """Tell one party of a matter that something of his falls due; without a word of what it is about."""
    said = vault.decrypt_json(vault.CONTACT, party.pk, party.contact_cipher, restricted=matter.restricted)
    if not (said.get("phone") or party.person_id or said.get("address")):
        return
    messages.tell(
        event=event, grid=_grid(matter), template="reminder.due", by=me, at=at, person=party.person_id, phone=said.get("phone", ""), name=said.get("name", ""), address=said.get("address", ""),
        values={"who": said.get("name") or _("您好"), "what": what, "day": _("%(month)d月%(day)d日") % {"month": due.month, "day": due.day}, "phone": _phone(matter.home_desk)},
        desk=matter.home_desk, alone=not party.call_home or matter.restricted,
    )


def _colleagues(matter: Matter, line: Move, me: Me, at: datetime) -> None:
    """Whoever must do something now: the desk it came to, the handler whose time runs out, everybody on duty when it is urgent."""
    template = telling.to_staff(line.name, urgent=matter.urgency == "urgent")
    desk = line.desk or (matter.home_desk if line.name == "submit" else "")
    if not template or not desk:
        return
    due = matter.due_at or matter.accept_due_at or at
    values = {"no": numbers.spoken(matter.number), "day": _day(due)}
    for staff, name, phone in _staff_at(desk):
        if matter.handler and line.name == "remind" and staff != matter.handler:
            continue
        if staff == line.staff and template == "work.assigned":   # she did it herself, a minute ago
            continue
        messages.tell(event=f"move:{line.pk}", grid=_grid(matter), template=template, values={k: values[k] for k in telling.fields_of(template)}, by=me, at=at,
                      staff=staff, name=name, phone=phone, desk=matter.home_desk, urgent=template == "work.urgent")


def _children(parent: Matter, line: Move, values: dict[str, str], at: datetime) -> None:
    """The same answer for everybody whose matter was merged into this one, each at his own matter."""
    with connections["jobs"].cursor() as cursor:
        cursor.execute("select access.merged_into(%s)", [parent.pk])
        found = [row[0] for row in cursor.fetchall()]
    wording = telling.TO_REQUESTER[line.name]
    transaction.on_commit(lambda: [_child(child, line, wording, values, at) for child in found], using="jobs")


def _child(child: uuid.UUID, line: Move, wording: telling.Wording, values: dict[str, str], at: datetime) -> None:
    with transaction.atomic(using="jobs"):
        me = scope.enter_matter(child)
        matter = Matter.objects.using("jobs").get(pk=child)
        who = requester_of(matter, "jobs")
        if who is not None:
            own = {**values, "who": who.name or _("您好"), "what": matter.title, "no": numbers.spoken(matter.number)}
            _message(matter, line, who, wording, own, me, at)
