"""Mediating a dispute: both sides asked, sessions held, an agreement numbered and signed, each promise followed to its end.

Invariants: only whoever leads the matter mediates it, never somebody it concerns (the seat says so); what was agreed is written
once; every step stands in the matter's own log.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.service import vault
from minqing.service.actions import matters, moving
from minqing.service.models import Matter, Mediation, MediationConsent, MediationPromise, MediationSession, Party
from minqing.service.refusals import Missing, NotHere, NotYours, Refused
from minqing.service.rules import kinds, mediation, states
from minqing.service.rules.mediation import State
from minqing.service.rules.states import Role

AGREEMENT, REASON, WHAT, NOTE = "service_mediation.agreement_cipher", "service_mediation.reason_cipher", "service_mediationpromise.what_cipher", "service_mediationpromise.note_cipher"
SIDES = ("requester", "for", "other")


@dataclass(frozen=True)
class Promised:
    """One thing that one party will do by a day."""

    party: uuid.UUID
    what: str
    due_on: date


def get(number: uuid.UUID, by: Me, *, lock: bool = False) -> Mediation:
    rows = Mediation.objects.using(by.using).select_related("matter")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=number).first()
    if found is None:
        raise NotHere(_("没有这次调解，或不在您这里办理。"))
    return found


def _check(row: Mediation, move: str, by: Me) -> None:
    if not moving.sits(row.matter_id, [Role.LEAD], Right.MATTERS, by):
        raise NotYours(_("调解由主办单位来做。"))
    if not mediation.may(row.state, move):
        raise Refused(_("调解现在是“%(state)s”，不能%(move)s。") % {"state": _(mediation.LABELS[State(row.state)]), "move": _(mediation.MOVE_LABELS[move])})


def _log(row: Mediation, name: str, by: Me, at: datetime, note: str = "", public: str = "") -> None:
    moving.remember(row.matter, name, by=by, at=at, note=note, public=public, detail={"mediation": str(row.pk)})


def sides(matter: Matter, by: Me) -> list[Party]:
    """The people between whom it is; a witness and an accused colleague are no side."""
    return sorted(Party.objects.using(by.using).filter(matter=matter, role__in=SIDES), key=lambda p: (SIDES.index(p.role), str(p.pk)))


def names_of(matter: Matter, of: Sequence[Party]) -> dict[uuid.UUID, str]:
    """What each side is called, in clear; the caller's opening is audited."""
    return {p.pk: vault.decrypt_json(vault.CONTACT, p.pk, p.contact_cipher, restricted=matter.restricted).get("name") or p.masked or _(dict(Party.ROLES)[p.role]) for p in of}


def may_work(row: Mediation, by: Me) -> bool:
    """Whether the caller mediates here: he sits at the lead (for buttons; every step asks again)."""
    return row.closed_at is None and moving.sits(row.matter_id, [Role.LEAD], Right.MATTERS, by)


@transaction.atomic
def start(*, matter: Matter, by: Me, at: datetime) -> Mediation:
    """Begin: the matter is a dispute in hand, with at least two sides."""
    row = moving.get(matter, by, lock=True)
    if row.kind != kinds.Kind.DISPUTE:
        raise Refused(_("只有“矛盾纠纷”才调解。请先由受理处把种类改为矛盾纠纷。"))
    if row.state != states.State.PROCESSING:
        raise Refused(_("签收以后、答复以前才能调解。"))
    if not moving.sits(row.pk, [Role.LEAD], Right.MATTERS, by):
        raise NotYours(_("调解由主办单位来做。"))
    if len(sides(row, by)) < 2:
        raise Refused(_("还没有登记对方是谁，请先补上对方。"))
    if Mediation.objects.using(by.using).filter(matter=row, closed_at=None).exists():
        raise Refused(_("这件事已有一次调解在进行。"))
    made = Mediation(matter=row, mediator=by.id, opened_at=at)
    made.save(using=by.using, force_insert=True)
    _log(made, "mediation.start", by, at)
    return made


@transaction.atomic
def consent(*, mediation_id: uuid.UUID, party: uuid.UUID, agrees: bool, how: str, by: Me, at: datetime) -> Mediation:
    """One side says yes or no. When all have said yes it begins; a no ends it, without blame."""
    row = get(mediation_id, by, lock=True)
    _check(row, "consent", by)
    if how not in dict(MediationConsent.HOW):
        raise Missing("how", _("请选择是怎么说的（书面、电话、当面）。"))
    side = next((p for p in sides(row.matter, by) if p.pk == party), None)
    if side is None:
        raise Missing("party", _("请选择是哪一方。"))
    MediationConsent(mediation=row, matter=row.matter, party=side, agrees=agrees, how=how, at=at, by=by.id).save(using=by.using, force_insert=True)
    _log(row, "mediation.consent", by, at)
    if not agrees:
        return _end(row, State.FAILED, lasting("一方不同意调解"), by, at)
    given = {c.party_id for c in MediationConsent.objects.using(by.using).filter(mediation=row, agrees=True)}
    if given >= {p.pk for p in sides(row.matter, by)}:
        row.state = State.MEDIATING
        row.save(using=by.using, update_fields=["state"])
    return row


@transaction.atomic
def hold(*, mediation_id: uuid.UUID, on: datetime, place: str, present: str, words: str, by: Me, at: datetime) -> MediationSession:
    """A session was held: where, who came, what was said."""
    row = get(mediation_id, by, lock=True)
    _check(row, "meet", by)
    if on > at:
        raise Missing("on", _("还没有开的会，开完再记。"))
    note = moving.need(words, "words", _("请记下双方怎么说的。"), 5)
    made = MediationSession(mediation=row, matter=row.matter, at=on, place=moving.need(place, "place", _("请写在哪里开的。"))[:80], present=moving.need(present, "present", _("请写谁到场了。"))[:200], by=by.id)
    made.note_cipher = vault.encrypt(f"service_mediationsession.{vault.NOTE}", made.pk, note, restricted=row.matter.restricted)
    made.save(using=by.using, force_insert=True)
    _log(row, "mediation.session", by, at)
    return made


@transaction.atomic
def agree(*, mediation_id: uuid.UUID, words: str, promises: Sequence[Promised], by: Me, at: datetime) -> Mediation:
    """An agreement: its text, and who does what by when. It gets a number and is printed for signature."""
    row = get(mediation_id, by, lock=True)
    _check(row, "agree", by)
    text = moving.need(words, "words", _("请写下协议内容。"), 10)
    if not MediationSession.objects.using(by.using).filter(mediation=row).exists():
        raise Refused(_("还没有开过调解会，请先记一次。"))
    known, today = {p.pk: p for p in sides(row.matter, by)}, timezone.localdate(at)
    for promise in promises:
        if promise.party not in known:
            raise Missing("party", _("请选择由哪一方做。"))
        if promise.due_on < today:
            raise Missing("due_on", _("履行的日子不能早于今天。"))
    row.agreement_no = f"{row.matter.number}-{Mediation.objects.using(by.using).filter(matter=row.matter).count()}"
    row.agreement_cipher = vault.encrypt(AGREEMENT, row.pk, text, restricted=row.matter.restricted)
    row.state, row.agreed_at = State.AGREED, at
    row.save(using=by.using, update_fields=["agreement_no", "agreement_cipher", "state", "agreed_at"])
    for promise in promises:
        one = MediationPromise(mediation=row, matter=row.matter, party=known[promise.party], due_on=promise.due_on)
        one.what_cipher = vault.encrypt(WHAT, one.pk, moving.need(promise.what, "what", _("请写要做什么。")), restricted=row.matter.restricted)
        one.save(using=by.using, force_insert=True)
    _log(row, "mediation.agree", by, at)
    return row


@transaction.atomic
def sign(*, mediation_id: uuid.UUID, on: date, by: Me, at: datetime) -> Mediation:
    """Both have signed on paper. Without promises it is done with that."""
    row = get(mediation_id, by, lock=True)
    _check(row, "sign", by)
    if on > timezone.localdate(at) or (row.agreed_at and on < timezone.localdate(row.agreed_at)):
        raise Missing("on", _("签字日期应在达成协议之后、今天之前。"))
    row.signed_on, row.state = on, State.SIGNED
    row.save(using=by.using, update_fields=["signed_on", "state"])
    _log(row, "mediation.sign", by, at)
    return _settle(row, by, at)


@transaction.atomic
def perform(*, promise: uuid.UUID, kept: bool, words: str, by: Me, at: datetime) -> Mediation:
    """One promise comes to its end: kept, or not and why."""
    one = MediationPromise.objects.using(by.using).select_for_update(of=("self",)).filter(pk=promise).first()
    if one is None:
        raise NotHere(_("没有这项履行，或不在您这里办理。"))
    row = get(one.mediation_id, by, lock=True)
    _check(row, "keep", by)
    if one.ended_at:
        raise Refused(_("这一项已经了结。"))
    note = words.strip() if kept else moving.need(words, "words", _("没有做到的，请写明情况。"))
    one.ended_at, one.kept, one.by = at, kept, by.id
    one.note_cipher = vault.encrypt(NOTE, one.pk, note, restricted=row.matter.restricted)
    one.save(using=by.using, update_fields=["ended_at", "kept", "by", "note_cipher"])
    _log(row, "mediation.perform", by, at)
    return _settle(row, by, at)


def _settle(row: Mediation, by: Me, at: datetime) -> Mediation:
    """Done when every promise is kept; one that is not kept leaves it open for another session or the 司法所."""
    promises = list(MediationPromise.objects.using(by.using).filter(mediation=row))
    if all(p.kept for p in promises):
        row.state, row.closed_at = State.KEPT, at
        row.save(using=by.using, update_fields=["state", "closed_at"])
        _log(row, "mediation.kept", by, at)
    return row


def fail(*, mediation_id: uuid.UUID, words: str, by: Me, at: datetime) -> Mediation:
    """No agreement, or one that was not kept: with the reason. Both keep every other way open."""
    return _give_up(mediation_id, "fail", State.FAILED, words, by, at)


@transaction.atomic
def hand_to_justice(*, mediation_id: uuid.UUID, words: str, by: Me, at: datetime) -> Mediation:
    """To the 司法所 with its papers: sessions, agreement, promises are printed as one packet (web/desk/mediation)."""
    row = _give_up(mediation_id, "hand_to_justice", State.HANDED, words, by, at)
    moving.remember(row.matter, "handed_to_justice", by=by, at=at, note=words, public=lasting("已移交司法所继续调解"), detail={"to": "justice"})
    return row


@transaction.atomic
def _give_up(number: uuid.UUID, move: str, state: State, words: str, by: Me, at: datetime) -> Mediation:
    row = get(number, by, lock=True)
    _check(row, move, by)
    return _end(row, state, moving.need(words, "words", _("请写明原因。"), 5), by, at)


def _end(row: Mediation, state: State, reason: str, by: Me, at: datetime) -> Mediation:
    row.state, row.closed_at = state, at
    row.reason_cipher = vault.encrypt(REASON, row.pk, reason, restricted=row.matter.restricted)
    row.save(using=by.using, update_fields=["state", "closed_at", "reason_cipher"])
    _log(row, f"mediation.{state.value}", by, at)
    return row


def papers(number: uuid.UUID, by: Me, at: datetime) -> dict[str, object]:
    """Everything of one mediation in clear, for the page and the packet; the caller's opening is audited."""
    row = get(number, by)
    secret = row.matter.restricted
    between = sides(row.matter, by)
    names = names_of(row.matter, between)
    consents = {c.party_id: c for c in row.consents.using(by.using).order_by("at")}
    matters.open_read(row.matter, by=by)
    return {
        "mediation": row, "matter": row.matter, "names": names, "words": vault.decrypt(vault.WORDS, row.matter_id, row.matter.words_cipher, restricted=secret),
        "agreement": vault.decrypt(AGREEMENT, row.pk, row.agreement_cipher, restricted=secret), "reason": vault.decrypt(REASON, row.pk, row.reason_cipher, restricted=secret),
        "sides": [{"party": p, "name": names[p.pk], "role": _(dict(Party.ROLES)[p.role]), "consent": consents.get(p.pk), "agrees": consents[p.pk].agrees if p.pk in consents else None,
                   "how": _(dict(MediationConsent.HOW)[consents[p.pk].how]) if p.pk in consents else ""} for p in between],
        "sessions": [{"session": s, "words": vault.decrypt(f"service_mediationsession.{vault.NOTE}", s.pk, s.note_cipher, restricted=secret)} for s in row.sessions.using(by.using).order_by("at")],
        "promises": [{"promise": p, "who": names.get(p.party_id, ""), "what": vault.decrypt(WHAT, p.pk, p.what_cipher, restricted=secret), "note": vault.decrypt(NOTE, p.pk, p.note_cipher, restricted=secret)}
                     for p in row.promises.using(by.using).order_by("due_on")],
        "at": at,
    }
