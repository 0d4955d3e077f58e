"""The minute job: take what is due, hand it to the gateway, write down what became of it.

Invariants: the job acts as the sender, an actor without a person, an area or a right, who gets the due messages and no other
(access.claim_due); taking and settling are two transactions with the gateway between them, and the key of every attempt is
the same: whenever the power goes, the person gets one text message. The texts are in memory only.
"""

from __future__ import annotations

import functools
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from minqing.gateways.webhook import Outcome, Result
from minqing.lib.ciphers import Tampered, UnknownKey
from minqing.notify import directory, vault
from minqing.notify.actions import receipts
from minqing.notify.actions.messages import quiet_rules
from minqing.notify.channels import sms, webhook
from minqing.notify.rules import hours, states, templates
from minqing.notify.rules.routing import Channel

USING = "jobs"
RESTS = functools.partial(directory.rests, using=USING)
BATCH = 50
#: Seconds after which a run leaves the rest to the next minute.
LONGEST = 50.0
UNREADABLE = "这条通知打不开（密钥不符或数据损坏），请报告数据管理员。"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A due message as the sender gets it."""

    id: uuid.UUID
    channel: str
    template: str
    language: str
    values: dict[str, str]
    values_cipher: bytes | None
    phone_cipher: bytes | None
    attempts: int
    event: str
    grid_code: str


@contextmanager
def sender() -> Iterator[Any]:
    """One transaction as the sender, with a cursor."""
    with transaction.atomic(using=USING), connections[USING].cursor() as cursor:
        cursor.execute("select access.enter_sender()")
        yield cursor


def claim(at: datetime, *, most: int = BATCH) -> list[Claimed]:
    """Take due messages; they are committed as being sent before this returns. In quiet hours only what is urgent: the job may
    have stood still since the evening."""
    calm = hours.not_before(at, quiet_rules(), rests=RESTS) > at
    with sender() as cursor:
        cursor.execute("select id, channel, template, language, \"values\"::text, values_cipher, phone_cipher, attempts, event, grid_code from access.claim_due(%s, %s, %s)", [at, most, calm])
        rows = cursor.fetchall()
    return [Claimed(r[0], r[1], r[2], r[3], receipts.as_values(r[4]), r[5], r[6], r[7], r[8], r[9]) for r in rows]


def attempt(message: Claimed, at: datetime) -> tuple[Outcome, str, bool]:
    """Hand one message over: (outcome, gateway's name, whether a receipt will come). Raises nothing that a message can cause."""
    template = templates.TEMPLATES.get(message.template)
    if template is None:
        return Outcome(Result.REFUSED, f"没有“{message.template}”这段通知用语。"), "", False
    try:
        if message.channel == Channel.WEBHOOK:
            content = webhook.content(event=message.event, area=message.grid_code, template=message.template, values=message.values)
            return webhook.target().post(content, key=webhook.key_of(message.id), now=at.timestamp()), "webhook", False
        values = {**message.values, **vault.decrypt_values(message.id, message.values_cipher)}
        phone = vault.decrypt(vault.PHONE, message.id, message.phone_cipher)
        text = sms.words(template, values, language=message.language)
    except (Tampered, UnknownKey):
        return Outcome(Result.REFUSED, UNREADABLE), "", False
    except ValueError as problem:  # a template that lost a field, a gateway without an address
        return Outcome(Result.LATER, str(problem)[:200]), "", False
    gateway = sms.gateway()
    try:
        return gateway.send(phone=phone, text=text, key=sms.key_of(message.id), now=at.timestamp()), gateway.name, gateway.receipts
    except (ValueError, OSError) as problem:
        return Outcome(Result.LATER, str(problem)[:200] if isinstance(problem, ValueError) else "短信文件写不进去，请检查磁盘。"), gateway.name, False


def settle(message: Claimed, outcome: Outcome, gateway: str, receipt: bool, at: datetime) -> str:
    """Write down what became of it, by the rules of states.py. Returns where it stands now."""
    pause = states.pause_after(message.attempts)
    move, again = "hand", None
    if outcome.result is Result.REFUSED or (outcome.result is Result.LATER and pause is None):
        move = "fail"
    elif outcome.result is Result.LATER and pause is not None:
        move, again = "retry", hours.not_before(at + pause, quiet_rules(), urgent=message.channel == Channel.WEBHOOK, rests=RESTS)
    elif message.channel == Channel.WEBHOOK:
        move = "deliver"  # the other system's answer is its receipt
    wait = at + states.RECEIPT_WAIT if receipt and move == "hand" else None
    with sender() as cursor:
        cursor.execute("select access.settle_message(%s, %s, %s, %s, %s, %s, %s, %s)", [message.id, at, move, outcome.sentence, gateway, outcome.id, again, wait])
        return str(cursor.fetchone()[0])


def send_due(*, now: Callable[[], datetime]) -> dict[str, int]:
    """One run: receipts, messages without one, then whatever is due, for at most fifty seconds. Returns how many ended where."""
    counts: dict[str, int] = {}
    until = time.monotonic() + LONGEST
    taken = receipts.take(now())
    if taken:
        counts["receipts"] = taken
    with sender() as cursor:
        cursor.execute("select access.claim_unconfirmed(%s)", [now()])
        if silent := int(cursor.fetchone()[0]):
            counts["unconfirmed"] = silent
    while time.monotonic() < until:
        due = claim(now())
        for message in due:
            outcome, gateway, receipt = attempt(message, now())
            state = settle(message, outcome, gateway, receipt, now())
            counts[state] = counts.get(state, 0) + 1
        if len(due) < BATCH:
            break
    return counts
