"""One signed POST to the system that wants to know how matters stand: event, area, open values; never a name or a text about a person.

Invariant: personal values do not leave by this way.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from minqing.gateways.webhook import Webhook


def target() -> Webhook:
    return Webhook(settings.WEBHOOK_URL, settings.WEBHOOK_SECRET, settings.SMS_TIMEOUT, "对接系统")


def content(*, event: str, area: str, template: str, values: Mapping[str, str]) -> dict[str, Any]:
    return {"event": event, "area": area, "kind": template, "values": dict(values)}


def key_of(message: uuid.UUID) -> str:
    return f"hook-{message}"
