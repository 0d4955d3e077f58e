"""The demonstration's own telephone system: what its line is called, and how it speaks to us without a web server.

Invariant: it says nothing that a real telephone system would not say, by the same reading and the same action.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils import timezone

from minqing.access.scope import NoSession
from minqing.gateways import telephony
from minqing.service.actions import calls

#: Written by the demonstration: {"token", "line", "callers": [{"label", "phone"}]}.
FILE = "demo-hotline.json"


def known() -> dict[str, Any]:
    """What the demonstration left, {} where there is none."""
    path = settings.HOME / FILE
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found if isinstance(found, dict) else {}


def in_process(token: str) -> Callable[[dict[str, str]], tuple[int, str]]:
    """`send` without a running web server."""

    def send(fields: dict[str, str]) -> tuple[int, str]:
        try:
            call, _fresh = calls.receive(token=token, event=telephony.read({k: [v] for k, v in fields.items()}), origin="cti simulator", at=timezone.now())
        except NoSession:
            return 403, "令牌不对"
        except telephony.Bad as problem:
            return 422, str(problem)
        return 200, str(call)

    return send
