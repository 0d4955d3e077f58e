"""Papers, money and the form of an errand: what changed hands, against which receipt, and what the file hands over.

Invariants: a receipt's number is given once; a line of money is written once, signed by a second person who is not the first, and
taken back only by a reversal; of the file come exactly the fields that the item names (access.fields_for_errand), each with its
source; a scan of a paper (level 4) is opened with a reason, audited, and shown under the name of who looks.
"""

from __future__ import annotations

import io
import json
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.access.words import county, lasting
from minqing.archives import vault as archive_vault
from minqing.archives.rules import items as archive_items
from minqing.archives.rules import purposes
from minqing.lib import ciphers
from minqing.service import vault
from minqing.service.actions import enclosures, errands, moving
from minqing.service.models import Attachment, Errand, Matter, MoneyLine, Paper
from minqing.service.refusals import Missing, NeedsReason, NotHere, NotYours, Refused
from minqing.service.rules import catalogue, ledger, numbers
from minqing.service.rules.states import Role

FROM = "service_paper.from_cipher"
MOST_PAGES = 99


# --- papers ---------------------------------------------------------------------------------------------------------------------


def _next(model: type[Paper] | type[MoneyLine], matter: uuid.UUID, using: str = "default") -> int:
    last = model._default_manager.using(using).filter(matter=matter).order_by("-number").values_list("number", flat=True).first()
    return int(last or 0) + 1


@transaction.atomic
def receive(*, matter: Matter | uuid.UUID, what: str, form: str, pages: int, giver: str, scan: bytes | None = None, by: Me, at: datetime) -> Paper:
    """A paper comes in; the receipt with its number is for the person."""
    errand = errands.mine(matter, by)
    name = moving.need(what, "what", _("请写是什么材料。"))
    if form not in dict(Paper.FORMS):
        raise Missing("form", _("请选择原件还是复印件。"))
    if not 1 <= pages <= MOST_PAGES:
        raise Missing("pages", _("份数请写 1 到 %d。") % MOST_PAGES)
    who = moving.need(giver, "giver", _("请写谁交来的。"), 1)
    made = Paper(matter=errand.matter, number=_next(Paper, errand.matter_id, by.using), what=name[:60], form=form, pages=pages, received_at=at, received_by=by.signs)
    made.from_cipher = vault.encrypt(FROM, made.pk, who)
    if scan:
        made.attachment = keep_scan(errand, name, scan, by=by, at=at)
    made.save(using=by.using, force_insert=True)
    moving.remember(errand.matter, "errand.paper", by=by, at=at, detail={"number": made.number}, public=lasting("收到材料，收据 %d 号") % made.number)
    return made


@transaction.atomic
def give_back(*, paper: uuid.UUID, to: str, by: Me, at: datetime) -> Paper:
    """An original goes back to the person, or stays with the department and that is said."""
    row = Paper.objects.filter(pk=paper).select_related("matter").first()
    if row is None:
        raise NotHere(_("没有这份材料，或不在您这里办理。"))
    errands.mine(row.matter_id, by)
    if row.returned_at is not None:
        raise Refused(_("收据 %d 号已经退还过了。") % row.number)
    if to not in dict(Paper.BACK):
        raise Missing("to", _("请选择退给谁。"))
    row.returned_at, row.returned_to, row.returned_by = at, to, by.id
    row.save(update_fields=["returned_at", "returned_to", "returned_by"])
    moving.remember(row.matter, "errand.returned", by=by, at=at, detail={"number": row.number, "to": to})
    return row


def giver_of(paper: Paper) -> str:
    return vault.decrypt(FROM, paper.pk, paper.from_cipher)


def keep_scan(errand: Errand, name: str, content: bytes, *, by: Me, at: datetime) -> Attachment:
    """A photo of a paper: drawn anew, encrypted, bound to its id."""
    file = enclosures.check("photo", f"{name}.jpg", content)
    row = Attachment(matter=errand.matter, kind="paper", media=file.media, size=len(file.content), sm3=ciphers.sm3(file.content), made_by=by.signs, made_at=at)
    row.name_cipher = vault.encrypt("service_attachment.name_cipher", row.pk, name[:80])
    target = enclosures.path_of(row.pk)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(archive_vault.ring().cipher(sensitive=True).encrypt(file.content, ciphers.context("service_attachment.file", row.pk)))
    row.save(using=by.using, force_insert=True)
    return row


@transaction.atomic
def look_at_scan(*, paper: uuid.UUID, reason: str, by: Me, at: datetime) -> bytes:
    """The scan of a paper, under the name of who looks and when. Raises NeedsReason, NotHere."""
    row = Paper.objects.filter(pk=paper, attachment__isnull=False).select_related("attachment").first()
    if row is None or row.attachment is None:
        raise NotHere(_("没有这份材料的扫描件，或不在您这里办理。"))
    errand = errands.of(row.matter_id, by)
    if not errands.runs(errand, by):
        raise NotYours(_("先点“我来办”，再看材料。"))
    if not purposes.is_reason(reason):
        raise NeedsReason(_("证件复印件是敏感个人信息，请写明为什么要看（不少于四个字）。"))
    audit.record("errand.paper", persons=[errand.person_id] if errand.person_id else [], reason=reason, detail={"matter": str(row.matter_id), "paper": row.number})
    return watermarked(enclosures.read(row.attachment), f"{by.number} {timezone.localtime(at):%Y-%m-%d %H:%M} {errand.matter.number}")


def watermarked(content: bytes, words: str) -> bytes:
    """The picture with the looker's number, the minute and the matter's number across it, so that a photo of it says whose it was."""
    with Image.open(io.BytesIO(content)) as picture:
        base = picture.convert("RGBA")
    layer = Image.new("RGBA", base.size, (0, 0, 0, 0))
    draw, font = ImageDraw.Draw(layer), ImageFont.load_default(size=max(14, base.width // 28))
    step = max(60, base.height // 6)
    for row, y in enumerate(range(step // 2, base.height, step)):
        for x in range(-(row % 2) * base.width // 4, base.width, max(1, base.width // 2)):
            draw.text((x, y), words, font=font, fill=(150, 30, 20, 120))
    out = io.BytesIO()
    Image.alpha_composite(base, layer).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


# --- money ------------------------------------------------------------------------------------------------------------------------


def lines_of(matter: Matter | uuid.UUID) -> list[MoneyLine]:
    return list(MoneyLine.objects.filter(matter=matter.pk if isinstance(matter, Matter) else matter).order_by("number"))


def owed(lines: list[MoneyLine]) -> Decimal:
    """What the person owes the agent, negative: what is still his."""
    return ledger.balance(ledger.Line(line.kind, line.amount, line.reverses_id is not None) for line in lines)


@transaction.atomic
def pay(*, matter: Matter | uuid.UUID, kind: str, amount: str, what: str, by: Me, at: datetime) -> MoneyLine:
    """One line, first signature: paid for the person, taken from him, given back to him."""
    errand = errands.mine(matter, by)
    if kind not in ledger.SIGNS:
        raise Missing("kind", _("请选择是代付、收本人的钱，还是退给本人。"))
    value = ledger.read(amount)
    if value is None:
        raise Missing("amount", _("金额“%s”不对：请写大于零的元数，最多两位小数，如 12.50。") % amount.strip()[:20])
    words = moving.need(what, "what", _("请写是什么钱，如“工本费”。"))
    made = MoneyLine(matter=errand.matter, number=_next(MoneyLine, errand.matter_id), kind=kind, amount=value, what=words[:60], at=at, made_by=by.id)
    made.save(force_insert=True)
    moving.remember(errand.matter, "errand.money", by=by, at=at, detail={"number": made.number, "kind": kind, "amount": str(value)})
    return made


def _line(line: uuid.UUID, by: Me) -> tuple[MoneyLine, Errand]:
    row = MoneyLine.objects.filter(pk=line).select_related("matter").first()
    if row is None:
        raise NotHere(_("没有这一笔，或不在您这里办理。"))
    return row, errands.of(row.matter_id, by)


@transaction.atomic
def countersign(*, line: uuid.UUID, by: Me, at: datetime) -> MoneyLine:
    """The second signature: somebody else, who has counted too."""
    row, errand = _line(line, by)
    if row.made_by == by.id:
        raise NotYours(_("经手人不能自己做第二人签字，请另一位同事签。"))
    if row.second is not None:
        raise Refused(_("第 %d 笔已经签过了。") % row.number)
    if not (moving.sits(errand.matter_id, [Role.HOME, Role.LEAD], Right.MATTERS, by) or errands.runs(errand, by)):
        raise NotYours(_("请受理这件事的村或窗口的同事来签。"))
    if MoneyLine.objects.filter(pk=row.pk, second=None).update(second=by.id, second_at=at) != 1:
        raise Refused(_("第 %d 笔已经签过了。") % row.number)
    row.second, row.second_at = by.id, at
    moving.remember(errand.matter, "errand.signed", by=by, at=at, detail={"number": row.number})
    return row


@transaction.atomic
def reverse(*, line: uuid.UUID, why: str, by: Me, at: datetime) -> MoneyLine:
    """A wrong line is taken back by a line of its own, which two people sign as well."""
    row, _errand = _line(line, by)
    errand = errands.mine(row.matter_id, by)
    if row.reverses_id is not None:
        raise Refused(_("冲销本身不能再冲销，请重新记一笔。"))
    if MoneyLine.objects.filter(reverses=row).exists():
        raise Refused(_("第 %d 笔已经冲销过了。") % row.number)
    words = moving.need(why, "why", _("请写明哪里记错了。"))
    made = MoneyLine(matter=errand.matter, number=_next(MoneyLine, errand.matter_id), kind=row.kind, amount=row.amount, what=words[:60], at=at, made_by=by.id, reverses=row)
    made.save(force_insert=True)
    moving.remember(errand.matter, "errand.money", by=by, at=at, detail={"number": made.number, "reverses": row.number})
    return made


# --- the form ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FormLine:
    """One line of the form: what it says, from whom and of when; `asked` = the person says it."""

    label: str
    field: str
    value: str
    source: str = ""
    on: str = ""
    asked: bool = False
    sensitive: bool = False

    @property
    def missing(self) -> bool:
        return not self.value


def _said(said: Any) -> tuple[str, str]:
    content = json.loads(said) if isinstance(said, str) else said or {}
    return (archive_items.source_label(content["from"]) if content.get("from") else "", content.get("on") or "")


def _opened(errand: Errand, field: str, value: Any, envelope: Any, row: uuid.UUID) -> str:
    """A value as a form writes it: ciphers opened here, codes by their label."""
    if envelope is not None and catalogue.is_sensitive(field):
        table, _code, key = field.split(".")
        found = archive_vault.decrypt_json(f"archives_{table}.payload", row, envelope).get(key)
        return _("是") if found is True else _("否") if found is False else str(found or "")
    if envelope is not None:
        return archive_vault.decrypt(catalogue.CIPHERS[field], row, envelope)
    column = field.split(".")[1]
    for item in (*archive_items.RESIDENT, *archive_items.HOUSEHOLD, *archive_items.DWELLING):
        if item.field == column and value not in (None, ""):
            return item.shown(value)
    return "" if value is None else str(value)


def from_file(errand: Errand, fields: list[str], by: Me) -> dict[str, tuple[str, str, str]]:
    """Field → (value, source, day) of exactly the fields named; audited by the database. {} for a person without a file."""
    if errand.person_id is None or not fields:
        return {}
    try:
        with transaction.atomic(), connections[by.using].cursor() as cursor:
            cursor.execute("select field, value, envelope, row_id, said from access.fields_for_errand(%s, %s)", [errand.matter_id, fields])
            rows = cursor.fetchall()
    except DatabaseError as error:
        raise NotYours(_("这件代办不在您手里办，或已经办完，档案不再打开。")) from error
    return _read(errand, rows)


def _shown(errand: Errand, fields: list[str], by: Me) -> dict[str, tuple[str, str, str]]:
    """As from_file for a page: one statement, and {} where the file may not be opened."""
    if errand.person_id is None or not fields:
        return {}
    with connections[by.using].cursor() as cursor:
        cursor.execute("select field, value, envelope, row_id, said from access.fields_shown_for_errand(%s, %s)", [errand.matter_id, fields])
        return _read(errand, cursor.fetchall())


def _read(errand: Errand, rows: list[Any]) -> dict[str, tuple[str, str, str]]:
    return {field: (_opened(errand, field, value, envelope, row), *_said(said)) for field, value, envelope, row, said in rows}


def form_of(errand: Errand, by: Me) -> list[FormLine]:
    """The form as it stands: from the file with sources, what was asked, what is still missing."""
    return _lines(errand, from_file(errand, _form_fields(errand), by))


def _form_fields(errand: Errand) -> list[str]:
    return list(dict.fromkeys(f["field"] for f in errand.item.fields if f.get("field")))


def _lines(errand: Errand, known: dict[str, tuple[str, str, str]]) -> list[FormLine]:
    answers = answers_of(errand)
    found = []
    for line in errand.item.fields:
        field, label = line.get("field", ""), line["label"]
        value, source, on = known.get(field, ("", "", "")) if field else ("", "", "")
        said = answers.get(label, "")
        if said and not value:
            found.append(FormLine(label, field, said, _("本人说"), answers.get("_on", ""), asked=True, sensitive=catalogue.is_sensitive(field)))
        else:
            found.append(FormLine(label, field, value, source, on, asked=not value, sensitive=catalogue.is_sensitive(field)))
    return found


def answers_of(errand: Errand) -> dict[str, str]:
    return {k: str(v) for k, v in vault.decrypt_json(errands.ANSWERS, errand.pk, errand.answers_cipher).items()}


@transaction.atomic
def answer(*, matter: Matter | uuid.UUID, said: dict[str, str], confirmed: bool, by: Me, at: datetime) -> Errand:
    """What the person said to the questions of the form; `confirmed`: it was read back and he agreed. Only what the form asks is kept."""
    errand = errands.mine(matter, by)
    asked = {line.label for line in form_of(errand, by) if line.asked}
    kept = {label: text.strip()[:200] for label, text in said.items() if label in asked and text.strip()}
    if confirmed and (gap := sorted(asked - set(kept))):
        raise Refused(_("还没有问到：%s。没有的请写“无”。") % "、".join(gap))
    errand.answers_cipher = vault.encrypt_json(errands.ANSWERS, errand.pk, {**kept, "_on": timezone.localdate(at).isoformat()}) if kept else None
    errand.confirmed_at, errand.confirmed_by = (at, by.id) if confirmed else (None, None)
    errand.version += 1
    errand.save(update_fields=["answers_cipher", "confirmed_at", "confirmed_by", "version"])
    if confirmed:
        moving.remember(errand.matter, "errand.form", by=by, at=at, public=lasting("表格念给您听过，您说没有错"))
    return errand


@county
def spoken(lines: list[FormLine]) -> str:
    """The form as it is read aloud: short sentences, numbers in groups."""
    said = []
    for line in lines:
        value = line.value
        if line.field in ("resident.id_number", "resident.phone", "resident.emergency_phone") and value:
            value = " ".join(value[i:i + 4] for i in range(0, len(value), 4))
        said.append(_("%(label)s：%(value)s。") % {"label": line.label, "value": value}) if value else None
    return "".join(said) + _("您听听有没有错的？")


@dataclass(frozen=True)
class Held:
    """A material of the item, and whether the file already holds what it proves."""

    name: str
    form: str
    copies: int
    held: str = ""
    until: str = ""
    received: bool = False


def asked_for(errand: Errand, papers: Iterable[Paper], by: Me, on: date) -> tuple[list[Held], list[FormLine]]:
    """Materials and form of an errand as they stand: the file is opened once for both."""
    held = list(dict.fromkeys(m["held"] for m in errand.item.materials if m.get("held")))
    known = _shown(errand, list(dict.fromkeys([*held, *_form_fields(errand)])), by)
    return _held(errand, known, {p.what for p in papers}, on), _lines(errand, known)


def _held(errand: Errand, known: dict[str, tuple[str, str, str]], papers: set[str], on: date) -> list[Held]:
    """What the item asks for: what the file holds (from whom, of when, until when it counts), what came in, what is still to be brought."""
    found = []
    for m in errand.item.materials:
        value, source, day = known.get(m.get("held") or "", ("", "", ""))
        held, until = "", ""
        if value:
            held = " ".join(x for x in (source, day) if x) or _("档案")
            if m.get("days") and day:
                last = date.fromisoformat(day) + timedelta(days=int(m["days"]))
                until, held = last.isoformat(), held if last >= on else ""
        found.append(Held(m["name"], catalogue.FORMS.get(m.get("form", ""), ""), int(m.get("copies") or 1), held, until, m["name"] in papers))
    return found


def receipt_number(matter: Matter, paper: Paper) -> str:
    """The number on a receipt: the matter's and the paper's."""
    return f"{numbers.spoken(matter.number)}-{paper.number:02}"
