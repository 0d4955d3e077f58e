"""One signed POST to a system we do not own, and the check of what such a system signs for us.

Invariants: nothing leaves unsigned or without an idempotency key, so that the other side can tell a repetition from a second
message; an answer of 4xx is final, 5xx, a timeout and a broken line are worth another try; every outcome is one Chinese
sentence that holds no number and no text of the message.

Signature: HMAC-SHA256 over `timestamp + "." + body`, hex, in `X-Minqing-Signature`; the timestamp (seconds) in
`X-Minqing-Timestamp`, accepted for five minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

SIGNATURE, TIMESTAMP, KEY = "X-Minqing-Signature", "X-Minqing-Timestamp", "Idempotency-Key"
#: Seconds for which a signature holds: longer than clocks differ, shorter than a replay is useful.
TOLERANCE = 300
MOST_BYTES = 64 * 1024


class Result(StrEnum):
    """What became of one attempt."""

    HANDED = "handed"    # the other side has it
    REFUSED = "refused"  # it will never take it
    LATER = "later"      # nobody knows; try again with the same key


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt: `id` is the other side's number of the message, '' where it gave none."""

    result: Result
    sentence: str = ""
    id: str = ""


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The signature of a body sent at `timestamp` (seconds since 1970)."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def genuine(secret: str, *, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Whether somebody who knows the secret signed exactly this body within the last five minutes."""
    if not secret or not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE:
        return False
    return hmac.compare_digest(sign(secret, int(timestamp), body), signature.strip().lower())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the body to an address nobody configured."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes signed JSON. `what` names it in sentences ("短信网关")."""

    url: str
    secret: str
    timeout: float = 10.0
    what: str = "对方系统"

    def post(self, content: Mapping[str, Any], *, key: str, now: float) -> Outcome:
        """Send once. Never raises for what the network or the other side does; ValueError for a wrong configuration."""
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError(f"{self.what}的地址应以 https:// 开头：{self.url or '（空）'}")
        if not self.secret:
            raise ValueError(f"{self.what}没有签名密钥，不能发送。")
        body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
        timestamp = int(now)
        request = urllib.request.Request(self.url, data=body, method="POST", headers={  # noqa: S310 - the scheme is checked above
            "Content-Type": "application/json; charset=utf-8", KEY: key, TIMESTAMP: str(timestamp), SIGNATURE: sign(self.secret, timestamp, body)})
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=self.timeout) as answer:
                return Outcome(Result.HANDED, "", _number(answer.read(MOST_BYTES)))
        except urllib.error.HTTPError as error:
            error.close()
            # 408 and 429 say "not now", everything else below 500 says "never"
            if error.code in (408, 425, 429) or error.code >= 500:
                return Outcome(Result.LATER, f"{self.what}暂时不能接收（{error.code}），稍后再试。")
            return Outcome(Result.REFUSED, f"{self.what}拒收（{error.code}），请核对号码或与对方联系。")
        except TimeoutError:
            return Outcome(Result.LATER, f"{self.what}{self.timeout:.0f} 秒没有回答，稍后再试。")
        except (urllib.error.URLError, OSError):
            return Outcome(Result.LATER, f"连不上{self.what}，稍后再试。")


def _number(answer: bytes) -> str:
    """The other side's own number of the message, from {"id": "…"}; '' where it says none."""
    try:
        found = json.loads(answer)
    except ValueError:
        return ""
    return str(found.get("id") or "")[:80] if isinstance(found, dict) else ""
