"""How a log-in code leaves, at once and at any hour: by text message, or read out by telephone where the county has connected one.

Invariant: the code goes to the number that was typed and nowhere else, and stands in no message, log or step; a demonstration writes it
to a file instead. Whether the other side took it says nothing about whose number it is.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings

from minqing.gateways import sms, voice, webhook

TEXT = "验证码{code}，10分钟内有效。工作人员不会向您要验证码，请不要告诉任何人。"
SPOKEN = "您好，这里是连心服务。您的验证码是{code}，再说一遍，{code}。请不要告诉任何人。"


def text_gateway() -> sms.Gateway:
    """Where codes are sent: the county's gateway, the demonstration's file, or nowhere."""
    if settings.SMS == "http":
        return sms.HttpGateway(webhook.Webhook(settings.SMS_URL, settings.SMS_SECRET, settings.SMS_TIMEOUT, "短信网关"))
    return sms.FileGateway(settings.HOME / "outbox" / "sms.jsonl") if settings.SMS == "file" else sms.NoGateway()


def can_call() -> bool:
    """Whether a code can be read out by telephone here."""
    return bool(settings.VOICE_URL) or (not settings.PRODUCTION and not settings.REAL)


def send_code(*, code: str, phone: str, spoken: bool, key: uuid.UUID, at: datetime) -> bool:
    """Hand one code over; a gateway takes the same `key` once. Returns whether the other side has it or may have it."""
    try:
        return _handed(code=code, phone=phone, spoken=spoken, key=key, at=at)
    except (ValueError, OSError):  # the gateway is set wrongly, its file cannot be written
        return False


def _handed(*, code: str, phone: str, spoken: bool, key: uuid.UUID, at: datetime) -> bool:
    if not spoken:
        return text_gateway().send(phone=phone, text=TEXT.format(code=code), key=str(key), now=at.timestamp()).result is not webhook.Result.REFUSED
    text = SPOKEN.format(code="，".join(voice.digit_by_digit(d) for d in code))
    if settings.VOICE_URL:
        hook = webhook.Webhook(settings.VOICE_URL, settings.VOICE_SECRET, settings.SMS_TIMEOUT, "语音网关")
        return hook.post({"to": phone, "say": text, "key": str(key)}, key=str(key), now=at.timestamp()).result is not webhook.Result.REFUSED
    return sms.FileGateway(settings.HOME / "outbox" / "voice.jsonl").send(phone=phone, text=text, key=str(key), now=at.timestamp()).result is not webhook.Result.REFUSED
