"""投诉建议: a word to the county about this service or whoever works in it; answered by the county, not by the village.

Invariants: the words and how to reach the writer are encrypted; number and word find the answer again, never the complaint;
who reads or answers is audited.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access import keyring
from minqing.access.actions import audit
from minqing.access.actions.residents import ALPHABET, digest_of_word, digests_of_word
from minqing.access.models import Feedback
from minqing.access.scope import Me, Visitor
from minqing.lib import ciphers

DUE_DAYS = 15
LONGEST = 2_000
#: Six letters that nobody mixes up: with the number they find the answer again.
WORD_LENGTH = 6


class FeedbackRefused(Exception):
    """Why it was not taken, as a sentence."""


@dataclass(frozen=True, slots=True)
class Receipt:
    number: str
    word: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Answer:
    """What the writer reads: `words` is '' until the county has answered."""

    made_at: datetime
    due_on: date
    words: str
    answered_at: datetime | None


def new_word() -> str:
    return "".join(secrets.choice(ALPHABET) for _n in range(WORD_LENGTH))


def _seal(column: str, row: uuid.UUID, text: str) -> bytes:
    return keyring.ring().cipher().encrypt(text, ciphers.context(f"access_feedback.{column}", row))


def _open(column: str, row: uuid.UUID, envelope: bytes | memoryview | None) -> str:
    return keyring.ring().cipher().decrypt_text(envelope, ciphers.context(f"access_feedback.{column}", row)) if envelope else ""


def leave(*, kind: str, words: str, contact: str, visitor: Visitor, due_on: date, at: datetime) -> Receipt:
    """Take a complaint or suggestion, with or without a name. Raises FeedbackRefused."""
    text = words.strip()
    if kind not in dict(Feedback.KINDS):
        raise FeedbackRefused(_("请选择是投诉还是建议。"))
    if len(text) < 4:
        raise FeedbackRefused(_("请写清楚是什么事，至少四个字。"))
    if len(text) > LONGEST:
        raise FeedbackRefused(_("最多写 {most} 个字，请说要紧的。").format(most=LONGEST))
    row, word = uuid.uuid4(), new_word()
    number = f"TS{timezone.localdate(at):%m%d}{secrets.randbelow(10**6):06d}"
    with transaction.atomic(using=visitor.using), connections[visitor.using].cursor() as cursor:
        cursor.execute("select access.leave_feedback(%s, %s, %s, %s, %s, %s, %s, %s)",
                       [row, number, digest_of_word(number, word), settings.COUNTY, kind, _seal("words", row, text), _seal("contact", row, contact.strip()[:100]) if contact.strip() else None, due_on])
        if not cursor.fetchone()[0]:
            raise FeedbackRefused(_("这里刚才提交得太多了，请过一小时再来，或打热线。"))
    return Receipt(number, word, due_on)


def follow(*, number: str, word: str, visitor: Visitor) -> Answer:
    """The answer by number and word. Raises FeedbackRefused, the same for a wrong number and a wrong word."""
    tidy = "".join(c for c in number.upper() if c.isalnum())
    try:
        with transaction.atomic(using=visitor.using), connections[visitor.using].cursor() as cursor:
            row = None
            for digest in digests_of_word(tidy, word):
                cursor.execute("select id, made_at, due_on, answer, answered_at from access.feedback_answer(%s, %s)", [tidy, digest])
                row = row or cursor.fetchone()
    except DatabaseError as error:
        raise FeedbackRefused(_("查得太多了，请过一小时再来，或打热线。")) from error
    if row is None:
        raise FeedbackRefused(_("编号或口令不对，请对照回执再填。"))
    return Answer(row[1], row[2], _open("answer", row[0], row[3]), row[4])


@dataclass(frozen=True, slots=True)
class Read:
    """A complaint as the county reads it."""

    row: Feedback
    words: str
    contact: str
    answer: str


def read(*, feedback: uuid.UUID, by: Me) -> Read | None:
    """One, decrypted; audited. None outside the reader's area."""
    row = Feedback.objects.filter(pk=feedback).first()
    if row is None:
        return None
    audit.record("feedback.read", detail={"what": str(row.pk)})
    return Read(row, _open("words", row.pk, row.words), _open("contact", row.pk, row.contact), _open("answer", row.pk, row.answer))


@transaction.atomic
def answer(*, feedback: uuid.UUID, words: str, by: Me, at: datetime) -> None:
    """The county's answer; shown to the writer by number and word."""
    row = Feedback.objects.filter(pk=feedback).first()
    if row is None:
        raise FeedbackRefused(_("没有这条投诉建议，或不在您的范围内。"))
    if row.answered_at:
        raise FeedbackRefused(_("这条已经答复过。"))
    if len(words.strip()) < 4:
        raise FeedbackRefused(_("请写明怎么答复的，至少四个字。"))
    row.answer, row.answered_at, row.answered_by = _seal("answer", row.pk, words.strip()[:LONGEST]), at, by.id
    row.save(update_fields=["answer", "answered_at", "answered_by"])
    audit.record("feedback.answer", detail={"what": str(row.pk)})
