"""How a county's clerk lays a table out and saves it: headings, order, shape and container, drawn anew for every file.

Invariant: every shape and every container comes up in each county, since they are dealt like cards; every physical row
of every file is named in the truth.
"""

from __future__ import annotations

import dataclasses
import random

from minqing.synth import biff, sheets
from minqing.synth.people import Village
from minqing.synth.tables import (
    Column,
    Entry,
    File,
    Ledger,
    Show,
    as_compact,
    as_date,
    as_dots,
    as_education,
    as_ethnicity,
    as_marital,
    as_relation,
    as_sex,
    as_slash,
    pages,
)
from minqing.synth.wild_words import GROUPS, HEADINGS, INSTRUCTIONS

DATES = {"birth", "in_date", "cancel_date", "arr", "until", "signed", "follow", "issued", "check", "date_pension", "date_biz"}
SHOWN: dict[str, Show] = {"sex": as_sex, "eth": as_ethnicity, "edu": as_education, "mar": as_marital, "rel": as_relation}
P, H, C, M = "person", "household", "contact", "matter"


@dataclasses.dataclass(frozen=True)
class Layout:
    """A kind of file. ``columns``: (field, pool of headings, group); a ? behind the pool means: not in every file."""

    department: str
    folder: str
    title: str
    names: tuple[str, ...]
    columns: tuple[tuple[str, str, str], ...]
    shapes: tuple[str, ...]
    block: tuple[str, ...] = ()


def _columns(text: str) -> tuple[tuple[str, str, str], ...]:
    found = []
    for word in text.split():
        about, _, rest = word.partition(":")
        pool, _, group = rest.partition(":")
        found.append((about, pool or about, group or M))
    return tuple(found)


ANY = ("plain", "grouped", "tripled", "instructions", "paged", "shifted", "villages", "stacked", "beside", "noted", "continued")
LAYOUTS: dict[str, Layout] = {
    "register": Layout("01", "01_公安", "常住人口信息表", ("户籍人口导出", "人口信息", "常口"), _columns(
        "hh_no::household head_name::household rel::household name::person sex::person eth:eth?:person birth::person id_number::person reg_addr::contact edu:edu?:person"
        " mar:mar?:person in_date:in_date? from_where:from_where? cancel cancel_date cancel_reason"), ("grouped", "tripled", "instructions", "paged", "shifted", "stacked", "villages")),
    "floating": Layout("01", "01_公安", "流动人口信息登记表", ("流口登记", "来常人员"), _columns(
        "name::person sex::person id_number::person reg_addr::contact live_addr::contact phone::contact lname lphone arr reason permit until"), ("plain", "grouped", "instructions", "shifted")),
    "relief": Layout("02", "02_民政", "最低生活保障对象花名册", ("低保在册", "救助对象表"), _columns(
        "town:town? village name::person id_number::person family count sub_relief amount_relief cause since_relief bank:bank? account:account?"), ("plain", "grouped", "noted", "paged", "villages")),
    "elders": Layout("02", "02_民政", "老年人信息摸底表", ("老年人口摸底", "60岁以上人员"), _columns(
        "village name::person sex::person id_number::person age:age?:person lives ability children:children? live_addr::contact phone::contact guard gphone"),
        ("grouped", "instructions", "noted", "villages", "beside", "shifted", "paged")),
    "pensions": Layout("03", "03_人社", "城乡居民基本养老保险参保情况", ("居保参保", "养老待遇明细"), _columns(
        "pno_pension name::person id_number::person sex:sex?:person state_pension date_pension tier months treat from_ym amount_pension check phone::contact bank:bank?"), ("plain", "noted", "continued", "shifted")),
    "doctors": Layout("04", "04_卫健", "家庭医生签约服务居民名单", ("家签居民", "签约名单"), _columns(
        "name::person sex::person age:age?:person id_number::person phone::contact live_addr::contact station doctor signed group_health follow:follow? blood:blood? height:height?"),
        ("plain", "tripled", "grouped", "continued", "paged")),
    "disabled": Layout("05", "05_残联", "持证残疾人信息表", ("残疾人", "持证人员"), _columns(
        "village name::person sex::person disab id_number:id_number?:person cat grd reg_addr::contact phone::contact guard:guard? sub_disabled amount_disabled issued"), ("tripled", "grouped", "villages", "noted")),
    "insured": Layout("06", "06_医保", "城乡居民基本医疗保险参保明细", ("居民医保参保", "医保参保人员"), _columns(
        "pno_medical idtype:idtype? id_number::person name::person year kind_medical state_medical village:village_medical fee group_medical:group_medical?"), ("plain", "paged", "continued", "stacked")),
    "pupils": Layout("07", "07_教育", "中小学在校学生信息表", ("学生信息", "学籍导出"), _columns(
        "name::person sex::person id_number::person birth::person sno school grade class entry reg_addr::contact live_addr:live_addr?:contact pname pphone prel left"), ("plain", "grouped", "noted", "villages")),
    "houses": Layout("08", "08_自然资源和规划", "农村宅基地使用权和房屋信息", ("宅基地", "农房信息"), _columns(
        "village:village? plot name:owner id_number:owner_id house land area floors structure built"), ("plain", "grouped", "noted", "shifted")),
    "contracts": Layout("09", "09_农业农村", "农村土地承包经营权登记表", ("承包地", "土地确权"), _columns(
        "issuer name:holder id_number:holder_id family:holder_family contract_no field_name field_code contract measured"), ("plain", "noted", "shifted"), ("issuer", "name", "id_number", "family", "contract_no")),
    "shares": Layout("09", "09_农业农村", "股份经济合作社成员及股权登记表", ("股权登记", "成员花名册"), _columns(
        "village cert hname name:member rel sex:sex? id_number kind_share shares years"), ("plain", "grouped", "paged"), ("village", "cert", "hname")),
    "veterans": Layout("10", "10_退役军人事务", "优抚对象信息表", ("退役军人", "优抚人员"), _columns(
        "village name::person id_number::person birth:birth?:person kind_veteran start until:until_veteran card amount_veteran phone::contact"), ("plain", "noted", "grouped", "villages")),
    "businesses": Layout("11", "11_市场监管", "市场主体登记信息", ("个体户", "市场主体"), _columns(
        "uscc biz type name:legal id_number:legal_id date_biz state_biz biz_addr scope capital staff phone:phone_biz:contact"), ("plain", "noted", "shifted")),
}  # fmt: skip
#: Fields that must stand before others of their group, or beside them.
BOOKS = ("xlsx", "xls", "xlsx1904", "ods")
TEXTS = ("csv", "gb18030", "semicolon", "utf16", "tabs", "joined", "html", "pipes")
SPEECHLESS = ("新建 Microsoft Excel 工作表", "Sheet1(1)", "20261031导出", "新建文件夹(2)-副本", "1", "数据", "final最终版2")
TOGETHER = {"elders", "veterans", "disabled"}


class Draw:
    """Deals shapes and containers to one county's files."""

    def __init__(self, chance: random.Random, villages: tuple[Village, ...]) -> None:
        """``villages`` in the order in which split files name them."""
        self.chance, self.villages = chance, villages
        self._books, self._texts = self._deck(BOOKS), self._deck(TEXTS)
        self._dealt: dict[str, int] = {}
        self._speechless = list(SPEECHLESS)
        chance.shuffle(self._speechless)
        self._together_name = self._speechless.pop()
        self.together: list[Ledger] = []
        self._sheet = 0

    def _deck(self, cards: tuple[str, ...]) -> list[str]:
        deck = list(cards)
        self.chance.shuffle(deck)
        return deck

    def _shape(self, layout: Layout) -> str:
        """The shape of this kind that came up least so far."""
        shapes = list(layout.shapes)
        self.chance.shuffle(shapes)
        shape = min(shapes, key=lambda name: self._dealt.get(name, 0))
        self._dealt[shape] = self._dealt.get(shape, 0) + 1
        return shape

    def files(self, kind: str, entries: list[Entry]) -> list[File]:
        """One kind's files (more than one where each village has its own, none where it waits for the common workbook)."""
        layout = LAYOUTS[kind]
        if kind in TOGETHER:
            return self._common(layout, entries)
        shape = self._shape(layout)
        needs_book = shape in {"grouped", "tripled", "villages", "continued"} or bool(layout.block)
        form = self._next(self._books if needs_book else self._texts, BOOKS if needs_book else TEXTS)
        form = "xlsx" if form == "ods" and (shape in {"grouped", "tripled", "villages", "continued"} or layout.block) else form
        columns = self._columns(layout, form)
        ledgers = self._laid_out(layout, shape, columns, entries, form)
        return [self._saved(layout, form, shape, ledgers)]

    @staticmethod
    def _next(deck: list[str], cards: tuple[str, ...]) -> str:
        card = deck.pop(0)
        deck.append(card)
        return card

    def _common(self, layout: Layout, entries: list[Entry]) -> list[File]:
        """Several departments' sheets in one workbook, under a name that says nothing."""
        shape = self._shape(dataclasses.replace(layout, shapes=tuple(s for s in layout.shapes if s != "villages")))
        self._sheet += 1
        ledgers = self._laid_out(layout, shape, self._columns(layout, "xlsx"), entries, "xlsx")
        for ledger in ledgers:
            ledger.sheet.name = f"Sheet{self._sheet}"
        self.together += ledgers
        if self._sheet < len(TOGETHER):
            return []
        return [File(f"{self._together_name}.xlsx", "", "xlsx", sheets.as_xlsx(pages(*self.together)), self.together)]

    def _columns(self, layout: Layout, form: str) -> list[Column]:
        kept = [c for c in layout.columns if not c[1].endswith("?") or self.chance.random() < 0.6]
        day = self.chance.choice([as_slash, as_compact, as_dots, None] if form in TEXTS else [as_slash, as_dots, as_date, None])
        columns = []
        for about, pool, group in kept:
            show = day if about in DATES and pool != "until_veteran" else SHOWN.get(about)
            words = HEADINGS[pool.rstrip("?")]
            columns.append(Column(about, self.chance.choice(words), group, show))
        if not layout.block:
            groups = [P, H, C, M]
            self.chance.shuffle(groups)
            order = {name: at for at, name in enumerate(groups)}
            columns.sort(key=lambda c: (order[c.above], self.chance.random()))
        if self.chance.random() < 0.7:
            columns.insert(0, Column("serial", self.chance.choice(HEADINGS["serial"])))
        return columns

    @staticmethod
    def _forget_unwritten(columns: list[Column], entries: list[Entry]) -> None:
        """A mistake in a column that this file does not have was not made."""
        abouts = {c.about for c in columns}
        for entry in entries:
            entry.dirt = [d for d in entry.dirt if d.get("f") is None or d["f"] in abouts]

    def _laid_out(self, layout: Layout, shape: str, columns: list[Column], entries: list[Entry], form: str) -> list[Ledger]:
        self._forget_unwritten(columns, entries)
        flat = [dataclasses.replace(c, above="") for c in columns]
        name = "" if form in TEXTS else "Sheet1"
        lay = {"grouped": self._grouped, "tripled": self._tripled, "instructions": self._instructions, "paged": self._paged, "shifted": self._shifted,
               "villages": self._villages, "stacked": self._stacked, "beside": self._beside, "noted": self._noted, "continued": self._continued}.get(shape)  # fmt: skip
        if lay is None:
            ledger = Ledger(name, layout.department, flat)
            ledger.header()
            ledgers = [self._filled(ledger, layout, entries, form)]
        else:
            ledgers = lay(layout, columns if shape in {"grouped", "tripled"} else flat, entries, name, form)
        return ledgers

    def _filled(self, ledger: Ledger, layout: Layout, entries: list[Entry], form: str) -> Ledger:
        """The rows; a household's common cells merged in workbooks, left empty in text."""
        rows = [ledger.add(entry) for entry in entries]
        if not layout.block:
            return ledger
        first = 0
        for at in range(1, len(entries) + 1):
            if at == len(entries) or entries[at].values["_block"] != entries[first].values["_block"]:
                present = [a for a in layout.block if any(c.about == a for c in ledger.columns)]
                ledger.merge_down(rows[first], rows[at - 1], *present)
                first = at
        if form in TEXTS:
            ledger.sheet.merges.clear()
        return ledger

    def _grouped(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        columns = [dataclasses.replace(c, above=self._group(c.above)) if c.above else c for c in columns]
        ledger = Ledger(name, layout.department, columns)
        ledger.title(f"{self.villages[0].county}{layout.title}", "填报单位（盖章）：          2026年10月31日        单位：人、元")
        ledger.header()
        self._filled(ledger, layout, entries, form)
        ledger.line("signature", "审核人：            填表人：            联系电话：0570-700xxxx")
        return [ledger]

    def _group(self, group: str) -> str:
        return GROUPS[group][self.villages[0].code.encode()[5] % len(GROUPS[group])]

    def _tripled(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        """A title inside the heading, groups, words."""
        columns = [dataclasses.replace(c, above=self._group(c.above)) if c.above else c for c in columns]
        ledger = Ledger(name, layout.department, columns)
        ledger.title(layout.title)
        middle = max(2, len(columns) // 2)
        top = ledger.line("header", "基础数据", *[""] * (middle - 1), "补充数据")
        ledger.sheet.merges += [(top - 1, 0, top - 1, middle - 1), (top - 1, middle, top - 1, len(columns) - 1)]
        ledger.header()
        return [self._filled(ledger, layout, entries, form)]

    def _instructions(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        """The heading stands far below the filling instructions."""
        ledger = Ledger(name, layout.department, columns)
        ledger.line("title", layout.title)
        for text in INSTRUCTIONS[: 14 + self.chance.randrange(4)]:
            ledger.line("note", text)
        for _ in range(self.chance.randrange(0, 24)):
            ledger.line("blank")
        ledger.header()
        return [self._filled(ledger, layout, entries, form)]

    def _paged(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        """Every printed page repeats title and heading and ends with a subtotal and a page number."""
        ledger = Ledger(name, layout.department, columns)
        size = 17
        parts = [entries[at : at + size] for at in range(0, len(entries), size)]
        for number, part in enumerate(parts, 1):
            ledger.line("title", f"{layout.title}（续表）" if number > 1 else layout.title)
            ledger.header()
            for entry in part:
                ledger.add(entry)
            ledger.line("total", "本页小计", f"{len(part)}")
            ledger.line("note", f"第{number}页　共{len(parts)}页")
        ledger.line("total", "合　计", f"{len(entries)}")
        return [ledger]

    def _shifted(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        """Empty columns at the left and inside, and a column with a label nobody can use."""
        at = self.chance.randrange(2, len(columns))
        columns = [Column("_a", ""), Column("_b", ""), *columns[:at], Column("_c", ""), Column("_remark", "网格员评价"), *columns[at:]]
        ledger = Ledger(name, layout.department, columns)
        ledger.line("blank")
        ledger.header()
        self._filled(ledger, layout, entries, form)
        return [ledger]

    def _villages(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        """A sheet per village, named by it; the village's column is gone, and each sheet has its own order."""
        ledgers = []
        for village in self.villages:
            own = [c for c in columns if c.about not in {"village", "town"}]
            self.chance.shuffle(own)
            ledger = Ledger(village.name, layout.department, own)
            ledger.title(f"{village.name}{layout.title}")
            ledger.header()
            rows = [e for e in entries if e.values["_home"].village is village]
            self._filled(ledger, layout, rows, form)
            ledger.line("total", "小计", f"{len(rows)}人")
            ledgers.append(ledger)
        return ledgers

    def _stacked(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        """Two tables in one sheet, one below the other, the second with its own order of columns."""
        ledger = Ledger(name, layout.department, columns)
        ledger.header()
        half = len(entries) // 2
        self._filled(ledger, layout, entries[:half], form)
        ledger.line("total", "小计", f"{half}")
        ledger.line("blank")
        ledger.line("title", f"{layout.title}（二）")
        ledger.columns = list(columns)
        self.chance.shuffle(ledger.columns)
        ledger.header()
        for entry in entries[half:]:
            ledger.add(entry)
        return [ledger]

    def _beside(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        """Two halves beside each other to save paper: the truth names a line twice, once for each half."""
        ledger = Beside(name, layout.department, columns)
        ledger.line("title", layout.title)
        ledger.line("header", *[c.heading for c in columns], *[c.heading for c in columns])
        half = (len(entries) + 1) // 2
        for at in range(half):
            ledger.pair(entries[at], entries[at + half] if at + half < len(entries) else None)
        return [ledger]

    def _noted(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        """A title and a note above, totals in the middle after each village, and remarks below."""
        ledger = Ledger(name, layout.department, columns)
        ledger.line("title", f"{self.villages[0].town}{layout.title}")
        ledger.line("note", "单位：元、亩", "", "统计日期：2026年10月")
        ledger.header()
        if layout.block:
            self._filled(ledger, layout, entries, form)
        else:
            for village in self.villages:
                rows = [e for e in entries if e.values["_home"].village is village]
                for entry in rows:
                    ledger.add(entry)
                ledger.line("total", f"{village.name}小计", f"{len(rows)}")
        ledger.line("total", "总　　计", f"{len(entries)}")
        ledger.line("note", "注：本表数据截至2026年10月31日。")
        return [ledger]

    def _continued(self, layout: Layout, columns: list[Column], entries: list[Entry], name: str, form: str) -> list[Ledger]:
        """The list goes on in a second sheet without a heading."""
        first, second = Ledger("第一页", layout.department, columns), Ledger("第二页", layout.department, columns)
        first.header()
        half = len(entries) // 2
        return [self._filled(first, layout, entries[:half], form), self._filled(second, layout, entries[half:], form)]

    def _saved(self, layout: Layout, form: str, shape: str, ledgers: list[Ledger]) -> File:
        speechless = self.chance.random() < 0.35 and self._speechless
        stem = self._speechless.pop() if speechless else f"{self.villages[0].county}{self.chance.choice(layout.names)}"
        folder = f"{layout.folder}/" if self.chance.random() < 0.4 else ""
        first = ledgers[0].sheet
        if form in {"xlsx", "xlsx1904"}:
            content = sheets.as_xlsx(pages(*ledgers), epoch_1904=form == "xlsx1904")
            return File(f"{folder}{stem}.xlsx", layout.department, "xlsx", content, ledgers, note=shape)
        if form == "xls":
            return File(f"{folder}{stem}.xls", layout.department, "xls", biff.as_xls(pages(*ledgers)), ledgers, note=shape)
        if form == "ods":
            return File(f"{folder}{stem}.ods", layout.department, "ods", sheets.as_ods(pages(*ledgers)), ledgers, note=shape)
        if form == "html":
            return File(f"{folder}{stem}.xls", layout.department, "html", sheets.as_html(first), ledgers, "utf-8", note=shape)
        encoding = {"csv": "utf-8-sig", "gb18030": "gb18030", "semicolon": "utf-8", "utf16": "utf-16", "tabs": "gb18030", "joined": "utf-8-sig", "pipes": "utf-8"}[form]
        delimiter = {"semicolon": ";", "utf16": "\t", "tabs": "\t", "pipes": "|"}.get(form, ",")
        content = sheets.as_csv(first, encoding=encoding, delimiter=delimiter)
        if form == "joined":
            # Two exports put together with "copy a+b c": a mark in the middle of the file, before an ordinary row.
            lines = content.split(b"\r\n")
            at = max(len(lines) * 2 // 3, 2)
            content = b"\r\n".join([*lines[:at], b"\xef\xbb\xbf" + lines[at], *lines[at + 1 :]])
        suffix = {"tabs": "xls", "utf16": "txt", "pipes": "txt"}.get(form, "csv")
        return File(f"{folder}{stem}.{suffix}", layout.department, "tsv" if delimiter == "\t" else "csv", content, ledgers, encoding, note=shape)


class Beside(Ledger):
    """Two entries in one physical row."""

    def __init__(self, name: str, department: str, columns: list[Column]) -> None:
        """As `Ledger`; every column stands twice."""
        super().__init__(name, department, columns)
        self.right: dict[int, Entry] = {}

    @property
    def width(self) -> int:
        """Twice the number of columns."""
        return 2 * len(self.columns)

    def pair(self, left: Entry, right: Entry | None) -> None:
        """One row of two people."""
        number = self.add(left)
        if right is None:
            self.sheet.rows[number - 1] += [""] * len(self.columns)
            return
        self.add(right)
        self.kinds.pop()
        self.sheet.rows[number - 1] += self.sheet.rows.pop()
        self.right[number] = self.entries.pop(number + 1)
        left.dirt, left.level = [*left.dirt, *right.dirt], left.level or right.level  # one row, one treatment: the more careful
        self.entries[number].also = [*self.entries[number].also, self.right[number].person] if self.right[number].person else self.entries[number].also

    def all_entries(self) -> list[Entry]:
        """Left and right."""
        return [*self.entries.values(), *self.right.values()]
