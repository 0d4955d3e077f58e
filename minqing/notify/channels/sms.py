"""Text messages: the words with our signature in front, cut so that they stay readable, and the gateway of this installation.

Invariant: one message is one text message: the key it is handed over with is the message's own number, at every attempt.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from minqing.gateways import sms
from minqing.gateways.webhook import Webhook
from minqing.notify.rules import templates
from minqing.notify.rules.templates import Template

_files: dict[Path, sms.FileGateway] = {}


def gateway() -> sms.Gateway:
    """What MINQING_SMS names."""
    if settings.SMS == "http":
        return sms.HttpGateway(Webhook(settings.SMS_URL, settings.SMS_SECRET, settings.SMS_TIMEOUT, "短信网关"))
    if settings.SMS == "file":
        return _files.setdefault(path := file_path(), sms.FileGateway(path))
    return sms.NoGateway()


def file_path() -> Path:
    """Where the demonstration's text messages are read."""
    return Path(settings.HOME) / "outbox" / "sms.jsonl"


def words(template: Template, values: Mapping[str, str], *, language: str = "zh-hans") -> str:
    """The text as it arrives: 【signature】 and the words, at most three parts long."""
    sign = f"【{settings.SMS_SIGN}】"
    room = templates.MOST_PARTS * templates.PART - templates.units(sign)
    return sign + templates.fill(template, templates.shorten(template, values, room=room), language=language)


def key_of(message: uuid.UUID) -> str:
    """The idempotency key, which a receipt names again."""
    return f"sms-{message}"


def message_of(key: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(key.removeprefix("sms-"))
    except ValueError:
        return None
