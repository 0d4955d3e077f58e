"""A telephone system that plays calls: for demonstrations, for tests and for whoever connects a real one.

Invariant: it speaks the documented interface and nothing else, in the very requests of a real system; it knows no table and no key.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Send = Callable[[dict[str, str]], tuple[int, str]]


@dataclass
class Simulator:
    """Plays calls through `send`. `call_id` of the last call is kept, so that the next step needs not name it."""

    send: Send
    line: str = "4888365"
    call_id: str = field(default="")
    number: str = field(default="")

    def ring(self, number: str, *, queue: str = "") -> tuple[int, str]:
        """Somebody dials the hotline; '' or 'anonymous' hides the number."""
        self.call_id, self.number = f"sim-{uuid.uuid4().hex[:16]}", number
        return self._say("newCall", queue=queue)

    def answer(self, extension: str) -> tuple[int, str]:
        return self._say("answer", answeringNumber=extension)

    def forward(self, to: str) -> tuple[int, str]:
        return self._say("forward", forwardedTo=to)

    def hangup(self, cause: str = "normalClearing") -> tuple[int, str]:
        return self._say("hangup", cause=cause)

    def voicemail(self, text: str, recording: str = "") -> tuple[int, str]:
        return self._say("voicemail", text=text, recording=recording)

    def rate(self, digit: int, matter: str = "") -> tuple[int, str]:
        return self._say("rate", digits=str(digit), matter=matter)

    def _say(self, event: str, **more: str) -> tuple[int, str]:
        if not self.call_id:
            raise ValueError("还没有来电：先 ring。")
        return self.send({"event": event, "direction": "in", "from": self.number or "anonymous", "to": self.line, "callId": self.call_id, **{k: v for k, v in more.items() if v}})


def over_http(url: str, *, timeout: float = 5.0) -> Send:
    """`send` that posts forms to /cti/<token>/ of a running installation. Raises ValueError for an address that is none."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"地址应以 http:// 或 https:// 开头：{url}")

    def send(fields: dict[str, str]) -> tuple[int, str]:
        request = urllib.request.Request(url, data=urllib.parse.urlencode(fields).encode(), method="POST")  # noqa: S310 - the scheme is checked above
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
                return answer.status, answer.read(4096).decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read(4096).decode()

    return send


#: What an ordinary, a silent, a missed and a night call look like: (step, seconds to wait before it, arguments).
SCENES: dict[str, tuple[tuple[str, float, tuple[str, ...]], ...]] = {
    "call": (("ring", 0, ()), ("answer", 2, ("{extension}",)), ("hangup", 60, ())),
    "missed": (("ring", 0, ()), ("hangup", 15, ("noAnswer",))),
    "night": (("ring", 0, ()), ("forward", 3, ("{forward}",)), ("hangup", 20, ("forwarded",))),
    "voicemail": (("ring", 0, ()), ("voicemail", 20, ("{text}",)), ("hangup", 1, ())),
}


def play(simulator: Simulator, scene: str, *, number: str, values: dict[str, str], sleep: Callable[[float], None] = time.sleep, haste: float = 1.0) -> Iterator[tuple[str, int, str]]:
    """Play a scene step by step; yields (step, HTTP status, answer). `haste` 0 = without waiting."""
    for step, wait, arguments in SCENES[scene]:
        if wait and haste:
            sleep(wait * haste)
        filled = [a.format(**values) for a in arguments]
        status, said = simulator.ring(number) if step == "ring" else getattr(simulator, step)(*filled)
        yield step, status, said
