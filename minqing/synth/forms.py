"""The departments' usual forms, headed as in the sample village, and the small steps that fill them.

Who makes ordinary files (斗潭社区, the practice village) takes the columns from here; the nastier county brings its own.
"""

from __future__ import annotations

from minqing.synth import sheets
from minqing.synth.tables import (
    Column,
    Entry,
    File,
    Ledger,
    as_education,
    as_ethnicity,
    as_marital,
    as_relation,
    as_sex,
    as_slash,
)

POLICE_COLUMNS = [
    Column("serial", "序号"), Column("hh_no", "户号"), Column("head_name", "户主姓名"), Column("rel", "与户主关系", show=as_relation),
    Column("name", "姓名"), Column("former", "曾用名"), Column("sex", "性别"), Column("eth", "民族", show=as_ethnicity),
    Column("birth", "出生日期", show=as_slash), Column("id_number", "公民身份号码"), Column("origin", "籍贯"),
    Column("reg_addr", "户口所在地详址"), Column("edu", "文化程度", show=as_education), Column("mar", "婚姻状况", show=as_marital),
    Column("military", "兵役状况"), Column("work", "服务处所"), Column("job", "职业"), Column("in_date", "迁入日期", show=as_slash),
    Column("from_where", "何地迁来"), Column("cancel", "注销标志"), Column("cancel_date", "注销日期", show=as_slash),
    Column("cancel_reason", "注销原因"),
]  # fmt: skip
FLOATING_COLUMNS = [
    Column("serial", "序号"), Column("name", "姓名"), Column("sex", "性别"), Column("id_number", "身份证号"),
    Column("reg_addr", "户籍地址"), Column("live_addr", "居住地址"), Column("phone", "联系电话"),
    Column("lname", "姓名", "房东"), Column("lphone", "电话", "房东"), Column("arr", "来本地日期", show=as_slash),
    Column("reason", "居住事由"), Column("permit", "居住证号"), Column("until", "有效期至", show=as_slash),
]  # fmt: skip
LETTING_COLUMNS = [
    Column("serial", "序号"), Column("house", "出租房地址"), Column("name", "姓名", "出租人"),
    Column("id_number", "身份证号", "出租人"), Column("phone", "联系电话", "出租人"), Column("tname", "姓名", "承租人"),
    Column("tid", "证件号码", "承租人"), Column("tphone", "电话", "承租人"), Column("count", "承租人数"),
    Column("since", "起租日期", show=as_slash), Column("use", "出租用途"),
]  # fmt: skip
ELDER_COLUMNS = [
    Column("village", "村(社区)"), Column("name", "老人姓名"), Column("sex", "性别"), Column("id_number", "身份证号码"),
    Column("age", "年龄"), Column("lives", "居住情况"), Column("children", "子女情况"), Column("ability", "能力评估"),
    Column("live_addr", "现居住地"), Column("phone", "联系电话"), Column("guard", "监护人"), Column("gphone", "紧急联系人电话"),
]  # fmt: skip
PENSION_COLUMNS = [
    Column("pno", "个人编号"), Column("id_number", "社会保障号码"), Column("name", "姓名"), Column("sex", "性别", show=as_sex),
    Column("state", "参保状态"), Column("date", "参保日期"), Column("tier", "缴费档次"), Column("months", "累计缴费月数"),
    Column("treat", "待遇状态"), Column("from_ym", "待遇起始年月"), Column("amount", "月待遇"), Column("check", "资格认证日期"),
]  # fmt: skip
INSURED_COLUMNS = [
    Column("pno", "人员编号"), Column("idtype", "证件类型"), Column("id_number", "证件号码"), Column("name", "姓名"),
    Column("year", "参保年度"), Column("kind", "险种"), Column("state", "参保状态"), Column("village", "参保地村(社)"),
    Column("fee", "缴费标准"), Column("group", "特殊人群标识"),
]  # fmt: skip
PUPIL_COLUMNS = [
    Column("serial", "序号"), Column("name", "姓名"), Column("sex", "性别", show=as_sex), Column("id_number", "身份证件号"),
    Column("birth", "出生日期"), Column("sno", "学籍号"), Column("school", "学校名称"), Column("grade", "年级"),
    Column("class", "班级"), Column("entry", "入学年月"), Column("reg_addr", "户口所在地"), Column("live_addr", "现住址"),
    Column("pname", "家长1姓名"), Column("pphone", "家长1电话"), Column("prel", "家长1关系"), Column("left", "是否留守儿童"),
    Column("follow", "是否随迁子女"), Column("board", "是否寄宿"),
]  # fmt: skip
DEED_COLUMNS = [
    Column("cert", "不动产权证号"), Column("unit", "不动产单元号"), Column("name", "权利人"), Column("id_number", "证件号"),
    Column("right", "权利类型"), Column("house", "坐落"), Column("land", "宗地面积(㎡)"), Column("area", "建筑面积(㎡)"),
    Column("use", "用途"), Column("date", "登记时间"),
]  # fmt: skip

POLICE_RATES = [
    ("D02", "id_number", 0.2), ("D01", "id_number", 0.008), ("D03", "id_number", 0.02), ("D04", "id_number", 0.008),
    ("D05.check", "id_number", 0.004), ("D16", "birth", 0.04), ("D18", "rel", 0.03), ("D18", "eth", 0.03),
    ("D18", "mar", 0.03), ("D18", "edu", 0.03), ("D11", "name", 0.008), ("D16.null", "cancel_date", 0.01),
]  # fmt: skip
OTHER_RATES = [
    ("D02", "id_number", 0.2), ("D01", "id_number", 0.01), ("D03", "id_number", 0.02), ("D03.space", "id_number", 0.01),
    ("D04", "id_number", 0.01), ("D09", "name", 0.01), ("D11", "name", 0.01), ("D20", "phone", 0.04),
]  # fmt: skip


def ledger(name: str, department: str, columns: list[Column], title: str = "", note: str = "") -> Ledger:
    """A sheet with its title, note and headings."""
    sheet = Ledger(name, department, columns)
    if title:
        sheet.title(title, note)
    sheet.header()
    return sheet


def fill(sheet: Ledger, entries: list[Entry]) -> Ledger:
    """Add all entries; returns the sheet."""
    for entry in entries:
        sheet.add(entry)
    return sheet


def text_file(path: str, department: str, sheet: Ledger, encoding: str) -> File:
    """A CSV file; GBK loses what it cannot hold."""
    content = sheets.as_csv(sheet.sheet, encoding=encoding, lossy=encoding == "gbk")
    return File(path, department, "csv", content, [sheet], encoding)
