"""Ciphers of visits: words as spoken, what to mind next time, how an elder is (level 4, a key of its own).

Invariant: associated data is `table.column:row id`. The digest by which the same visit is known again is keyed: the database can
neither make nor test one.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from minqing.access import keyring
from minqing.lib import ciphers

WORDS, OUTCOME, NOTE, CHECKUP, SAID = "contact_visit.words_cipher", "contact_visit.outcome_cipher", "contact_visitnote.payload", "contact_checkup.payload", "contact_doorcheck.words_cipher"
PLAN, NEED, MARK, RECORD = "contact_transferplan.who_cipher", "contact_transferneed.payload", "contact_transfermark.words_cipher", "contact_transferevent.record_cipher"
NEWS, ASK = "contact_gravenews.payload", "contact_doorask.who_cipher"
BOOKED, ABOUT, SETTLED = "contact_booking.contact_cipher", "contact_booking.about_cipher", "contact_booking.outcome_cipher"
VISITOR = "contact_dutyvisitor.words_cipher"
FINDING, DECISION, TOLD = "contact_finding.words_cipher", "contact_decision.payload", "contact_decisionword.payload"
REMARKS, THING, MATERIAL = "contact_handover.remarks_cipher", "contact_handoveritem.words_cipher", "contact_course.file_cipher"
#: Under the key of level 4.
SENSITIVE = frozenset({CHECKUP, NEED})


def encrypt(column: str, row: uuid.UUID, content: dict[str, Any]) -> bytes:
    return keyring.ring().cipher(sensitive=column in SENSITIVE).encrypt(json.dumps(content, ensure_ascii=False, sort_keys=True), ciphers.context(column, row))


def decrypt(column: str, row: uuid.UUID, envelope: bytes | memoryview | None) -> dict[str, Any]:
    """The clear content, {} for an empty field. Raises `Tampered` for bytes of another row, column or key."""
    return dict(json.loads(keyring.ring().cipher(sensitive=column in SENSITIVE).decrypt_text(envelope, ciphers.context(column, row)))) if envelope else {}


def digest(row: uuid.UUID, content: dict[str, Any]) -> bytes:
    """What this content looks like from outside, under the newest key."""
    return keyring.ring().digester().digest("contact", _plain(row, content))


def same(row: uuid.UUID, content: dict[str, Any], known: bytes | memoryview) -> bool:
    """Whether the digest was made from this content, under whichever key."""
    return bytes(known) in keyring.ring().digests("contact", _plain(row, content)).values()


def prints(row: uuid.UUID, content: dict[str, Any]) -> list[bytes]:
    """The digests under every key, the newest first: for a function that knows the same content again where its caller cannot read."""
    found = keyring.ring().digests("contact", _plain(row, content))
    return [found[number] for number in sorted(found, reverse=True)]


def _plain(row: uuid.UUID, content: dict[str, Any]) -> str:
    return f"{row}:" + json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
