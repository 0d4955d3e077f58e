"""Minutes: drafted from what was typed, put right by a person, signed by two, published without names, objected to, answered.

Invariants: what stands signed is what was read; the published text went through the same eyes: whatever looks like a resident, a door or a
number was shown first, and a text in which one is left is not published; every objection is answered before it is over.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.contact import vault
from minqing.contact.actions import meetings
from minqing.contact.models import Meeting, Objection, Publication
from minqing.contact.queries import meetings as reads
from minqing.contact.refusals import Missing, NotHere, NotYours, Refused, saying
from minqing.contact.rules import meetings as rules
from minqing.service.actions import moving

MINUTES, SAID, ANSWER = "contact_meeting.minutes_cipher", "contact_objection.said_cipher", "contact_objection.answer_cipher"
MOST = 20_000


def text_of(meeting: Meeting) -> str:
    return str(vault.decrypt(MINUTES, meeting.pk, meeting.minutes_cipher).get("text", ""))


@transaction.atomic
def write(*, meeting: Meeting | uuid.UUID, text: str, seen: int, by: Me, at: datetime) -> Meeting:
    """The minutes as they shall stand. Whoever signed before signs anew. `seen`: the version that was opened."""
    row = meetings.ready(meeting, by, "held")
    tidy = text.replace("\r\n", "\n").strip()
    if not 10 <= len(tidy) <= MOST:
        raise Missing("text", _("纪要请写 10 到 %d 个字。") % MOST)
    if seen != row.minutes_version:
        raise Refused(_("纪要在您打开之后有人改过。您写的还在下面；请另开一页看过新的再合在一起。"))
    if tidy == text_of(row):
        return row
    row.minutes_cipher, row.minutes_version = vault.encrypt(MINUTES, row.pk, {"text": tidy}), row.minutes_version + 1
    row.chair_signed_at = row.recorder_signed_at = None
    meetings.keep(row, "minutes_cipher", "minutes_version", "chair_signed_at", "recorder_signed_at")
    audit.record("meeting.minutes", detail={"meeting": str(row.pk), "version": row.minutes_version})
    return row


@transaction.atomic
def sign(*, meeting: Meeting | uuid.UUID, seen: int, by: Me, at: datetime) -> Meeting:
    """By the chair, by the recorder, each for himself. With the second the minutes stand."""
    row = meetings.ready(meeting, by, "held")
    if row.minutes_cipher is None:
        raise Refused(_("还没有写纪要。"))
    if seen != row.minutes_version:
        raise Refused(_("纪要在您打开之后有人改过，请看过新的再签。"))
    if row.present is None:
        raise Refused(_("还没有登记到会人数，请先登记。"))
    if by.id == row.chair and row.chair_signed_at is None:
        row.chair_signed_at = at
    elif by.id == row.recorder and row.recorder_signed_at is None:
        row.recorder_signed_at = at
    elif by.id in (row.chair, row.recorder):
        raise Refused(_("您已经签过，等另一位签。"))
    else:
        raise NotYours(_("纪要由主持人和记录人签字。"))
    if row.chair_signed_at and row.recorder_signed_at:
        meetings.move(row, "sign")
    meetings.keep(row, "state", "chair_signed_at", "recorder_signed_at")
    meetings.step(row, "sign", by, at)
    return row


def masked(meeting: Meeting) -> tuple[str, list[rules.Hidden]]:
    """The text as it would hang, and what was taken out of it: residents of the place, whoever was named at the meeting, doors, numbers."""
    return rules.hide(text_of(meeting), [*reads.residents_named(meeting.area_code), *reads.named_at(meeting)])


@transaction.atomic
def publish(*, meeting: Meeting | uuid.UUID, text: str, days: int, confirmed: bool, by: Me, at: datetime) -> Publication:
    """It hangs for so many days. Refused while a name, a door or a number is left in it; `confirmed`: a person read it."""
    row = meetings.ready(meeting, by, "signed")
    tidy = text.replace("\r\n", "\n").strip()
    if not 10 <= len(tidy) <= MOST:
        raise Missing("text", _("公示的内容请写 10 到 %d 个字。") % MOST)
    least = rules.KINDS[row.kind].publish_days
    if not least <= days <= 90:
        raise Missing("days", _("公示 %(least)d 到 90 天。") % {"least": least})
    _text, left = rules.hide(tidy, [*reads.residents_named(row.area_code), *reads.named_at(row)])
    if left:
        raise Missing("text", _("还有不能公示的：%s。请改掉再公示。") % "、".join(h.was for h in left))
    if not confirmed:
        raise Missing("confirmed", _("请从头读一遍，确认没有姓名、门牌、电话，再打勾。"))
    meetings.move(row, "publish")
    meetings.keep(row, "state")
    start = timezone.localdate(at)
    made = Publication(area_code=row.area_code, meeting=row, text=tidy, starts_on=start, ends_on=start + timedelta(days=days), made_by=by.id, made_at=at)
    with saying(_("这次会的纪要正在公示。")):
        made.save(force_insert=True)
    meetings.step(row, "publish", by, at, lasting("到 %s 止") % made.ends_on)
    audit.record("meeting.publish", detail={"meeting": str(row.pk), "until": str(made.ends_on)})
    return made


@transaction.atomic
def withdraw(*, meeting: Meeting | uuid.UUID, reason: str, by: Me, at: datetime) -> Meeting:
    """Taken down, because something stood in it that should not; it can be published anew."""
    row = meetings.ready(meeting, by, "published")
    why = moving.need(reason, "reason", _("请写为什么撤下（不少于四个字）。"), 4)
    Publication.objects.filter(meeting=row, withdrawn_at=None).update(withdrawn_at=at, reason=why[:200])
    meetings.move(row, "withdraw")
    meetings.keep(row, "state")
    meetings.step(row, "withdraw", by, at, why)
    return row


# --- objections --------------------------------------------------------------------------------------------------------


@transaction.atomic
def object_at_desk(*, meeting: Meeting | uuid.UUID, words: str, name: str, phone: str, by: Me, at: datetime) -> Objection:
    """Somebody says at the desk, or by telephone, that he does not agree: taken down on his behalf while it hangs."""
    row = meetings.ready(meeting, by, "published")
    standing = Publication.objects.filter(meeting=row, withdrawn_at=None).first()
    if standing is None or timezone.localdate(at) > standing.ends_on:
        raise Refused(_("公示期已经过了，请作为一件事登记。"))
    said = moving.need(words, "words", _("请写对哪里有异议、为什么。"))[:rules.MOST_WORDS]
    made = Objection(area_code=row.area_code, meeting=row, made_at=at, made_by=by.id)
    made.said_cipher = vault.encrypt(SAID, made.pk, {k: v for k, v in (("words", said), ("name", name.strip()[:50]), ("phone", phone.strip()[:30])) if v})
    made.save(force_insert=True)
    audit.record("meeting.object", detail={"meeting": str(row.pk)})
    return made


def object_online(*, meeting: uuid.UUID, words: str, name: str, phone: str, using: str = "resident") -> str:
    """By a resident who is logged in: "said", "often", "over". Sealed before the database sees it."""
    number = uuid.uuid4()
    sealed = vault.encrypt(SAID, number, {k: v for k, v in (("words", words.strip()[:rules.MOST_WORDS]), ("name", name.strip()[:50]), ("phone", phone.strip()[:30])) if v})
    with connections[using].cursor() as cursor:
        cursor.execute("select access.object_to(%s, %s, %s)", [number, meeting, sealed])
        return str(cursor.fetchone()[0])


@transaction.atomic
def answer(*, objection: uuid.UUID, words: str, by: Me, at: datetime) -> Objection:
    found = Objection.objects.filter(pk=objection).first()
    if found is None or not reads.arranges(by, found.area_code):
        raise NotHere(_("没有这条异议，或不归您答复。"))
    # the database gives no lock on an answered one
    row = Objection.objects.select_for_update(of=("self",)).filter(pk=objection).first()
    if row is None or row.answered_at is not None:
        raise Refused(_("这条异议已经答复过。"))
    said = moving.need(words, "answer", _("请写怎么答复的。"))[:rules.MOST_WORDS]
    row.answer_cipher, row.answered_at, row.answered_by = vault.encrypt(ANSWER, row.pk, {"words": said}), at, by.id
    row.save(update_fields=["answer_cipher", "answered_at", "answered_by"])
    audit.record("meeting.object", detail={"objection": str(row.pk), "kind": "answer"})
    return row


@transaction.atomic
def close(*, meeting: Meeting | uuid.UUID, by: Me, at: datetime) -> Meeting:
    """It is over: what hung has hung long enough, every objection is answered."""
    row = meetings.ready(meeting, by, "published", "signed")
    if Objection.objects.filter(meeting=row, answered_at=None).exists():
        raise Refused(_("还有异议没有答复，请先答复。"))
    standing = Publication.objects.filter(meeting=row, withdrawn_at=None).first()
    if standing is None and row.state == "signed":
        raise Refused(_("纪要还没有公示，请先公示。"))
    if standing is not None and timezone.localdate(at) <= standing.ends_on:
        raise Refused(_("公示到 %s 为止，还没到期。") % standing.ends_on)
    meetings.move(row, "close")
    meetings.keep(row, "state")
    meetings.step(row, "close", by, at)
    return row
