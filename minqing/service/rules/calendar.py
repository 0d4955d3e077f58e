"""Lists of holidays as people have them: the yearly notice, lines "2027-02-08 休", a table. Pure: text or bytes in, days out.

Invariant: nothing is guessed. A line that cannot be read is named with its number and what to write instead, and nothing of
a list with such a line is used; a day that is said to be two things is a problem, not the later of the two.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from minqing.lib.worktime import Kind

WORDS: dict[str, Kind] = {
    **dict.fromkeys(("休", "休息", "放假", "假", "假日", "off"), Kind.OFF),
    **dict.fromkeys(("班", "上班", "补班", "调休上班", "工作", "work"), Kind.WORK),
    **dict.fromkeys(("上午", "上午班", "上午上班", "下午休", "morning"), Kind.MORNING),
    **dict.fromkeys(("下午", "下午班", "下午上班", "上午休", "afternoon"), Kind.AFTERNOON),
}
#: Heads of the columns of a table.
HEADS = {"day": ("日期", "日子", "day", "date"), "kind": ("安排", "类型", "休班", "kind", "type"), "why": ("说明", "为什么", "节日", "名称", "why", "name")}
#: A longer range in one line is a slip of the pen: no holiday is longer.
LONGEST = 15
MOST_BYTES = 1_000_000

DAY = r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?"
LINE = re.compile(rf"^{DAY}(?:\s*(?:至|到|~|～|—+|-)\s*{DAY})?[\s,，、:：]*(.*)$")
FEAST = re.compile(r"^(?:[一二三四五六七八九十\d]+[、.．])?((?:元旦|[\u4e00-\u9fff]{1,5}节)(?:[、和]?(?:元旦|[\u4e00-\u9fff]{1,5}节))*)$")
NOTICE_SPAN = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日(?:(?:至|-|—)(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One day of a list."""

    day: date
    kind: Kind
    why: str = ""


@dataclass(slots=True)
class Reading:
    """What a list says, and the sentences about lines that could not be read."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def years(self) -> list[int]:
        return sorted({e.day.year for e in self.entries})

    def add(self, where: str, first: date | None, last: date | None, kind: Kind, why: str) -> None:
        """The days of a range, or the sentence why not."""
        if first is None or last is None:
            self.problems.append(_("{where}：没有这个日子，请核对月和日。").format(where=where))
            return
        if not 0 <= (last - first).days < LONGEST:
            self.problems.append(_("{where}：从 {first} 到 {last} 不像一次放假，最多 {n} 天，请核对。").format(where=where, first=first, last=last, n=LONGEST))
            return
        known = {e.day: e.kind for e in self.entries}
        for step in range((last - first).days + 1):
            day = first + timedelta(days=step)
            if known.get(day, kind) is not kind:
                self.problems.append(_("{where}：{day} 前面已写成另一种安排，请只留一种。").format(where=where, day=day))
            elif day not in known:
                self.entries.append(Entry(day, kind, why[:80]))


def a_day(year: str | int, month: str | int, number: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None


def read_text(text: str, year: int | None = None) -> Reading:
    """Lines, or the notice itself. `year` is for a notice that does not name it."""
    lines = [line.strip() for line in text.splitlines()]
    return read_notice(text, year) if is_notice(lines) else read_lines(lines)


def is_notice(lines: list[str]) -> bool:
    """Whether somebody pasted the notice: it speaks of 放假, and no line begins with a date and says something of it."""
    return any("放假" in line for line in lines) and not any((match := LINE.match(line)) and match.group(7) for line in lines)


def read_lines(lines: Iterable[str]) -> Reading:
    """"2027-02-05 至 2027-02-11 休 春节", "2027-02-20 班": one day or range a line; '#' begins a remark."""
    found = Reading()
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        where = _("第 {number} 行").format(number=number)
        match = LINE.match(line)
        if not match:
            found.problems.append(_("{where}：“{line}”看不出日期，请按“2027-02-08 休”的格式写。").format(where=where, line=line[:30]))
            continue
        first = a_day(*match.group(1, 2, 3))
        last = a_day(*match.group(4, 5, 6)) if match.group(4) else first
        word, _blank, why = re.sub(r"[\s,，、]+", " ", match.group(7)).strip().partition(" ")
        kind = WORDS.get(word.lower())
        if word == "调休":
            found.problems.append(_("{where}：“调休”可以是休、也可以是班，请写“休”或“班”。").format(where=where))
        elif kind is None:
            found.problems.append(_("{where}：日期后面请写“休”“班”“上午班”或“下午班”，现在是“{word}”。").format(where=where, word=word[:10]))
        else:
            found.add(where, first, last, kind, why.strip())
    if not found.entries and not found.problems:
        found.problems.append(_("没有读到任何日子，请粘贴通知全文，或每行写“2027-02-08 休”。"))
    return found


def read_notice(text: str, year: int | None = None) -> Reading:
    """国务院办公厅关于某年部分节假日安排的通知, pasted as it is.

    Each sentence that says 放假 or 上班 is read; what stands in brackets (农历, 周几) and advice (鼓励……) is not.
    """
    found = Reading()
    plain = re.sub(r"[（(][^（）()]*[）)]", "", text).replace(" ", "").replace("　", "")
    named = re.search(r"(\d{4})年\s*(?:部分节假日|元旦)", plain)
    of = int(named.group(1)) if named else year
    if of is None:
        found.problems.append(_("看不出是哪一年的通知，请先选年份，或把标题一起粘贴进来。"))
        return found
    name = ""
    for sentence in re.split(r"[。；;\n]", plain):
        head, colon, rest = sentence.replace(":", "：").rpartition("：")
        if colon:
            feast = FEAST.match(head)
            name = feast.group(1) if feast else ""
        # the preamble speaks of 放假 too, in general: only what stands under a feast's name is an arrangement
        rest = rest if colon else sentence
        if not name:
            continue
        if "鼓励" in rest:
            continue
        kind, words = (Kind.OFF, rest.partition("放假")[0]) if "放假" in rest else (Kind.WORK, rest) if "上班" in rest else (None, "")
        if kind is None:
            continue
        for span in NOTICE_SPAN.finditer(words):
            first_year, month, number, last_year, last_month, last = span.groups()
            start = a_day(first_year or of, month, number)
            end = a_day(last_year or first_year or of, last_month or month, last) if last else start
            found.add(f"“{span.group(0)}”", start, end, kind, name if kind is Kind.OFF else _("{name}调休上班").format(name=name))
    if not found.entries and not found.problems:
        found.problems.append(_("没有读到放假和上班的日子，请粘贴通知全文。"))
    return found


def read_file(name: str, content: bytes) -> Reading:
    """A CSV or text file (UTF-8 or GB18030) or a workbook; columns by their heads 日期, 安排, 说明, else in this order."""
    if len(content) > MOST_BYTES:
        return Reading(problems=[_("文件超过 1 MB，不像一张节假日表，请核对。")])
    if content[:2] in (b"PK", b"\xd0\xcf"):
        try:
            rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        except CalamineError:
            return Reading(problems=[_("“{name}”打不开，请另存为 xlsx 或 csv 再试。").format(name=name)])
        return read_rows([[_cell(value) for value in row] for row in rows])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if is_notice([line.strip() for line in text.splitlines()]):
            return read_notice(text)
        return read_rows(list(csv.reader(text.splitlines(), delimiter="\t" if "\t" in text else ",")))
    return Reading(problems=[_("“{name}”的文字编码认不出来，请另存为 UTF-8 的 csv。").format(name=name)])


def read_rows(rows: list[list[str]]) -> Reading:
    """Rows of a table as lines; a head row says which column is which."""
    order = [0, 1, 2]
    lines = []
    for row in rows:
        cells = [cell.strip() for cell in row]
        columns = {what: next((i for i, cell in enumerate(cells) if cell.lower() in heads), None) for what, heads in HEADS.items()}
        if columns["day"] is not None and columns["kind"] is not None:
            order = [columns["day"], columns["kind"], *([columns["why"]] if columns["why"] is not None else [])]
            lines.append("")
        else:
            lines.append(" ".join(cells[i] for i in order if i < len(cells)))
    return read_lines(lines)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
