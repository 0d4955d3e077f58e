"""The window's words and tables: states and outcomes of a number, what may be handed in, opening hours. Pure.

Invariants: every number ends with one of OUTCOMES; priority is given to whoever asks for it, no paper is wanted; identity and
benefits are never proposed at the window, their department is asked.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from minqing.archives.rules import items

STATES = {"waiting": "等候", "called": "正在办", "passed": "过号", "done": "办完"}
STATE_CHOICES = list(STATES.items())
CHECKS = {"card": "看了证件", "name": "问了姓名和出生年份"}
CHECK_CHOICES = list(CHECKS.items())
OUTCOMES = {
    "matter": "登记了一件事", "errand": "登记了代办", "change": "交了变更", "answered": "当场办好或答复", "elsewhere": "请到别处办，已说清去哪里", "papers": "缺材料，已给清单", "absent": "叫了没有来", "left": "本人先走了",
}
OUTCOME_CHOICES = list(OUTCOMES.items())
#: What a clerk may choose while somebody stands in front of him; the last two end a number nobody came with.
SPOKEN = ("answered", "papers", "elsewhere", "matter", "errand", "change", "left")
UNSPOKEN = ("absent", "left")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
#: Who is let go first, on his word.
PRIORITY_WORDS = "70 岁以上、怀孕、行动不便的，自己说一声就优先，不看证件"

#: What may be handed in at the window, in the order of how often it happens. The first group becomes a proposal to the village.
TO_VILLAGE = ("phone", "living_address", "living_elsewhere", "emergency_phone", "workplace", "employment")
#: The department is asked, nothing is proposed in its place.
TO_DEPARTMENT = ("name", "id_number", "birth_date", "registered_address", "marriage", "education", "pension_status", "pension_benefit", "medical_status")
PAPERS = ("居民身份证", "户口簿", "结婚证", "离婚证", "不动产权证书", "租房合同", "村（社区）证明", "手机实名截屏", "毕业证书", "劳动合同", "其他")
VILLAGE_DAYS, DEPARTMENT_DAYS = 5, 15
SLIPS_A_PAGE, MOST_SLIPS = 3, 60
_SPAN = re.compile(r"^(\d{1,2})[:：](\d{2})\s*[-—–~至到]\s*(\d{1,2})[:：](\d{2})$")


class BadHours(ValueError):
    """A line of hours that cannot be read; the text is the sentence for the form."""


def changeable() -> list[tuple[str, items.Item]]:
    """("village" | "department", item) for each item that exists in the file."""
    return [("village", items.ITEMS[f]) for f in TO_VILLAGE if f in items.ITEMS] + [("department", items.ITEMS[f]) for f in TO_DEPARTMENT if f in items.ITEMS]


def road_of(field: str) -> str:
    """Who confirms: "village", "department", '' for what is not taken at the window."""
    return next((road for road, item in changeable() if item.field == field), "")


def code_of(letter: str, serial: int) -> str:
    """"A", 1 → "A001"."""
    return f"{letter}{serial:03}"


def read_hours(text: str) -> list[list[str]]:
    """"8:30-11:30 14:00-17:00" → [["08:30", "11:30"], ["14:00", "17:00"]]; '' → closed. Raises BadHours."""
    spans: list[list[str]] = []
    for part in re.split(r"[,，、;；\s]+", text.strip()):
        if not part:
            continue
        found = _SPAN.match(part)
        if not found:
            raise BadHours(_("“%s”看不明白，请写成 8:30-11:30，两段之间空一格；不开门就留空。") % part)
        try:
            start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        except ValueError as problem:
            raise BadHours(_("“%s”没有这个钟点。") % part) from problem
        if start >= end or (spans and f"{start:%H:%M}" < spans[-1][1]):
            raise BadHours(_("“%s”的开始要早于结束，也要晚于前一段。") % part)
        spans.append([f"{start:%H:%M}", f"{end:%H:%M}"])
    return spans


def spoken_hours(spans: list[list[str]]) -> str:
    return " ".join(f"{a}-{b}" for a, b in spans)


def spoken_week(hours: dict[str, list[list[str]]]) -> list[tuple[str, str]]:
    """Days that follow each other with the same hours are one line: ("星期一至星期五", "08:30-11:30 14:00-17:00")."""
    lines: list[tuple[int, int, str]] = []
    for n in range(1, 8):
        said = spoken_hours(hours.get(str(n), []))
        if not said:
            continue
        if lines and lines[-1][2] == said and lines[-1][1] == n - 1:
            lines[-1] = (lines[-1][0], n, said)
        else:
            lines.append((n, n, said))
    return [(_(WEEKDAYS[a - 1]) if a == b else _("%(first)s至%(last)s") % {"first": _(WEEKDAYS[a - 1]), "last": _(WEEKDAYS[b - 1])}, said) for a, b, said in lines]


_PUBLIC_DAYS = re.compile(r"([1-7])(?:-([1-7]))?\s+(.+)")
#: At the end of a setting of hours: somebody is on duty whenever the office is closed.
ON_DUTY = "+"


def public_hours(text: str) -> list[str]:
    """"1-5 8:30-11:30 14:00-17:30; 6 9:00-11:00; +" as lines in the reader's language; words that are no hours stand as a county wrote them."""
    hours: dict[str, list[list[str]]] = {}
    parts = [part.strip() for part in re.split("[;；]", text) if part.strip()]
    for part in parts:
        if part == ON_DUTY:
            continue
        found = _PUBLIC_DAYS.fullmatch(part)
        try:
            spans = read_hours(found[3]) if found else []
        except BadHours:
            spans = []
        if not found or not spans:
            return [text.strip()]
        hours |= {str(n): spans for n in range(int(found[1]), int(found[2] or found[1]) + 1)}
    return [f"{days} {said}" for days, said in spoken_week(hours)] + ([_("其余时间有人值班")] if hours and ON_DUTY in parts else [])


def hours_on(hours: dict[str, list[list[str]]], day: date) -> list[list[str]]:
    return hours.get(str(day.isoweekday()), [])


def is_open(hours: dict[str, list[list[str]]], moment: datetime) -> bool:
    """`moment` in local time."""
    clock = f"{moment:%H:%M}"
    return any(a <= clock < b for a, b in hours_on(hours, moment.date()))


def age_on(born: date | None, day: date) -> int | None:
    """Years completed."""
    return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))
