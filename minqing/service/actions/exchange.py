"""Orders of 12345 and 四平台 come in as matters, their answers go back. Nothing is typed twice.

By a colleague of the reception, or by the worker in nobody's name (actions/exchange_clock.py): then each order is opened in a scope of
its own, which holds that one matter.

Invariants: an order that was taken in before is recognised by its number and adds a line (催办) instead of a matter; each order
stands or falls alone (a savepoint each), and whatever could not be taken in is reported with the reason; an answer is marked as
given only when the other side has it; an answer that came back waits for a person, it is never sent again by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, connections, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from minqing.access import scope
from minqing.access.actions import audit
from minqing.access.models import Area, AreaAlias
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed, Step
from minqing.access.words import county, lasting
from minqing.gateways.orders import Bad, Batch, Handed, Order, Reply, bad_of, row_of
from minqing.lib import phones
from minqing.service import vault
from minqing.service.actions import matters, moving
from minqing.service.actions.matters import Said, Who
from minqing.service.models import ForeignOrder
from minqing.service.refusals import Missing, Refused, here
from minqing.service.rules import desks, kinds
from minqing.service.rules.kinds import Kind

#: How other systems call our kinds.
KINDS = {"咨询": Kind.QUESTION, "求助": Kind.HELP_UP, "建议": Kind.SUGGESTION, "投诉": Kind.COMPLAINT, "举报": Kind.REPORT, "纠纷": Kind.DISPUTE, "矛盾": Kind.DISPUTE}


@dataclass
class Taken:
    """What became of a batch: numbers by what happened, and what could not be taken in."""

    new: list[tuple[str, str]] = field(default_factory=list)   # (foreign number, our number)
    again: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


def desk_of(by: Me) -> str:
    """The county reception at which orders arrive. Raises Refused for whoever does not work there."""
    if by.desk:
        return by.desk
    for post in by.posts:
        if post.role == "county_desk":
            return desks.of(post.area, desks.RECEPTION)
    raise Refused(_("外部工单由县受理中心收取和回复。"))


def take_in(*, batch: Batch, system: str, by: Me, at: datetime) -> Taken:
    """Every order of a batch. Returns what happened to each; raises Refused only where nothing may be taken in at all."""
    if system not in dict(ForeignOrder.SYSTEMS):
        raise Refused(_("没有“%s”这个系统。") % system)
    desk, done = desk_of(by), Taken(bad=list(batch.bad))
    for order in batch.orders:
        try:
            with transaction.atomic(using=by.using):
                _one(order, system, desk, done, by, at)
        except IntegrityError:
            if ForeignOrder.objects.using(by.using).filter(system=system, number=order.number).exists():   # a colleague took the same number in at the same moment
                done.same.append(order.number)
            else:
                done.bad.append(_not_taken(order, "database"))
        except (Refused, NotAllowed) as refusal:
            done.bad.append(_not_taken(order, getattr(refusal, "field", "")))
    audit.record("exchange.receive", detail={"kind": system, "n": len(done.new), "rows": len(batch.orders) + len(batch.bad)}, using=by.using)
    return done


#: What could not be taken in: the column at fault → the sentence that says so.
_WRONG = {"words": ("order.no_words", "words"), "phone": ("order.phone", "phone"), "kind": ("order.kind", "kind"), "place": ("order.place", "place"), "database": ("order.database", "")}


def _not_taken(order: Order, what: str) -> Bad:
    key, column = _WRONG.get(what, ("order.other", ""))
    return bad_of(order.number, key, column, row_of(order), number=order.number)


def _one(order: Order, system: str, desk: str, done: Taken, by: Me, at: datetime) -> None:
    known = ForeignOrder.objects.using(by.using).select_related(None).filter(system=system, number=order.number).first()
    if known is not None:
        _again(order, known, done, by, at)
        return
    place = place_of(order.place, desks.county_of(desk), by.using)
    made = uuid.uuid4()
    by = alone_at(made, by)
    phone = phones.normalise(order.phone) if order.phone else None
    odd = lasting("（来单电话：%s）") % order.phone if order.phone and not phone else ""
    said = Said(
        words=order.words + odd, kind=kind_of(order), channel=system if system in kinds.CHANNEL_LABELS else "partner", place=place, spot=order.place, taken_at=desk, confidential=order.confidential,
        urgent=True if order.urgent else None, anonymous=not (order.name or phone), requester=Who(name=order.name, phone=phone or ""), id=made,
    )
    opened = matters.open_matter(said, by=by, at=at)
    if opened.restricted and by.signs:   # the discipline desk has it now; the number stays with us, so that it is not taken in twice
        _remember_restricted(order, system, desk, opened.matter.pk, by, at)
    else:
        ForeignOrder(matter=opened.matter, system=system, number=order.number, desk_code=desk, received_at=order.received_at or at, due_at=order.due_at).save(using=by.using, force_insert=True)
    done.new.append((order.number, opened.matter.number))


def alone_at(matter: uuid.UUID, by: Me) -> Me:
    """A colleague stays who he is; where nobody acts, a scope that holds the one matter that is about to be opened."""
    return by if by.signs else scope.enter_exchange(by.desk, matter)


def _remember_restricted(order: Order, system: str, desk: str, matter: object, by: Me, at: datetime) -> None:
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.remember_order(%s, %s, %s, %s, %s, %s)", [matter, system, order.number, desk, order.received_at or at, order.due_at])


def _again(order: Order, known: ForeignOrder, done: Taken, by: Me, at: datetime) -> None:
    """The same number again: the same words are nothing new; other words are a line in the matter's log. Another deadline counts in either case."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.order_words(%s)", [known.matter_id])
        kept = cursor.fetchone()
    before = vault.decrypt(vault.WORDS, known.matter_id, kept[0]) if kept and kept[0] else ""
    fresh = order.words.strip()
    due = order.due_at or known.due_at
    said = [before, *added_words(known, by)]
    if not before or any(words.startswith(fresh) for words in said):
        _follow(known, due, by, at)
        done.same.append(order.number)
        return
    note = vault.encrypt(f"service_move.{vault.NOTE}", known.matter_id, fresh)
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.press_matter(%s, %s, %s)", [known.matter_id, note, ""])
    ForeignOrder.objects.using(by.using).filter(pk=known.pk).update(pressed=F("pressed") + 1)
    _follow(known, due, by, at)
    done.again.append(order.number)


def _follow(known: ForeignOrder, due: datetime | None, by: Me, at: datetime) -> None:
    """Another deadline of the other side: the order's, and its matter's where it counts there (sql/deadline_follow.sql)."""
    if due is None or due == known.due_at:
        return
    if due <= at:  # a demand that has passed already is kept and shown, and changes nothing
        ForeignOrder.objects.using(by.using).filter(pk=known.pk).update(due_at=due)
        return
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.follow_deadline(%s, %s, %s)", [known.pk, due, at + (due - at) * kinds.REMIND_SHARE])


def added_words(known: ForeignOrder, by: Me) -> list[str]:
    """What the other side has added so far, wherever the matter lies now: its list of the day holds the amended words again each morning."""
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.pressed_words(%s)", [known.matter_id])
        return [vault.decrypt(f"service_move.{vault.NOTE}", known.matter_id, note) for (note,) in cursor.fetchall()]


def kind_of(order: Order) -> str:
    return next((kind.value for word, kind in KINDS.items() if word in order.kind), Kind.HELP_UP.value)


def place_of(text: str, county: str, using: str = "default") -> str:
    """The village of the county that the address names, if it names exactly one; the town likewise; else the county itself."""
    areas = [a for a in Area.objects.using(using).filter(code__gte=county, code__lt=county + ":", closed_on=None).only("code", "short_name", "stem") if len(a.code) in (9, 12)]
    names: dict[str, list[str]] = {}
    for area in areas:
        names.setdefault(area.code, []).append(area.short_name)
    for code, alias in AreaAlias.objects.using(using).filter(area_id__in=names).values_list("area_id", "name"):
        names[code].append(alias)
    hit = {code: max((len(n) for n in found if len(n) >= 2 and n in text), default=0) for code, found in names.items()}
    towns = [code for code, length in hit.items() if len(code) == 9 and length]
    villages = [code for code, length in hit.items() if len(code) == 12 and length and (not towns or code[:9] in towns)]
    if villages:
        longest = max(hit[code] for code in villages)
        villages = [code for code in villages if hit[code] == longest]
    if len(villages) == 1:
        return villages[0]
    return towns[0] if len(towns) == 1 else county


NOTE_OF_REPLY = "service_foreignorder.note_cipher"


@county
def answers(by: Me, system: str = "12345") -> list[tuple[uuid.UUID, Reply]]:
    """(row, reply) of every order of a system ('' = all) that has ended here and was not answered to the other side yet. In Chinese,
    whatever the colleague who hands it over reads."""
    desk = desk_of(by)
    with connections[by.using].cursor() as cursor:
        cursor.execute("select * from access.foreign_results(%s)", [desk])
        rows = cursor.fetchall()
    found = []
    names: dict[str, str] = {}
    for pk, of, number, matter, state, outcome, solved, channel, reject, result, restricted, ended, unit, note in rows:
        if system and of != system:
            continue
        if restricted:
            words = _("已按规定转有关机关办理，结果由其直接告知本人。")
        elif state == "rejected":
            words = _("不予受理：%(why)s。请找：%(channel)s。") % {"why": _(kinds.REJECTIONS[reject][0]) if reject in kinds.REJECTIONS else "", "channel": channel}
        elif state == "transferred":
            words = _("已转交%s办理。") % channel
        elif state == "withdrawn":
            words = _("本人已撤回。")
        else:
            words = vault.decrypt(vault.RESULT, matter, result) or _("已答复本人。")
        words += vault.decrypt(NOTE_OF_REPLY, pk, note)
        label = dict(kinds.OUTCOMES).get(outcome, _("已办结"))
        names[unit] = names.get(unit) or matters.desk_name(unit, by.using)
        found.append((pk, Reply(number, _(label), words, ended, names[unit], _(dict(kinds.SOLVED)[solved]) if solved else "")))
    return found


def reply(*, send: Callable[[Sequence[Reply]], Handed], system: str = "12345", only: Iterable[uuid.UUID] | None = None, way: str = "http", step: Step, at: datetime) -> Handed:
    """Hand every waiting answer over (or those of `only`); only what the other side has taken is marked, what it sent back waits with its
    reason. Taken up in one transaction, sent outside of any, recorded in the next: after a crash in between it is sent once more, and the
    other side knows the number."""
    with step() as by:
        waiting = _take_up(None if only is None else set(only), system, by, at)
    if not waiting:
        return Handed()
    said = Handed()
    try:
        said = send([r for _pk, r in waiting])
    finally:   # whatever happened over there, a colleague may try again
        with step() as by:
            _record(waiting, said, system, way, by, at)
    return said


#: So long an answer belongs to whoever has taken it up; longer than the other side may keep us waiting.
HOLD = timedelta(minutes=3)


def _take_up(chosen: set[uuid.UUID] | None, system: str, by: Me, at: datetime) -> list[tuple[uuid.UUID, Reply]]:
    """The answers that wait and that nobody else is handing over at this moment."""
    found = [(pk, r) for pk, r in answers(by, system) if chosen is None or pk in chosen]
    rows = ForeignOrder.objects.using(by.using).filter(pk__in=[pk for pk, _r in found], replied_at=None)
    rows = rows.filter(Q(handing_at=None) | Q(handing_at__lt=at - HOLD) | Q(handing_at__gt=at))
    mine = set(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    ForeignOrder.objects.using(by.using).filter(pk__in=mine).update(handing_at=at)
    return [(pk, r) for pk, r in found if pk in mine]


def _record(waiting: Sequence[tuple[uuid.UUID, Reply]], said: Handed, system: str, way: str, by: Me, at: datetime) -> None:
    rows = ForeignOrder.objects.using(by.using).filter(replied_at=None)
    rows.filter(pk__in=[pk for pk, r in waiting if r.number in said.taken]).update(replied_at=at, handed_by=way)
    for pk, r in waiting:
        if r.number in said.refused:
            rows.filter(pk=pk).update(refused_at=at, refused_why=said.refused[r.number][:200])
    ForeignOrder.objects.using(by.using).filter(pk__in=[pk for pk, _r in waiting]).update(handing_at=None)
    if said.taken or said.refused:
        audit.record("exchange.reply", detail={"n": len(said.taken), "kind": system}, using=by.using)


def order_of(order: uuid.UUID, by: Me) -> ForeignOrder:
    """An order of his reception. Raises NotHere."""
    return here(ForeignOrder.objects.select_related(None).filter(pk=order, desk_code=desk_of(by)).first(), _("没有这张工单，或不在您这里收单。"))


@transaction.atomic
def send_again(*, order: uuid.UUID, words: str, by: Me, at: datetime) -> ForeignOrder:
    """An answer that came back, or was lost over there, waits to be handed over once more; `words` are added to it."""
    row = order_of(order, by)
    if row.refused_at is None and row.replied_at is None:
        raise Refused(_("这张工单的答复还没有交过，办结后会在“待交”里。"))
    added = words.strip()[:500]
    if row.refused_at is not None and not added and row.note_cipher is None:
        raise Missing("words", _("对方退回过：请照退回的原因补充一句，再交。"))
    row.replied_at, row.refused_at, row.refused_why, row.handed_by = None, None, "", ""
    if added:
        row.note_cipher = vault.encrypt(NOTE_OF_REPLY, row.pk, lasting("（补充：%s）") % added)
    row.save(update_fields=["replied_at", "refused_at", "refused_why", "handed_by", "note_cipher"])
    audit.record("exchange.again", detail={"kind": row.system})
    return row


@transaction.atomic
def came_back(*, order: uuid.UUID, why: str, by: Me, at: datetime) -> ForeignOrder:
    """The other side sent an answer back by telephone or on paper."""
    row = order_of(order, by)
    if row.replied_at is None:
        raise Refused(_("这张工单的答复还没有交给对方。"))
    row.refused_at, row.refused_why, row.replied_at, row.handed_by = at, moving.need(why, "why", _("请写对方退回的原因。"))[:200], None, ""
    row.save(update_fields=["refused_at", "refused_why", "replied_at", "handed_by"])
    audit.record("exchange.came_back", detail={"kind": row.system})
    return row


def may_exchange(by: Me) -> bool:
    """Whether he works where orders arrive (for menus)."""
    return bool(by.desk) or by.holds(Right.DISPATCH) and any(p.role == "county_desk" for p in by.posts)
