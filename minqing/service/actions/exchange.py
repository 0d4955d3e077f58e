"""Orders of 12345 and 四平台 come in as matters, their answers go back. Nothing is typed twice.

Invariants: an order that was taken in before is recognised by its number and adds a line (催办) instead of a matter; each order
stands or falls alone (a savepoint each), and whatever could not be taken in is reported with the reason; an answer is marked as
given only when the other side has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Area, AreaAlias
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.gateways.orders import Bad, Batch, Order, Reply
from minqing.lib import phones
from minqing.service import vault
from minqing.service.actions import matters
from minqing.service.actions.matters import Said, Who
from minqing.service.models import ForeignOrder
from minqing.service.refusals import Refused
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
            with transaction.atomic():
                _one(order, system, desk, done, by, at)
        except (Refused, NotAllowed) as refusal:
            done.bad.append(Bad(_("工单 %s") % order.number, str(refusal)))
    audit.record("exchange.receive", detail={"kind": system, "n": len(done.new), "rows": len(batch.orders) + len(batch.bad)})
    return done


def _one(order: Order, system: str, desk: str, done: Taken, by: Me, at: datetime) -> None:
    known = ForeignOrder.objects.select_related(None).filter(system=system, number=order.number).first()
    if known is not None:
        _again(order, known, done, at)
        return
    place = place_of(order.place, desks.county_of(desk))
    phone = phones.normalise(order.phone) if order.phone else None
    odd = _("（来单电话：%s）") % order.phone if order.phone and not phone else ""
    said = Said(
        words=order.words + odd, kind=kind_of(order), channel=system if system in kinds.CHANNEL_LABELS else "partner", place=place, spot=order.place, taken_at=desk, confidential=order.confidential,
        urgent=True if order.urgent else None, anonymous=not (order.name or phone), requester=Who(name=order.name, phone=phone or ""),
    )
    opened = matters.open_matter(said, by=by, at=at)
    if opened.restricted:   # the discipline desk has it now; the number stays with us, so that it is not taken in twice
        _remember_restricted(order, system, desk, opened.matter.pk, by, at)
    else:
        ForeignOrder(matter=opened.matter, system=system, number=order.number, desk_code=desk, received_at=order.received_at or at, due_at=order.due_at).save(force_insert=True)
    done.new.append((order.number, opened.matter.number))


def _remember_restricted(order: Order, system: str, desk: str, matter: object, by: Me, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select access.remember_order(%s, %s, %s, %s, %s, %s)", [matter, system, order.number, desk, order.received_at or at, order.due_at])


def _again(order: Order, known: ForeignOrder, done: Taken, at: datetime) -> None:
    """The same number again: the same words are nothing new; other words are a line in the matter's log, and a later deadline is noted."""
    with connection.cursor() as cursor:
        cursor.execute("select access.order_words(%s)", [known.matter_id])
        kept = cursor.fetchone()
    before = vault.decrypt(vault.WORDS, known.matter_id, kept[0]) if kept and kept[0] else ""
    fresh = order.words.strip()
    if not before or before.startswith(fresh) or fresh == before:
        done.same.append(order.number)
        return
    note = vault.encrypt(f"service_move.{vault.NOTE}", known.matter_id, fresh)
    with connection.cursor() as cursor:
        cursor.execute("select access.press_matter(%s, %s, %s)", [known.matter_id, note, ""])
    ForeignOrder.objects.filter(pk=known.pk).update(pressed=known.pressed + 1, due_at=order.due_at or known.due_at)
    done.again.append(order.number)


def kind_of(order: Order) -> str:
    return next((kind.value for word, kind in KINDS.items() if word in order.kind), Kind.HELP_UP.value)


def place_of(text: str, county: str) -> str:
    """The village of the county that the address names, if it names exactly one; the town likewise; else the county itself."""
    areas = [a for a in Area.objects.filter(code__gte=county, code__lt=county + ":", closed_on=None).only("code", "short_name", "stem") if len(a.code) in (9, 12)]
    names: dict[str, list[str]] = {}
    for area in areas:
        names.setdefault(area.code, []).append(area.short_name)
    for code, alias in AreaAlias.objects.filter(area_id__in=names).values_list("area_id", "name"):
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


def answers(by: Me, system: str = "12345") -> list[tuple[object, Reply]]:
    """(row, reply) of every order of a system that has ended here and was not answered to the other side yet."""
    desk = desk_of(by)
    with connection.cursor() as cursor:
        cursor.execute("select * from access.foreign_results(%s)", [desk])
        rows = cursor.fetchall()
    found = []
    for pk, of, number, matter, state, outcome, solved, channel, reject, result, restricted, ended, unit in rows:
        if of != system:
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
        label = dict(kinds.OUTCOMES).get(outcome, _("已办结"))
        found.append((pk, Reply(number, _(label), words, ended, matters.desk_name(unit), _(dict(kinds.SOLVED)[solved]) if solved else "")))
    return found


def reply(*, send: Callable[[Sequence[Reply]], set[str]], system: str = "12345", by: Me, at: datetime) -> int:
    """Hand every waiting answer over; only what the other side has taken is marked. Returns how many."""
    waiting = answers(by, system)
    if not waiting:
        return 0
    taken = send([r for _pk, r in waiting])
    done = [pk for pk, r in waiting if r.number in taken]
    ForeignOrder.objects.filter(pk__in=done).update(replied_at=at)
    audit.record("exchange.reply", detail={"n": len(done)})
    return len(done)


def may_exchange(by: Me) -> bool:
    """Whether he works where orders arrive (for menus)."""
    return by.holds(Right.DISPATCH) and any(p.role == "county_desk" for p in by.posts)
