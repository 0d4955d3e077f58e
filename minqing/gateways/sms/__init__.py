"""Text messages: one interface, a file for demonstrations and tests, an HTTP gateway for real ones.

Invariants: one idempotency key is one text message, however often it is handed over; a number that no text message can reach
is refused before anything leaves; a receipt is believed only with the gateway's signature.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from minqing.gateways.webhook import Outcome, Result, Webhook

__all__ = ["FileGateway", "Gateway", "HttpGateway", "NoGateway", "Outcome", "Receipt", "Result", "read_receipts"]


#: Eleven digits that a text message can reach.
MOBILE = re.compile(r"1[3-9][0-9]{9}")


class Gateway(Protocol):
    """Where text messages go. `name` stands in the outbox; `receipts`: whether it says later what became of them."""

    name: str
    receipts: bool

    def send(self, *, phone: str, text: str, key: str, now: float) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the gateway says of one message: `key` is our idempotency key."""

    key: str
    delivered: bool
    at: datetime
    why: str = ""


def _not_a_mobile(phone: str) -> Outcome | None:
    return None if MOBILE.fullmatch(phone) else Outcome(Result.REFUSED, "不是手机号，收不到短信。")


@dataclass
class FileGateway:
    """One readable line per message in a file of its own (mode 0600): date, number, text, key."""

    path: Path
    name: str = "file"
    receipts: bool = False
    _seen: dict[str, str] = field(default_factory=dict, repr=False)
    _read_to: int = field(default=0, repr=False)

    def send(self, *, phone: str, text: str, key: str, now: float) -> Outcome:
        wrong = _not_a_mobile(phone)
        if wrong:
            return wrong
        with self._locked() as file:
            self._read_on(file)
            if key not in self._seen:
                line = {"at": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"), "to": phone, "text": text, "key": key}
                file.seek(0, os.SEEK_END)
                file.write((json.dumps(line, ensure_ascii=False) + "\n").encode())
                file.flush()
                os.fsync(file.fileno())
                self._read_on(file)
        return Outcome(Result.HANDED, "", key)

    def lines(self) -> list[dict[str, Any]]:
        """Every message so far."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]

    @contextlib.contextmanager
    def _locked(self) -> Iterator[Any]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file

    def _read_on(self, file: Any) -> None:
        """Remember the keys written since the last look, by whatever process. A torn last line (power cut) is ended, not lost."""
        file.seek(0, os.SEEK_END)
        if file.tell() < self._read_to:  # somebody emptied the file
            self._seen, self._read_to = {}, 0
        file.seek(self._read_to)
        for raw in file.read().splitlines(keepends=True):
            if not raw.endswith(b"\n"):
                file.seek(0, os.SEEK_END)
                file.write(b"\n")
                raw += b"\n"
            self._read_to += len(raw)
            with contextlib.suppress(ValueError):
                self._seen[str(json.loads(raw)["key"])] = ""


@dataclass
class HttpGateway:
    """POST {"to", "text", "key"} with our signature; receipts come back to an address of ours with the same one."""

    hook: Webhook
    name: str = "http"
    receipts: bool = True

    def send(self, *, phone: str, text: str, key: str, now: float) -> Outcome:
        return _not_a_mobile(phone) or self.hook.post({"to": phone, "text": text, "key": key}, key=key, now=now)


@dataclass
class NoGateway:
    """No text messages in this installation: everything goes another way at once."""

    name: str = "off"
    receipts: bool = False

    def send(self, *, phone: str, text: str, key: str, now: float) -> Outcome:
        return Outcome(Result.REFUSED, "这里没有开通短信，改用别的方式。")


def read_receipts(body: bytes) -> list[Receipt]:
    """The receipts of one signed POST: {"receipts": [{"key", "delivered", "at"?, "why"?}]}. Raises ValueError with a sentence."""
    try:
        rows = json.loads(body)["receipts"]
        return [Receipt(str(r["key"])[:80], r["delivered"] is True, datetime.fromisoformat(r["at"]) if r.get("at") else datetime.now(UTC), str(r.get("why") or "")[:120]) for r in rows]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError('回执应为 {"receipts": [{"key": "…", "delivered": true}]}，请核对网关的设置。') from error
