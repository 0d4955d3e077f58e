"""30 and 90 days after a complaint about staff: was anybody made to pay for it? The answer, and what follows from a yes.

Invariants: only the discipline desk that holds the matter asks and records; a yes opens a matter of its own, restricted like the first
and tied to it, whose number the person gets; nothing of it stands anywhere inside a shielded area; whoever cannot be reached is tried
again until he was called as often as a call-back demands (rules/kinds.py).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.service import vault
from minqing.service.actions import handling, matters, moving
from minqing.service.actions.matters import Opened, Said, Who
from minqing.service.models import Contact, Matter, Move, Party
from minqing.service.queries import lists
from minqing.service.refusals import Missing, NotYours, Refused
from minqing.service.rules import kinds, numbers, states
from minqing.service.rules.states import Role, State

ASKED, ANSWERED = "ask_retaliation", "retaliation_answer"
#: What the person said. `gone`: nobody to ask, he left no name or no way to reach him.
ANSWERS = [("no", "没有"), ("yes", "有，受到报复或为难"), ("unreached", "没有联系上"), ("gone", "没有留联系方式，问不到")]


def waits(log: list[tuple[str, bool]]) -> bool:
    """Whether the last asking still waits for its answer: `log` is (name of a move, whether it ends the asking) in order."""
    open_now = False
    for name, ends in log:
        if name == ASKED:
            open_now = True
        elif name == ANSWERED and ends:
            open_now = False
    return open_now


def _log(matter: Matter, by: Me) -> list[Move]:
    return list(Move.objects.using(by.using).filter(matter=matter, name__in=[ASKED, ANSWERED]).order_by("id"))


@transaction.atomic
def answer(*, matter: Matter, said: str, how: str = "phone", words: str = "", accused: tuple[uuid.UUID, ...] = (), by: Me, at: datetime, seen: int | None = None) -> Opened | None:
    """Record what the person said. A yes opens a second matter and returns it (number and word are told to him at once).

    `accused`: staff whom he names now; those of the first matter are named again by themselves."""
    row = moving.get(matter, by, lock=True)
    log = _log(row, by)
    if not row.restricted or State(row.state) not in (State.CLOSED, State.ARCHIVED) or not waits([(m.name, bool(m.detail.get("ends"))) for m in log]):
        raise Refused(_("现在没有等着问的：办结 30 天和 90 天后，到时会出现。"))
    if not moving.sits(row.pk, [Role.HOME], Right.DISCIPLINE, by):
        raise NotYours(_("是否受到报复，只由纪检专员来问。"))
    if said not in dict(ANSWERS):
        raise Missing("said", _("请选择本人怎么说的。"))
    if said == "yes":
        moving.need(words, "words", _("请照本人的话写下受到了什么报复（至少五个字）。"), 5)
    if said != "gone" and how not in dict(Contact.HOW):
        raise Missing("how", _("请选择怎么联系的。"))
    if said != "gone":
        handling.contact(matter=row, how=how, reached=said != "unreached", words=words or lasting("没有受到报复"), by=by, at=at, why="retaliation")
    ends = said != "unreached" or _tried_enough(row, log, by, at)
    opened = _open(row, words, accused, by, at) if said == "yes" else None
    moving.remember(row, ANSWERED, by=by, at=at, detail={"said": said, "ends": ends, **({"number": opened.matter.number} if opened else {})})
    return opened


def _tried_enough(row: Matter, log: list[Move], by: Me, at: datetime) -> bool:
    """Called in vain so often, on so many days, since the last asking (this attempt is among them)."""
    since = next(m.at for m in reversed(log) if m.name == ASKED)
    days = [timezone.localdate(c.at) for c in Contact.objects.using(by.using).filter(matter=row, why="retaliation", reached=False, at__gte=since, at__lte=at)]
    return len(days) >= kinds.CALL_ATTEMPTS and len(set(days)) >= kinds.CALL_DAYS


def _open(row: Matter, words: str, accused: tuple[uuid.UUID, ...], by: Me, at: datetime) -> Opened:
    """The second matter: the same person, the same place, whoever was named before and whoever is named now."""
    parties = list(Party.objects.using(by.using).filter(matter=row))
    first = next((p for p in parties if p.role == "requester"), None)
    contact = vault.decrypt_json(vault.CONTACT, first.pk, first.contact_cipher, restricted=True) if first else {}
    who = Who(name=contact.get("name", ""), phone=contact.get("phone", ""), address=contact.get("address", ""), person=first.person_id if first else None, call_home=first.call_home if first else True)
    named = [p.staff for p in parties if p.role == "accused" and p.staff]
    return matters.open_matter(
        Said(words=lasting("反映 %(no)s 之后受到报复：%(words)s") % {"no": numbers.spoken(row.number), "words": words.strip()}, kind=kinds.Kind.REPORT, channel=kinds.Channel.PHONE, place=row.place_code, requester=who,
             anonymous=row.anonymous, confidential=True, accused=tuple(dict.fromkeys([*named, *accused])), about_staff=True, follows=row.pk), by=by, at=at)


@dataclass
class Waiting:
    """A complainant to be asked: about which matter, since when, how often tried."""

    id: uuid.UUID
    number: str
    closed_on: date
    asked_on: date
    days: int
    tried: int

    @property
    def spoken(self) -> str:
        return numbers.spoken(self.number)


def waiting(me: Me, *, at: datetime) -> list[Waiting]:
    """Whom the discipline desk has to ask now, the longest waiting first. One statement; nothing for anybody else."""
    sources = [(f"{where} and s.restricted", params) for where, params in (lists.condition(one) for one in lists.reach(me, Right.DISCIPLINE))]
    if not sources:
        return []
    ended = ", ".join(f"'{s}'" for s in (states.State.CLOSED.value, states.State.ARCHIVED.value))
    desks = " or ".join(f"({where})" for where, _params in sources)
    with connections[me.using].cursor() as cursor:
        cursor.execute(
            f"""select m.id, m.number, m.closed_at, asked.at, (select count(*) from public.service_contact c where c.matter_id = m.id and c.why = 'retaliation' and not c.reached and c.at >= asked.at)::int
                  from public.service_matter m
                  join lateral (select max(v.at) as at, max(v.id) as id from public.service_move v where v.matter_id = m.id and v.name = '{ASKED}') asked on asked.id is not null
                 where m.id in (select s.matter_id from public.service_seat s where s.ends_at is null and s.staff is null and s.role = 'home' and s.state in ({ended}) and ({desks}))
                   and not exists (select from public.service_move v where v.matter_id = m.id and v.name = '{ANSWERED}' and v.id > asked.id and (v.detail ->> 'ends')::boolean)
                 order by asked.at, m.id limit 100""", [p for _where, params in sources for p in params])  # noqa: S608 - words of this file
        rows = cursor.fetchall()
    today = timezone.localdate(at)
    return [Waiting(pk, number, timezone.localdate(closed), timezone.localdate(asked), (today - timezone.localdate(closed)).days, tried) for pk, number, closed, asked, tried in rows]
