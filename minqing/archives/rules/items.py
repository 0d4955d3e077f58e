"""The items of the household's file: number, label, level, code table, who has the last word (domain.md §6.1).

Invariant: every editable field of a resident, household or dwelling stands here once; what is not here is not asked,
not shown and not kept. `authorities` are department numbers, the first has the last word; `visit` says whether a visit
or a desk edit (source "V") may overrule the departments. Identity and benefits: never (DESIGN §5).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from minqing.lib import codes

DEPARTMENTS = {
    "00": "乡镇街道", "01": "公安", "02": "民政", "03": "人社", "04": "卫健", "05": "残联", "06": "医保", "07": "教育",
    "08": "自然资源和规划", "09": "农业农村", "10": "退役军人事务", "11": "市场监管", "V": "走访或本人陈述",
}


#: Fields that hold one of a few words, chosen from a list of this program.
CHOSEN_WORDS = frozenset({"use_kind", "kind"})
#: What a plot is (`kind` of a plot).
PLOT_KINDS = ("承包地", "山林", "自留地", "自留山", "其他")


@dataclass(frozen=True, slots=True)
class Item:
    """One field of the file. `kind`: text, code, date, secret (stored encrypted), number, flag."""

    field: str
    number: str
    label: str
    level: int
    authorities: tuple[str, ...]
    visit: bool = False
    table: str = "resident"
    codes: codes.CodeTable | None = None
    kind: str = "text"

    def shown(self, value: object) -> str:
        """A value as a page writes it: the label of a code, a date as written, 是/否."""
        if value is None or value == "":
            return ""
        if self.codes is not None:
            return named(self.codes, str(value))
        if self.kind == "flag":
            return _("是") if value else _("否")
        if self.field in CHOSEN_WORDS:
            return _(str(value))
        return str(value)


def named(table: codes.CodeTable, code: str) -> str:
    """The label of a code in the language of whoever reads: the standard's own words in Chinese, the table's in English."""
    return table.name_in(get_language() or "", code)


def choices(table: codes.CodeTable) -> tuple[tuple[str, str], ...]:
    """(code, label) pairs for a form, in the reader's language."""
    return table.choices_in(get_language() or "")


def _resident(field: str, number: str, label: str, level: int, authorities: str, *, visit: bool = False, table: codes.CodeTable | None = None, kind: str = "") -> Item:
    return Item(field, number, label, level, tuple(authorities.split()), visit, "resident", table, kind or ("code" if table else "text"))


def _other(field: str, number: str, label: str, level: int, authorities: str, *, of: str, visit: bool = False, kind: str = "text", table: codes.CodeTable | None = None) -> Item:
    return Item(field, number, label, level, tuple(authorities.split()), visit, of, table, kind)


RESIDENT: tuple[Item, ...] = (
    _resident("name", "R01", "姓名", 3, "01"),
    _resident("former_name", "R01", "曾用名", 3, "01"),
    _resident("id_kind", "R02", "证件类型", 3, "01", table=codes.DOCUMENT),
    _resident("id_number", "R02", "证件号码", 3, "01", kind="secret"),
    _resident("sex", "R03", "性别", 2, "01", table=codes.SEX),
    _resident("birth_date", "R04", "出生日期", 3, "01", kind="date"),
    _resident("ethnicity", "R05", "民族", 3, "01", table=codes.NATION),
    _resident("hometown", "R05", "籍贯", 3, "01"),
    _resident("registered_area", "R06", "户籍地代码", 3, "01"),
    _resident("registered_address", "R06", "户籍地详址", 3, "01"),
    _resident("registration_kind", "R06", "户口性质", 3, "01", table=codes.REGISTRATION),
    _resident("living_area", "R07", "现居住地代码", 3, "01", visit=True),
    _resident("living_address", "R07", "现居住地详址", 3, "01", visit=True),
    _resident("living_elsewhere", "R07", "外出地", 3, "03 01", visit=True),
    _resident("residence_match", "R07", "人户一致标识", 3, "01", visit=True, table=codes.RESIDENCE_MATCH),
    _resident("phone", "R09", "联系电话", 3, "", visit=True, kind="secret"),
    _resident("emergency_name", "R09", "紧急联系人", 3, "", visit=True),
    _resident("emergency_phone", "R09", "紧急联系人电话", 3, "", visit=True, kind="secret"),
    _resident("marriage", "R10", "婚姻状况", 3, "02 01", table=codes.MARRIAGE),
    _resident("education", "R11", "学历", 3, "07 01", table=codes.EDUCATION),
    _resident("school", "R11", "在读学校", 3, "07"),
    _resident("political", "R12", "政治面貌", 3, "", visit=True, table=codes.POLITICS),
    _resident("party_branch", "R12", "党支部", 3, "", visit=True),
    _resident("party_post", "R12", "党员服务岗", 3, "", visit=True),
    _resident("employment", "R13", "从业状况", 3, "03", visit=True, table=codes.EMPLOYMENT),
    _resident("workplace", "R13", "工作单位", 3, "03 01", visit=True),
    _resident("pension_status", "R14", "养老参保状态", 3, "03"),
    _resident("pension_benefit", "R14", "养老待遇状态", 3, "03"),
    _resident("medical_kind", "R15", "医保险种", 3, "06"),
    _resident("medical_status", "R15", "医保参保状态", 3, "06"),
    _resident("medical_year", "R15", "医保年度", 3, "06"),
)

HOUSEHOLD: tuple[Item, ...] = (
    _other("number", "R08", "户号", 3, "01", of="household"),
    _other("relation", "R08", "与户主关系", 3, "01", of="membership", kind="code", table=codes.RELATION),
    _other("address", "H01", "地址", 3, "01 08", of="household", visit=True),
    _other("natural_village", "H01", "自然村", 2, "00 01", of="household", visit=True),
    _other("group_no", "H01", "村民小组", 2, "00 01", of="household", visit=True),
    _other("door", "H01", "门牌", 3, "01", of="household", visit=True),
    _other("caution", "E01", "上门提示", 3, "", of="household", visit=True),
    _other("difficulties", "E01", "主要困难", 3, "", of="household", visit=True),
    _other("wishes", "E01", "愿望", 3, "", of="household", visit=True),
)

DWELLING: tuple[Item, ...] = (
    _other("code", "H01", "房屋编码", 2, "08 01", of="dwelling"),
    _other("address", "H01", "标准地址", 2, "01 08", of="dwelling", visit=True),
    _other("natural_village", "H01", "自然村", 2, "00", of="dwelling", visit=True),
    _other("group_no", "H01", "村民小组", 2, "00", of="dwelling", visit=True),
    _other("doorplate", "H01", "门牌", 2, "01", of="dwelling", visit=True),
    _other("building", "H01", "幢", 2, "01 08", of="dwelling", visit=True),
    _other("unit", "H01", "单元", 2, "01 08", of="dwelling", visit=True),
    _other("floor", "H01", "层", 2, "01 08", of="dwelling", visit=True),
    _other("room", "H01", "室", 2, "01 08", of="dwelling", visit=True),
    _other("longitude", "H01", "经度", 2, "08", of="dwelling", kind="number"),
    _other("latitude", "H01", "纬度", 2, "08", of="dwelling", kind="number"),
    _other("purpose", "H02", "用途", 2, "08", of="dwelling", visit=True),
    _other("structure", "H02", "结构", 2, "08", of="dwelling", visit=True),
    _other("floors", "H02", "层数", 2, "08", of="dwelling", visit=True, kind="number"),
    _other("floor_area", "H02", "建筑面积(㎡)", 2, "08", of="dwelling", kind="number"),
    _other("built_year", "H02", "建成年份", 2, "08", of="dwelling", visit=True, kind="number"),
    _other("owner_name", "H03", "权利人", 3, "08", of="dwelling"),
    _other("title_no", "H03", "不动产权证号", 3, "08", of="dwelling"),
    _other("plot_area", "H04", "宅基地面积(㎡)", 3, "09 08", of="dwelling", kind="number"),
    _other("plot_approval", "H04", "宅基地审批", 3, "09 08", of="dwelling"),
    _other("several_plots", "H04", "一户多宅标识", 3, "09 08", of="dwelling", kind="flag"),
    _other("use_kind", "H05", "居住情况", 3, "", of="dwelling", visit=True),
    _other("safety", "H08", "安全状况", 2, "08", of="dwelling", visit=True),
)

PLOT: tuple[Item, ...] = (
    _other("name", "O04", "地块名称", 2, "09", of="plot", visit=True),
    _other("kind", "O04", "地类", 2, "09 08", of="plot", visit=True),
    _other("code", "O04", "地块编码", 2, "09", of="plot"),
    _other("contract_no", "O04", "承包合同编号", 3, "09", of="plot"),
    _other("title_no", "O04", "权证号", 3, "09 08", of="plot"),
    _other("area_mu", "O04", "合同面积(亩)", 3, "09", of="plot", kind="number"),
    _other("measured_mu", "O04", "实测面积(亩)", 3, "09", of="plot", kind="number"),
    _other("east", "O04", "东至", 3, "09", of="plot", visit=True),
    _other("south", "O04", "南至", 3, "09", of="plot", visit=True),
    _other("west", "O04", "西至", 3, "09", of="plot", visit=True),
    _other("north", "O04", "北至", 3, "09", of="plot", visit=True),
    _other("holder_name", "O04", "承包方代表", 3, "09", of="plot"),
    _other("starts_on", "O04", "承包期起", 3, "09", of="plot", kind="date"),
    _other("ends_on", "O04", "承包期止", 3, "09", of="plot", kind="date"),
    _other("note", "O04", "备注", 3, "", of="plot", visit=True),
)

#: Fields of a resident by name: what `residents.change` accepts.
ITEMS: dict[str, Item] = {item.field: item for item in RESIDENT}
HOUSEHOLD_ITEMS: dict[str, Item] = {item.field: item for item in HOUSEHOLD}
DWELLING_ITEMS: dict[str, Item] = {item.field: item for item in DWELLING}
PLOT_ITEMS: dict[str, Item] = {item.field: item for item in PLOT}

#: R16–R18 live in tables of their own, level 4, read with a reason in words.
SENSITIVE = {
    "health": ("R16", "健康服务", ("04",)),
    "disability": ("R17", "残疾", ("05",)),
    "relief": ("R18", "救助与优抚", ("02", "10", "04")),
}


def label_of(field: str, value: object, *, table: str = "resident") -> str:
    """How a page writes a value of a field; the value itself for fields that are not items."""
    known = {"resident": ITEMS, "dwelling": DWELLING_ITEMS, "plot": PLOT_ITEMS}.get(table, HOUSEHOLD_ITEMS)
    item = known.get(field)
    return item.shown(value) if item else ("" if value is None else str(value))


def source_label(source: str) -> str:
    """The department's name; what is unknown is named as it is."""
    return _(DEPARTMENTS[source]) if source in DEPARTMENTS else source or _("未注明")


def desk_may(field: str, *, source: str, empty: bool) -> bool:
    """Whether a visit or desk edit changes a resident's field itself; otherwise its department is asked to verify (核实).

    Benefits (R14, R15) are never written here. Identity and other departments' fields are filled while empty, and corrected
    while they rest on a colleague's own earlier word.
    """
    item = ITEMS.get(field)
    if item is None or item.number in ("R14", "R15"):
        return False
    return item.visit or empty or source == "V"
