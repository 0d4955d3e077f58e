"""An errand goes to another county and one of theirs comes here: packed with consent, sent, answered, lost, refused, done.

Invariants: nothing is packed before the person's consent is written down, and of his file and papers only what both our item and
theirs name; a parcel is packed in one transaction, sent outside of any and recorded in the next, under an id that the other side knows
again: a crash between sending and recording makes nothing twice, and no lock is held while the other side is slow; what comes is
verified before it is opened, and what is refused is logged with its sentence; the same parcel again is answered, not opened again.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connections, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me, NotAllowed, Step
from minqing.access.words import county, lasting
from minqing.archives import vault as archive_vault
from minqing.gateways import parcels as gateway
from minqing.gateways.parcels import HANDOVER, STATUS, Letter, Refusal
from minqing.lib import phones
from minqing.service import vault
from minqing.service.actions import enclosures, errands, exchange, handling, materials, matters, moving, parcel_plan
from minqing.service.actions.errands import Wish
from minqing.service.models import (
    Errand,
    ForeignOrder,
    Matter,
    Parcel,
    ParcelRefusal,
    ParcelStep,
    Partner,
    PartnerItem,
)
from minqing.service.queries import catalogue
from minqing.service.queries import errands as reads
from minqing.service.queries.calendar import calendar_for
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import catalogue as catalogue_rules
from minqing.service.rules import kinds, sentences
from minqing.service.rules import parcels as rules
from minqing.service.rules.states import State

CONTENT, WORDS, KIND = "service_parcel.content_cipher", "service_parcelstep.words_cipher", "parcel"
INBOX, MOST_WAITING = "parcel-inbox", 500
DESKS = ("CK", "SL")


@functools.lru_cache(maxsize=1)
def _keys(directory: str) -> gateway.Keys:
    return gateway.load_keys(settings.HOME / "keys")


def keys() -> gateway.Keys:
    """This installation's own keys; made when they are first needed."""
    return _keys(str(settings.HOME))


def own_card() -> gateway.Card:
    return keys().card(settings.COUNTY)


def desk_of(by: Me) -> str:
    """The window or reception at which he works. Raises NotAllowed for others."""
    desk = matters.desk_of(by)
    if desk.partition("/")[2] not in DESKS:
        raise NotAllowed(_("异地通办由窗口和受理中心办理。"))
    return desk


def may_see(by: Me) -> bool:
    return matters.desk_of(by).partition("/")[2] in DESKS


# --- out --------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def pack(*, matter: Matter | uuid.UUID, item: uuid.UUID, papers: Iterable[int], consent_how: str, consented: bool, by: Me, at: datetime, instead_of: uuid.UUID | None = None) -> Parcel:
    """Make the parcel of an errand. Nothing has left yet. Raises Missing, Refused."""
    desk = desk_of(by)
    errand = errands.mine(matter, by)
    target = PartnerItem.objects.select_related("partner").filter(pk=item, item=errand.item.code, partner__ended_at=None).first()
    if target is None:
        raise Missing("item", _("请选交给哪个县办：要先在“对方县”里把事项对上。"))
    if not consented or consent_how not in dict(Parcel.CONSENTS):
        raise Missing("consented" if consent_how else "consent_how", _("先把要交给对方的内容念给本人听，他同意了，记下怎么同意的，才能寄。"))
    if Parcel.objects.filter(matter=errand.matter, direction="out", state__in=rules.OPEN).exists():
        raise Refused(_("这件代办已经交给别的县在办；要换，先在那个包裹里写明不再等它。"))
    made = parcel_plan.plan(errand, target, by)
    if made.missing:
        raise Refused(_("对方要的还没有问齐：%s。请先在表格里问本人，再来寄。") % "、".join(made.missing))
    chosen = set(papers)
    going = [p for p in made.papers if p.number in chosen]
    if len(going) != len(chosen):
        raise Missing("papers", _("有的材料对方没有要，或没有拍照留存，不能寄。"))
    contact = reads.contact_of(errand.matter)
    if not contact.name:
        raise Refused(_("没有本人姓名，对方没法受理：请先在登记里补上。"))
    content = {
        "item": {"code": target.code, "name": target.name}, "person": {"name": contact.name}, "words": vault.decrypt(vault.WORDS, errand.matter_id, errand.matter.words_cipher), "number": errand.matter.number,
        "fields": [{"label": line.label, "field": line.field, "value": line.value} for line in made.lines], "materials": [{"name": p.what, "pages": p.pages} for p in going],
        "consent": {"how": dict(Parcel.CONSENTS)[consent_how], "at": at.isoformat()}, "desk": county(matters.desk_name)(desk),
    }
    files = tuple(enclosures.read(p.attachment) for p in going if p.attachment is not None)
    row = Parcel(matter=errand.matter, partner=target.partner, partner_code=target.partner.code, desk_code=desk, direction="out", state="packed", item_name=target.name, labels=[line.label for line in made.lines],
                 materials=[p.what for p in going], consent_how=consent_how, consent_at=at, made_by=by.id, made_at=at)
    data = gateway.pack(Letter(row.pk, HANDOVER, settings.COUNTY, target.partner.code, at, content, files), keys(), gateway.read_card(target.partner.card))
    row.content_cipher, row.digest, row.size = vault.encrypt_json(CONTENT, row.pk, content), _digest(content, files), len(data)
    if len(data) > gateway.MOST_BYTES or len(files) > gateway.MOST_FILES:
        raise Missing("papers", _("这几份材料加起来太大（最多 %(mb)d MB、%(n)d 份），对方收不下：少带几份，或拍小一点再寄。") % {"mb": gateway.MOST_BYTES // 1024 // 1024, "n": gateway.MOST_FILES})
    _keep_bytes(row.pk, data)
    row.save(force_insert=True)
    if instead_of is not None:
        Parcel.objects.filter(pk=instead_of, matter=errand.matter, state="refused").update(state="dropped", dropped_why=lasting("改好重新寄了"))
    persons = [errand.person_id] if errand.person_id else []
    audit.record("parcel.pack", persons=persons, detail={"parcel": str(row.pk), "to": target.partner.code, "fields": row.labels, "files": len(files)})
    moving.remember(errand.matter, "parcel.packed", by=by, at=at, detail={"to": target.partner.code}, public=lasting("经您同意，要交给%s办") % target.partner.name)
    return row


def _digest(content: dict[str, Any], files: Sequence[bytes]) -> bytes:
    return archive_vault.ring().digester().digest(KIND, _fingerprint(content, files))


def _fingerprint(content: dict[str, Any], files: Sequence[bytes]) -> str:
    said = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return hashlib.sha256(said + b"".join(hashlib.sha256(f).digest() for f in files)).hexdigest()


def _keep_bytes(parcel: uuid.UUID, data: bytes) -> None:
    """The file as it goes out, sealed for the other county: we cannot open it ourselves."""
    target = enclosures.path_of(parcel)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)


def bytes_of(parcel: Parcel) -> bytes:
    return enclosures.path_of(parcel.pk).read_bytes()


def find(parcel: uuid.UUID, by: Me, *, lock: bool = False) -> Parcel:
    """A parcel of a matter that he has. Raises NotHere."""
    desk_of(by)
    rows = Parcel.objects.select_related("matter", "partner")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=parcel).first()
    if found is None:
        raise NotHere(_("没有这个包裹，或不在您这里办理。"))
    return found


def _outgoing(parcel: uuid.UUID, by: Me) -> Parcel:
    row = find(parcel, by, lock=True)
    if row.direction != "out" or row.state not in ("packed", "sent"):
        raise Refused(_("这个包裹是“%s”，不用再送。") % _(dict(rules.STATES)[row.state]))
    return row


@dataclass(frozen=True)
class Sent:
    """How an attempt ended; `sentence` for the page."""

    ok: bool
    sentence: str
    news: Taken | None = None


def send(*, parcel: uuid.UUID, deliver: Callable[[Partner, bytes], bytes | None], step: Step, at: datetime) -> Sent:
    """Hand it over by the interface. Safe to repeat, also after a crash: the other side knows the id again and answers the same."""
    with step() as by:
        row = _outgoing(parcel, by)
        data = bytes_of(row)
    try:
        answer = deliver(row.partner, data)
    except gateway.Unreachable as problem:
        with step() as by:
            find(parcel, by)
            Parcel.objects.filter(pk=parcel).update(attempts=F("attempts") + 1, trouble=str(problem)[:300], trouble_said=problem.said)
        return Sent(False, sentences.say(problem.said))
    with step() as by:
        _went(find(parcel, by, lock=True), by, at)
    if answer is None:
        return Sent(True, _("已送到对方的系统，等它的回执。"))
    with step() as by:
        taken = take(data=answer, way="http", by=by, at=at)
    return Sent(taken.ok, taken.sentence, taken)


@transaction.atomic
def handed(*, parcel: uuid.UUID, by: Me, at: datetime) -> Parcel:
    """It went as a file, by hand or by the government's own post."""
    row = _outgoing(parcel, by)
    _went(row, by, at)
    return row


def _went(row: Parcel, by: Me, at: datetime) -> None:
    """It has left. Where the other side's word came, or somebody gave up waiting, while it was on its way, that stands."""
    first, waits = row.state == "packed", row.state in ("packed", "sent")
    news = {"state": "sent", "receipt_due_at": rules.receipt_due(timezone.localtime(at), row.partner.receipt_hours, calendar_for(row.desk_code).is_working)} if waits else {}
    Parcel.objects.filter(pk=row.pk).update(sent_at=row.sent_at or at, attempts=row.attempts + 1, trouble="", trouble_said={}, **news)
    ParcelStep(parcel=row, matter=row.matter, direction="own", state="sent", staff=by.id, at=at).save(force_insert=True)
    row.state = "sent" if waits else row.state
    audit.record("parcel.send", detail={"parcel": str(row.pk), "to": row.partner_code})
    if first:
        moving.remember(row.matter, "parcel.sent", by=by, at=at, public=lasting("已把材料交给%s") % row.partner.name)


@transaction.atomic
def drop(*, parcel: uuid.UUID, why: str, by: Me, at: datetime) -> Parcel:
    """It is not waited for any more: lost, refused, or the person wants it otherwise. The errand is ours again."""
    row = find(parcel, by, lock=True)
    if row.direction != "out" or row.state in ("done", "dropped"):
        raise Refused(_("这个包裹是“%s”，没有什么可等的。") % _(dict(rules.STATES)[row.state]))
    words = moving.need(why, "why", _("请写明为什么不再等对方。"))
    Parcel.objects.filter(pk=row.pk).update(state="dropped", dropped_why=words[:120], settled_at=row.settled_at or at)
    ParcelStep(parcel=row, matter=row.matter, direction="own", state="dropped", staff=by.id, at=at).save(force_insert=True)
    if State(row.matter.state) in errands.RUNNING:
        Errand.objects.filter(matter=row.matter_id).update(submitted_at=None, submitted_to="", department_number="", department_due_at=None)
        moving.remember(row.matter, "parcel.dropped", by=by, at=at, note=words)
    audit.record("parcel.drop", detail={"parcel": str(row.pk), "to": row.partner_code})
    return row


# --- in ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What became of a file: `ok`, or why not; `kept` = it may be brought again (an item has to be matched first)."""

    ok: bool
    sentence: str
    kind: str = ""
    parcel: uuid.UUID | None = None
    code: str = ""
    again: bool = False
    kept: bool = False


def take(*, data: bytes, way: str, by: Me, at: datetime) -> Taken:
    """Verify a file and take it in: an errand of another county, or its word about one of ours. Never raises for what a file holds."""
    desk = desk_of(by)
    made: gateway.Manifest | None = None
    partner: Partner | None = None
    try:
        made = gateway.look(data)
        partner = Partner.objects.using(by.using).filter(area_code=settings.COUNTY, code=made.sender, ended_at=None).first()
        letter = gateway.unpack(data, keys(), own=settings.COUNTY, sender=gateway.read_card(partner.card) if partner else None, now=at)
    except Refusal as refusal:
        return _refused(refusal, data, way, made, desk, by, at, genuine=refusal.code in ("sealed", "content", "stale"))
    if partner is None:
        raise RuntimeError("a stranger's parcel was opened")
    try:
        with transaction.atomic(using=by.using):
            return _news(letter, partner, by) if letter.kind == STATUS else _handover(letter, partner, by, at)
    except Refusal as refusal:
        return _refused(refusal, data, way, made, desk, by, at, genuine=True)
    except (Refused, NotAllowed) as problem:
        return _refused(Refusal("content", "own", sentence=str(problem)), data, way, made, desk, by, at, genuine=True)


def _refused(refusal: Refusal, data: bytes, way: str, made: gateway.Manifest | None, desk: str, by: Me, at: datetime, *, genuine: bool) -> Taken:
    digest = hashlib.sha256(data).digest()
    # what waits for a match is asked again and again, and logged once
    if refusal.code != "item" or not ParcelRefusal.objects.using(by.using).filter(digest=digest, code="item").exists():
        ParcelRefusal(desk_code=desk, at=at, by=by.signs, way=way, code=refusal.code[:12], sentence=str(refusal)[:300], said=refusal.said, claimed_from=made.sender if made else "", claimed_id=made.id if made else None, genuine=genuine, digest=digest).save(using=by.using, force_insert=True)
        audit.record("parcel.refuse", detail={"kind": refusal.code, "from": made.sender if made else ""}, using=by.using)
    return Taken(False, sentences.say(refusal.said), code=refusal.code, kept=refusal.code == "item")


def _news(letter: Letter, partner: Partner, by: Me) -> Taken:
    """What they say about an errand of ours: through the one function that knows what may follow what."""
    state, words, number = (rules.said(letter.content, key, most) for key, most in (("state", 12), ("words", 500), ("number", 40)))
    if state not in gateway.STATES or letter.about is None:
        raise Refusal("content", "news_unclear", state=state[:12])
    if state in ("refused", "done") and not words:
        raise Refusal("content", "news_silent")
    told = lasting(rules.TOLD[state]) % {"where": partner.name}
    with connections[by.using].cursor() as cursor:
        cursor.execute("select access.parcel_news(%s, %s, %s, %s, %s, %s, %s)", [letter.about, partner.code, letter.id, state, vault.encrypt(WORDS, letter.id, words), number, told])
        said = cursor.fetchone()[0]
    if said == "absent":
        raise Refusal("absent", "absent", where=partner.name)
    label = _(dict(rules.STATES)[state])
    if said == "known":
        return Taken(True, _("这条消息以前收过，没有再记。"), STATUS, letter.about, again=True)
    if said == "noted":
        return Taken(True, _("%(where)s：%(label)s。比现在的状态早，只记下来。") % {"where": partner.name, "label": label}, STATUS, letter.about)
    return Taken(True, _("%(where)s：%(label)s%(number)s。") % {"where": partner.name, "label": label, "number": _("，编号 %s") % number if number else ""}, STATUS, letter.about)


def _handover(letter: Letter, partner: Partner, by: Me, at: datetime) -> Taken:
    """An errand of theirs: opened here under a number of ours; the receipt waits to be handed over."""
    try:
        desk = exchange.desk_of(by)
    except Refused as problem:
        raise Refusal("desk", "desk") from problem
    content = letter.content
    fingerprint = _fingerprint(content, letter.files)
    known = Parcel.objects.using(by.using).filter(pk=letter.id).first()
    if known is not None:
        if known.direction != "in" or known.partner_code != partner.code or bytes(known.digest) not in archive_vault.ring().digests(KIND, fingerprint).values():
            raise Refusal("replay", "replay")
        ParcelStep.objects.using(by.using).filter(parcel=known, direction="out", state="received").update(handed_at=None)
        return Taken(True, _("这个包裹以前收过，没有再立一件；回执再给一次。"), HANDOVER, known.pk, again=True)
    item, number, consent = content.get("item"), rules.said(content, "number", 30), content.get("consent")
    person = content.get("person")
    name = rules.said(person, "name", 50) if isinstance(person, dict) else ""
    if not isinstance(item, dict) or not name or not number:
        raise Refusal("content", "content_lacks")
    if not isinstance(consent, dict) or not rules.said(consent, "how", 60):
        raise Refusal("consent", "consent")
    fields = _fields(content)
    ours = _our_item(item, partner, by)
    address = next((f["value"] for key in ("resident.registered_address", "resident.living_address", "household.address") for f in fields if f["field"] == key and f["value"]), "")
    place = exchange.place_of(address, desk[:6], by.using) if address else desk[:6]
    made = uuid.uuid4()
    by = exchange.alone_at(made, by)
    phone = next((f["value"] for f in fields if f["field"] == "resident.phone"), "")
    wish = Wish(item=county(errands.item_for)(ours, place, by, at), place=place, words=rules.said(content, "words", 1000), channel=kinds.Channel.PARTNER.value, name=name, phone=phones.normalise(phone) or "", matter=made)
    opened = county(errands.open_errand)(wish=wish, by=by, at=at)   # why not is kept with the refusal
    row = Parcel(id=letter.id, matter=opened.matter, partner=partner, partner_code=partner.code, desk_code=desk, direction="in", state="received", item_name=rules.said(item, "name", 60) or wish.item.name, their_number=number,
                 labels=[f["label"] for f in fields], materials=[n for n, _p in _papers(content, letter)], content_cipher=vault.encrypt_json(CONTENT, letter.id, content), digest=_digest(content, letter.files),
                 size=sum(map(len, letter.files)), consent_how="", made_by=by.signs, made_at=at, received_at=at)
    try:
        row.save(using=by.using, force_insert=True)
        ForeignOrder(matter=opened.matter, system="partner", number=rules.number_of(partner.code, number), desk_code=desk, received_at=at).save(using=by.using, force_insert=True)
    except IntegrityError as error:   # taken in by a colleague at the same moment, or their number stands for another parcel
        raise Refusal("replay", "replay_number") from error
    _fill(opened.matter, fields, letter, partner, by, at)
    ParcelStep(id=uuid.uuid5(letter.id, "received"), parcel=row, matter=opened.matter, direction="out", state="received", staff=by.signs, at=at).save(using=by.using, force_insert=True)
    audit.record("parcel.take", detail={"parcel": str(row.pk), "from": partner.code}, using=by.using)
    return Taken(True, _("已收下%(where)s的“%(item)s”，编号 %(number)s，回执等着交。") % {"where": partner.name, "item": row.item_name, "number": opened.matter.number}, HANDOVER, row.pk)


def _fields(content: dict[str, Any]) -> list[dict[str, str]]:
    given = content.get("fields")
    if not isinstance(given, list) or len(given) > catalogue_rules.MOST_LINES or not all(isinstance(f, dict) for f in given):
        raise Refusal("content", "fields")
    found = [{"label": rules.said(f, "label", 40), "field": rules.said(f, "field", 60), "value": rules.said(f, "value", 200)} for f in given]
    # what they call one of our fields counts only if we know it; else the label may say it
    return [{**f, "field": f["field"] if catalogue_rules.label_of(f["field"]) else rules.field_of(f["label"])["field"]} for f in found if f["label"]]


def _our_item(item: dict[str, Any], partner: Partner, by: Me) -> str:
    """Our item that is meant: by our own code or name, else as a person matched it. Raises Refusal('item')."""
    code, name = rules.said(item, "code", 40), rules.said(item, "name", 60)
    ours = catalogue.items_at(partner.area_code, using=by.using)
    found = next((i.code for i in ours if code and i.code == code), None) or next((i.code for i in ours if name and rules.tidy(i.name) == rules.tidy(name)), None)
    if found is None:
        rows = PartnerItem.objects.using(by.using).filter(partner=partner).exclude(item="")
        found = rows.filter(key__in=[k for k in (code, rules.tidy(name)) if k]).values_list("item", flat=True).first() or rows.filter(name=name).values_list("item", flat=True).first()
    if found is None:
        raise Refusal("item", "item", where=partner.name, item=name or code)
    return str(found)


def _papers(content: dict[str, Any], letter: Letter) -> list[tuple[str, int]]:
    """(name, pages) of each material, one for each file."""
    given = content.get("materials") or []
    if not isinstance(given, list) or len(given) != len(letter.files) or not all(isinstance(m, dict) and rules.said(m, "name", 60) for m in given):
        raise Refusal("content", "materials")
    return [(rules.said(m, "name", 60), m["pages"] if isinstance(m.get("pages"), int) and 1 <= m["pages"] <= materials.MOST_PAGES else 1) for m in given]


@county
def _fill(matter: Matter, fields: list[dict[str, str]], letter: Letter, partner: Partner, by: Me, at: datetime) -> None:
    """Their answers into our form, under our labels where the field is the same; their materials as copies with receipts."""
    errand = errands.of(matter, by, lock=True)
    own = {f["field"]: f["label"] for f in errand.item.fields if f.get("field")}
    labels = {rules.tidy(f["label"]): f["label"] for f in errand.item.fields}
    answers = {}
    for f in fields:
        label = own.get(f["field"]) or labels.get(rules.tidy(f["label"]))
        if label and f["value"]:
            answers[label] = f["value"]
    if answers:
        errand.answers_cipher = vault.encrypt_json(errands.ANSWERS, errand.pk, {**answers, "_on": letter.sent_at.date().isoformat()})
        errand.version += 1
        errand.save(using=by.using, update_fields=["answers_cipher", "version"])
    for (name, pages), scan in zip(_papers(letter.content, letter), letter.files, strict=True):
        materials.receive(matter=matter, what=name, form="copy", pages=pages, giver=partner.name, scan=scan, by=by, at=at)


def content_of(parcel: Parcel) -> dict[str, Any]:
    return vault.decrypt_json(CONTENT, parcel.pk, parcel.content_cipher)


def words_of(step: ParcelStep) -> str:
    return vault.decrypt(WORDS, step.pk, step.words_cipher)


# --- our word to them ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def tell(*, parcel: uuid.UUID, state: str, words: str, by: Me, at: datetime) -> ParcelStep:
    """Accepted, sent back, or done: the other county is told, and the errand here is answered in the same words. Raises Missing."""
    row = find(parcel, by, lock=True)
    if row.direction != "in" or state not in ("accepted", "refused", "done"):
        raise Refused(_("只有外县交来的，才由这里告诉对方办到哪一步。"))
    if not rules.follows(row.state, state):
        raise Refused(_("已经告诉对方“%s”，不能再退回去说。") % _(rules.HERE[row.state]))
    least = {"accepted": 0, "refused": 10, "done": 5}[state]
    text = words.strip()
    if len(text) < least:
        raise Missing("words", _("请写清为什么不能办、该怎么办（至少十个字），对方要告诉本人。") if state == "refused" else _("请写办理结果（至少五个字），对方要告诉本人。"))
    if state != "accepted" and State(row.matter.state) in errands.RUNNING:
        handling.reply(matter=row.matter, words=text, outcome="impossible" if state == "refused" else "solved", by=by, at=at)
    step = ParcelStep(parcel=row, matter=row.matter, direction="out", state=state, staff=by.id, at=at)
    step.words_cipher = vault.encrypt(WORDS, step.pk, text[:500])
    step.save(force_insert=True)
    Parcel.objects.filter(pk=row.pk).update(state=state, settled_at=at if state != "accepted" else None)
    audit.record("parcel.tell", detail={"parcel": str(row.pk), "to": row.partner_code, "kind": state})
    return step


def letter_of(step: ParcelStep) -> bytes:
    """A word of ours as a file. Its id is the step's, so that the same word twice is one."""
    return _letter(step.pk, step.parcel_id, step.parcel.partner, step.state, words_of(step), step.parcel.matter.number, step.at)


def _letter(step: uuid.UUID, parcel: uuid.UUID, to: Partner, state: str, words: str, number: str, at: datetime) -> bytes:
    content = {"state": state, "words": words, "number": number}
    return gateway.pack(Letter(step, STATUS, settings.COUNTY, to.code, at, content, about=parcel), keys(), gateway.read_card(to.card))


def waiting_words(by: Me) -> list[ParcelStep]:
    """Words of ours that the other side has not been handed yet, oldest first."""
    desk_of(by)
    found = ParcelStep.objects.select_related("parcel__matter", "parcel__partner").filter(direction="out", handed_at=None).order_by("at")[:200]
    return sorted(found, key=lambda s: (s.at, rules.RANK[s.state]))   # two words of one minute go in the order in which they follow


def find_step(step: uuid.UUID, by: Me) -> ParcelStep:
    desk_of(by)
    found = ParcelStep.objects.select_related("parcel__matter", "parcel__partner").filter(pk=step, direction="out").first()
    if found is None:
        raise NotHere(_("没有这条消息，或不在您这里办理。"))
    return found


def hand_words(*, deliver: Callable[[Partner, bytes], object], step: Step, at: datetime) -> tuple[int, list[str]]:
    """Hand over every word that waits, to counties with an interface. Returns how many went and why others did not."""
    with step() as by:
        waiting: dict[uuid.UUID, tuple[Partner, list[tuple[uuid.UUID, bytes]]]] = {}
        for word in waiting_words(by):
            to = word.parcel.partner
            if to.url:
                waiting.setdefault(to.pk, (to, []))[1].append((word.pk, letter_of(word)))
    n, troubles = 0, []
    for to, letters in waiting.values():
        went, problems = _hand(to, letters, functools.partial(deliver, to), step, at)
        n += went
        troubles += [_("%(who)s：%(what)s") % {"who": to.name, "what": sentences.say(problem.said)} for problem in problems]
    return n, list(dict.fromkeys(troubles))


def hand_words_to(partner: Partner, *, deliver: Callable[[bytes], object], step: Step, at: datetime) -> tuple[int, gateway.Unreachable | None]:
    """The worker's: the words for one county, and what was wrong last, if anything was."""
    with step() as by, connections[by.using].cursor() as cursor:
        cursor.execute("select step, parcel, state, words, at, number from access.words_to_hand(%s) where partner = %s", [by.desk, partner.pk])
        letters = [(pk, _letter(pk, parcel, partner, state, vault.decrypt(WORDS, pk, said), number, said_at)) for pk, parcel, state, said, said_at, number in sorted(cursor.fetchall(), key=lambda r: (r[4], rules.RANK[r[2]]))]
    n, problems = _hand(partner, letters, deliver, step, at)
    return n, problems[-1] if problems else None


def _hand(to: Partner, letters: Sequence[tuple[uuid.UUID, bytes]], deliver: Callable[[bytes], object], step: Step, at: datetime) -> tuple[int, list[gateway.Unreachable]]:
    """Words to one county, each recorded before the next one goes. Where it does not answer at all it is asked once: nobody waits for each word."""
    n, problems = 0, []
    for pk, data in letters:
        try:
            deliver(data)
        except gateway.Unreachable as problem:
            problems.append(problem)
            if not isinstance(problem, gateway.NotTaken):
                break
            continue
        with step() as by:
            n += ParcelStep.objects.using(by.using).filter(pk=pk, handed_at=None).update(handed_at=at)
    return n, problems


@transaction.atomic
def handed_words(*, step: uuid.UUID, by: Me, at: datetime) -> ParcelStep:
    """It went as a file."""
    row = find_step(step, by)
    ParcelStep.objects.filter(pk=row.pk, handed_at=None).update(handed_at=at)
    return row


# --- the door where parcels arrive ----------------------------------------------------------------------------------------------


class Full(Refused):
    """Too many parcels wait."""


def arrive(*, data: bytes, using: str, at: datetime) -> None:
    """Somebody posts a parcel, without a log-in: kept only if a partner signed it for us. Raises Refusal, Full, Refused."""
    made = gateway.look(data)
    with connections[using].cursor() as cursor:
        cursor.execute("select access.partner_card(%s, %s)", [settings.COUNTY, made.sender])
        card = cursor.fetchone()[0]
    gateway.check(data, own=settings.COUNTY, sender=gateway.read_card(card) if card else None, now=at)
    folder = settings.HOME / INBOX
    folder.mkdir(mode=0o700, exist_ok=True)
    if sum(1 for _f in folder.glob("*.zip")) >= MOST_WAITING:
        raise Full(_("这里等着收的包裹太多，请稍后再送。"))
    target = folder / f"{hashlib.sha256(data).hexdigest()}.zip"
    if target.exists():
        return
    partial = target.with_suffix(f".{uuid.uuid4().hex}.part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    partial.replace(target)


def arrived() -> int:
    """How many wait at the door."""
    return sum(1 for _f in (settings.HOME / INBOX).glob("*.zip"))


def collect(*, fetch: Callable[[Partner], list[bytes]], step: Step, at: datetime) -> tuple[list[Taken], list[str]]:
    """Take in what waits at the door (the reception) and what other counties keep for us. Each stands or falls alone, in a transaction of its
    own; what was taken or refused leaves the door after that transaction has ended well."""
    found: list[Taken] = []
    troubles: list[str] = []
    with step() as by:
        desk_of(by)
        reception = exchange.may_exchange(by)
        partners = list(Partner.objects.filter(area_code=settings.COUNTY, ended_at=None).exclude(url=""))
    for path in at_the_door() if reception else []:
        taken = take_from_door(path, step=step, at=at)
        found += [taken] if taken is not None else []
    for partner in partners:
        try:
            parcels = fetch(partner)
        except gateway.Unreachable as problem:
            troubles.append(_("%(who)s：%(what)s") % {"who": partner.name, "what": sentences.say(problem.said)})
            continue
        found += take_all(parcels, step=step, at=at)
    return found, troubles


def at_the_door() -> list[Path]:
    """What was posted and waits, oldest first."""
    return sorted((settings.HOME / INBOX).glob("*.zip"), key=lambda p: p.stat().st_mtime)[:100]


def take_from_door(path: Path, *, step: Step, at: datetime) -> Taken | None:
    """One file of the door; None where a colleague has just taken it."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    with step() as by:
        taken = take(data=data, way="http", by=by, at=at)
        if not taken.kept:
            transaction.on_commit(functools.partial(path.unlink, missing_ok=True), using=by.using)
    return taken


def take_all(parcels: Iterable[bytes], *, step: Step, at: datetime) -> list[Taken]:
    """What a county's interface showed, one by one: the same file twice in one answer is refused, and logged, once."""
    found = []
    for data in parcels:
        with step() as by:
            if _concerns(data, by):
                found.append(take(data=data, way="http", by=by, at=at))
    return found


def _concerns(data: bytes, by: Me) -> bool:
    """Not what was refused before, byte for byte (an interface shows it again and again, the log once); errands for the reception alone, and
    words about parcels of other windows for those windows. What a window could not take is no refusal for the reception."""
    try:
        made = gateway.look(data)
        if not exchange.may_exchange(by) and (made.kind == HANDOVER or not Parcel.objects.filter(pk=made.about).exists()):
            return False
    except Refusal:
        pass
    return not ParcelRefusal.objects.using(by.using).filter(digest=hashlib.sha256(data).digest()).exclude(code__in=("item", "desk")).exists()
