"""What a telephone system says to us: the requests of Zammad's generic CTI, read into one event.

Invariants: fields we do not know are ignored, so that a richer system needs no adapter; what is needed and missing or makes no sense
is refused with a sentence that names the field; a number that the caller hides is no number at all, however the system writes that.

The shape (docs/reference/telephony.md): POST to /cti/<token>/, form fields or a JSON object: `event` newCall, answer, hangup, `direction`
in or out, `from`, `to`, `callId`, and `user`, `queue`, `answeringNumber`, `cause`. Beyond Zammad: `forward` (`forwardedTo`), `voicemail`
(`text`, `recording`), `recording` (`recording`), `rate` (`digits` 1–3, `matter`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

EVENTS = ("newCall", "answer", "hangup", "forward", "voicemail", "recording", "rate")
MOST_BYTES = 64 * 1024
#: How systems write that a caller hides his number.
HIDDEN = frozenset({"", "anonymous", "unknown", "private", "withheld", "restricted", "unavailable", "hidden", "none", "null", "0", "隐藏", "未显示"})
CAUSES = {"normalClearing": "正常挂断", "cancel": "对方挂断", "busy": "忙", "noAnswer": "无人接听", "congestion": "线路忙", "notFound": "空号", "forwarded": "已转接", "blocked": "拦截"}
CALL_ID = re.compile(r"^[\x21-\x7e]{1,80}$")


class Bad(ValueError):
    """A request that cannot be understood; the sentence says which field."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one call. `number` is the other side's as the system wrote it, '' where it is hidden; `extensions` name our own telephone."""

    name: str
    call_id: str
    direction: str
    number: str = ""
    line: str = ""
    extensions: tuple[str, ...] = ()
    queue: str = ""
    cause: str = ""
    forwarded: str = ""
    text: str = ""
    recording: str = ""
    score: int = 0
    matter: str = ""
    kept: dict[str, str] = field(default_factory=dict)


def fields_of(content_type: str, body: bytes, form: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The request's fields as lists of text, from a JSON object or from the form Django has read. Raises Bad."""
    if "json" in content_type.lower():
        try:
            found = json.loads(body or b"{}")
        except ValueError as problem:
            raise Bad("请求体不是有效的 JSON，请核对话机系统的设置，或改用表单字段。") from problem
        if not isinstance(found, dict):
            raise Bad("JSON 应是一个对象，如 {\"event\": \"newCall\", …}。")
        return {str(k): _texts(v) for k, v in found.items()}
    return {k.removesuffix("[]"): [str(v) for v in values] for k, values in form.items()}


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(v) for v in value if isinstance(v, str | int | float) and not isinstance(v, bool)]
    return [] if value is None or isinstance(value, dict | bool) else [str(value)]


def read(fields: Mapping[str, Sequence[str]]) -> Event:
    """The event of a request. Raises Bad with the sentence for whoever connects the telephone system."""

    def one(name: str, most: int = 120) -> str:
        values = fields.get(name) or [""]
        text = str(values[0]).strip()
        if "\x00" in text:
            raise Bad(f"字段 {name} 里有不能用的字符。")
        return text[:most]

    name = one("event")
    if name not in EVENTS:
        raise Bad(f"不认识的事件“{name[:20]}”：event 应是 {'、'.join(EVENTS)} 之一。" if name else "缺少字段 event（newCall、answer、hangup 等）。")
    call_id = one("callId", 200)
    if not CALL_ID.match(call_id):
        raise Bad("字段 callId 缺失或不对：应是 1–80 个英文字母、数字或符号，同一个电话的各次事件用同一个。")
    direction = one("direction") or "in"
    if direction not in ("in", "out"):
        raise Bad(f"字段 direction 应是 in（呼入）或 out（呼出），不是“{direction[:10]}”。")
    theirs, ours = (one("from", 40), one("to", 40)) if direction == "in" else (one("to", 40), one("from", 40))
    number, line = "" if theirs.lower() in HIDDEN else theirs, ours
    extensions = tuple(dict.fromkeys(v for v in [one("answeringNumber", 20), *(str(u).strip()[:20] for u in fields.get("user", ())), *([ours[:20]] if ours else [])] if v))
    score = 0
    if name == "rate":
        digits = one("digits", 4)
        if digits not in ("1", "2", "3"):
            raise Bad("字段 digits 应是 1（满意）、2（基本满意）或 3（没有解决或不满意）。")
        score = int(digits)
    text = str((fields.get("text") or [""])[0]).strip().replace("\x00", "")[:2000]
    recording = one("recording", 120)
    if name == "voicemail" and not (text or recording):
        raise Bad("留言应有文字（text）或录音编号（recording），也可以把录音作为文件字段 file 一起传来。")
    if name == "recording" and not recording:
        raise Bad("缺少字段 recording（录音编号）。")
    cause = one("cause", 24)
    kept = {k: v for k, v in (("cause", cause), ("queue", one("queue", 40)), ("extension", extensions[0] if extensions else "")) if v}
    return Event(name, call_id, direction, number, line, extensions, one("queue", 40), cause, one("forwardedTo", 40), text, recording, score, "".join(c for c in one("matter", 20) if c.isdigit()), kept)
