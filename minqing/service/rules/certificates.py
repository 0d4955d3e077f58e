"""证明: what a village may not issue (民发〔2020〕20号, 20 items), what it may, and how a text is filled.

Invariants: pure tables and functions; a code that begins with `no_` is never issued, whatever a county writes; every named field of a
template comes from the file with its source or is asked from the drafter, and no text is finished while one is empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BASIS = "民发〔2020〕20号《关于改进和规范基层群众性自治组织出具证明工作的指导意见》"
FORBIDDEN_PREFIX = "no_"
NAMED = re.compile(r"\{([^{}\s]{1,12})\}")
#: Named fields that the file fills: name in a template → field of the resident ('' = of the place or the household).
FROM_FILE = {"姓名": "name", "性别": "sex", "出生日期": "birth_date", "户籍地": "registered_address", "现居住地": "living_address", "村名": ""}
STATES = [("draft", "等第二人批"), ("issued", "有效"), ("refused", "没有批"), ("revoked", "已撤销")]


@dataclass(frozen=True)
class Item:
    """One certificate as it holds at a place."""

    code: str
    name: str
    allowed: bool
    basis: str = BASIS
    office: str = ""
    bring: str = ""
    template: str = ""

    @property
    def fields(self) -> list[str]:
        return named(self.template)

    @property
    def asked(self) -> list[str]:
        return [f for f in self.fields if f not in FROM_FILE]


def named(template: str) -> list[str]:
    """Names of the fields of a template, each once, in order."""
    return list(dict.fromkeys(NAMED.findall(template)))


def fill(template: str, values: dict[str, str]) -> str:
    """The text; raises KeyError for a field without value. What a person wrote is never read as a template again."""
    def put(found: re.Match[str]) -> str:
        value = values[found.group(1)].strip()
        if not value:
            raise KeyError(found.group(1))
        return value
    return NAMED.sub(put, template)


def _no(code: str, name: str, office: str, bring: str) -> Item:
    return Item(FORBIDDEN_PREFIX + code, name, False, BASIS, office, bring)


FORBIDDEN = (
    _no("kinship", "亲属关系证明", "派出所（曾同户）、公证处、档案馆", "户口簿、身份证；曾同户的到派出所查，其他的凭公证或人事档案"),
    _no("identity", "居民身份信息证明", "派出所", "身份证、户口簿"),
    _no("register", "户口登记项目变更申请证明", "派出所", "户口簿、身份证和变更依据的原件"),
    _no("dog", "居民养犬证明", "公安（或城管）养犬登记窗口", "身份证、住所凭证、犬只免疫证"),
    _no("crime", "无犯罪记录证明", "派出所", "身份证；也可网上申请"),
    _no("drugs", "社区戒毒康复人员情况（表现）证明", "公安、司法所", "身份证、社区戒毒（康复）决定书"),
    _no("missing", "人员失踪证明", "公安、法院", "报案回执、户口簿；宣告失踪向法院申请"),
    _no("marriage", "婚姻状况证明", "民政婚姻登记处", "身份证、户口簿；或由本人书面声明"),
    _no("birth", "出生证明", "助产机构", "父母身份证、住院分娩记录"),
    _no("alive", "居民健在证明", "人社（社保）窗口", "本人带身份证到场；行动不便可约上门"),
    _no("death", "死亡证明", "医疗机构（正常死亡）、公安（非正常死亡）", "逝者身份证、户口簿、申报人身份证"),
    _no("illness", "疾病状况证明", "医院", "身份证、病历、诊断书"),
    _no("disability", "残疾状况证明", "残联", "身份证、残疾人证；没有的到残联申请评定"),
    _no("childbearing", "婚育状况证明", "卫健部门", "身份证、户口簿、结婚证"),
    _no("employment", "居民就业状况证明", "人社窗口", "身份证、社保参保记录"),
    _no("archives", "居民个人档案证明", "档案管理机构（人社、学校或原单位）", "身份证、调档函"),
    _no("property", "居民财产证明", "不动产登记中心、银行", "身份证；房产查登记，存款由银行出具"),
    _no("inheritance", "遗产继承权公证证明", "公证处、法院", "身份证、死亡证明、亲属关系和财产凭证"),
    _no("premises", "市场主体住所证明", "市场监管窗口", "住所承诺书、租赁合同或产权凭证"),
    _no("lost", "证件遗失证明", "原发证机关", "身份证、本人遗失声明"),
)
PERMITTED = (
    Item("member", "村集体经济组织成员身份说明", True, "《农村集体经济组织法》；按本村成员名册说明", template="{姓名}，{性别}，{出生日期}出生，户籍地{户籍地}。经查{村名}集体经济组织成员名册（{名册名称和页码}），{成员身份情况}。"),
    Item("shares", "集体股份、分红记录", True, "《农村集体经济组织法》；按本村股权台账记录", template="经查{村名}集体经济组织股权台账（{台账名称和页码}），{姓名}（{出生日期}出生）名下：{股份或分红记录}。"),
    Item("homestead", "宅基地申请村级意见", True, "《土地管理法》第六十二条、农业农村部门宅基地审批规定", template="{姓名}，户籍地{户籍地}，向本村申请宅基地。{村民会议或代表会议情况}。公示：{公示起止日期和结果}。本村意见：{村级意见}。"),
    Item("residence", "居住情况核实意见", True, "办事部门的核实函；本村只说核实到的情况", template="受{来函单位和文号}委托核实：{姓名}，{性别}，现居住地{现居住地}。核实方式：{怎么核实的}。核实到的情况：{核实到的情况}。"),
)
NATIONAL = {i.code: i for i in (*PERMITTED, *FORBIDDEN)}


def number(area: str, year: int, serial: int | None) -> str:
    """`330881002205-2026-0003`; '' while there is none."""
    return f"{area[:12]}-{year}-{serial:04d}" if serial else ""
