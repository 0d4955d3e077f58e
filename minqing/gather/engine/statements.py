"""Step `validate`: one row of `statement` per data row, whatever its kind, with everything that was found wrong with it.

The columns of a kind become the common spine (who, born when, where, alive or not) beside two JSON texts: `original`
(raw cells of kept columns) and `cleaned` (values of canonical fields). Invariant: what the number says of sex and birth
holds; a stated value that differs is a finding, never a change of the number.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from minqing.gather.engine import cleaning, plain, rules, store, templates
from minqing.gather.engine.cleaning import finding

#: Kinds whose subjects have an age by definition: outside of it the number is somebody else's (a father's on his child's row).
AGES = {"pupils": (2, 30), "children": (0, 22), "elders": (40, 125), "pregnancies": (12, 62)}
#: A stated birth further from the number's than this, in years, and on another day, is another person's.
OTHER_PERSON_YEARS = 10
#: Names that templates use for their example row.
EXAMPLE_NAMES = ("张三", "李四", "王五", "赵六", "某某", "某某某", "张某", "李某", "XXX", "xxx", "×××", "示例", "样例", "测试")
_DEAD = r"死亡|已故|去世|亡故|过世|病故|已死|身故|殁"
_MOVED = r"迁出|迁往|外迁|移居|出国定居"
#: Kinds that say a person is alive, served or paid; land, houses, shares and premises outlive their people.
ALIVE_KINDS = ("relief", "elders", "children", "pensions", "doctors", "pregnancies", "special_families", "disability", "medical", "pupils", "veterans", "floating", "ledger")


@ibis.udf.scalar.builtin
def to_json(value: str) -> str:
    """JSON of a struct; the signature is widened by `_json`."""


@ibis.udf.scalar.builtin
def json_merge_patch(target: str, patch: str) -> str:
    """RFC 7396: merging into an empty object drops every null."""


def _json(columns: dict[str, ir.Value]) -> ir.StringValue:
    """A JSON object of the columns that are not null."""
    struct = ibis.struct(columns)
    convert = ibis.udf.scalar.builtin(_signature("to_json"), name="to_json", signature=((struct.type(),), "string"))
    return json_merge_patch(ibis.literal("{}"), convert(struct)).cast("string")


def _signature(name: str) -> object:
    def function(value):  # noqa: ANN001, ANN202 - the signature is given beside
        """A built-in function of the engine."""

    function.__name__ = name
    return function


def column(table: ir.Table, name: str, kind: str = "string") -> ir.Value:
    """A column where the kind has it, a typed null where it has not."""
    return table[name] if name in table.columns else cleaning.absent(kind)


absent = cleaning.absent


def build(work: store.Workspace, kinds: list[str], context: rules.Context) -> None:
    """`spine`: the union of all kinds in common columns; `statement`: the same with identity, life and findings."""
    work.sql.execute("drop table if exists spine")
    for number, kind in enumerate(kind for kind in kinds if templates.by_key(kind).subject != "grid"):
        query = work.ibis.compile(_spine(work, kind))
        work.sql.execute(f"create table spine as {query}" if number == 0 else f"insert into spine by name {query}")
    work.forget("spine")
    table = _resettled(work, work.table("spine"))
    work.save("statement", _judged(_alive(_identified(table)), context))
    work.sql.execute(_STRANGERS)


#: A sheet of so many rows of which so large a share lies outside the batch's area was sent to the wrong place.
FEW, MOST = 3, 0.8
ELSEWHERE = "这张表里的人大多不在本次归集的地区，没有为他们建户：请核对是不是选错了文件或地区。"
_STRANGERS = f"""
update sheet set sentence = concat_ws(' ', nullif(sheet.sentence, ''), '{ELSEWHERE}') from (
  select sheet_no from statement where kind <> 'floating' group by sheet_no
  having count(*) >= {FEW} and count(*) filter (coalesce(registered_outside, living_outside, house_outside)
    and coalesce(registered_village, living_village, house_village) is null) >= {MOST} * count(*)) found
where sheet.sheet_no = found.sheet_no and not contains(coalesce(sheet.sentence, ''), '{ELSEWHERE}')
"""


#: Columns of the spine that are copied as they are, null where a kind has none.
_COPIED = (
    "name", "name__extra", "name__raw", "former_name", "id_number", "id_number__raw", "id_number__extra", "disability_number__raw", "disability_number__extra",
    "student_number__extra", "sex", "sex__raw", "birth_date", "birth_date__raw", "birth_date__extra", "household_number", "relation", "merged",
    "phone", "phone__extra", "phone_2", "phone_2__extra", "cancelled", "cancelled__raw", "cancelled_on", "cancel_reason", "cancel_reason__raw",
    "remark", "pension_state", "benefit_state", "insurance_state",
)  # fmt: skip


def _spine(work: store.Workspace, kind: str) -> ir.Table:
    template = templates.by_key(kind)
    table = work.table(f"clean_{kind}")
    names = cleaning.names_of(kind)
    places = {"registered": "registered_address", "living": "living_address", "house": _house_field(template)}
    values: dict[str, ir.Value] = {}
    for which, field in places.items():
        present = field in table.columns
        values[f"{which}_field"] = ibis.literal(field) if present else absent()
        values[f"{which}_address"], values[f"{which}_raw"] = column(table, field), column(table, f"{field}__raw")
        values[f"{which}_outside"] = column(table, f"{field}__outside", "boolean")
        for part, name in _PARTS.items():
            values[f"{which}_{part}"] = column(table, f"{field}__{name}")
    hints = [column(table, f"{field}__village") for field in ("village", "insured_at", "land_issuer")]
    return table.select(
        "statement_no", "file_no", "sheet_no", "line", "kind", "source", "as_of", "period", "findings",
        subject=ibis.literal(template.subject), role=ibis.literal(template.role), hint=ibis.coalesce(*hints),
        village_said=ibis.coalesce(column(table, "village__raw"), column(table, "insured_at__raw"), column(table, "land_issuer__raw")),
        head_name=ibis.coalesce(column(table, "head_name"), column(table, "representative_name")),
        head_id_number=ibis.coalesce(column(table, "head_id_number"), column(table, "representative_id_number")),
        **{name: column(table, name) for name in _COPIED}, **values,
        original=_json({name: table[f"{name}__raw"] for name in names}), values=_json({name: table[name] for name in names}),
    )  # fmt: skip


_PARTS = {"village": "village", "natural": "natural_village", "group": "group_no", "road": "road", "door": "door", "building": "building", "unit": "unit", "room": "room"}


def _judged(table: ir.Table, context: rules.Context) -> ir.Table:
    table = table.filter(~(table.name.isin(EXAMPLE_NAMES) & table.id_number.isnull()).fill_null(False))
    found = [*_identity_findings(table, context), *_life_findings(table), *_address_findings(table)]
    extra = ibis.array(found).filter(lambda item: item.notnull())
    repaired = table.id_repaired | table.id_confirmed
    # A number that another column or other departments prove is no longer a question; addresses were read again since.
    kept = table.findings.filter(lambda item: ~(repaired & item["field"].isin(["id_number", "disability_number"]) & (item["action"] == "R")))
    # 58.3.15 beside a number that says 1958: nothing was guessed; 1958.1 beside one that says October 1958: nothing is unsure.
    sure = table.birth_by_number.notnull() & table.birth_date.notnull() & table.birth_by_number.cast("string").startswith(table.birth_date)
    sure = sure & (_fits_tenth(table) | (table.birth_date__extra != "tenth").fill_null(True))
    settled = ["D16.century_guessed", "D16.fraction"]
    kept = kept.filter(lambda item: ~(sure.fill_null(False) & item["code"].isin(settled) & (item["field"] == "birth_date")))
    kept = kept.filter(lambda item: ~(item["code"].startswith("D21.") & (item["action"] == "W") & item["field"].isin(ADDRESS_FIELDS)))
    phones = ibis.array([table.phone__extra, table.phone_2, table.phone_2__extra]).filter(lambda item: item.notnull()).join("/").nullif("")
    places = {}
    for which in ("registered", "living", "house"):
        rest = ibis.literal("|").join([table[f"{which}_{part}"].fill_null("") for part in ("road", "building", "unit", "room")])
        places |= {f"{which}_{part}": table[f"{which}_{part}"] for part in ("address", "village", "natural", "group", "door", "outside")}
        places[f"{which}_rest"] = rest.nullif("|||")
    says_alive = table.kind.isin(ALIVE_KINDS) & ~table.dead & ~table.moved_out
    return table.select(
        "statement_no", "file_no", "sheet_no", "line", "kind", "source", "subject", "role", "as_of", "period", "name", name_note=table.name__extra,
        former_name=table.former_name, id_raw=table.id_raw, id_number=table.id_number, id_known=table.id_known, id_checked=table.id_checked,
        sex=table.sex_final, birth_date=table.birth_final, sex_stated=table.sex, birth_stated=table.birth_date,
        household_number=table.household_number, head_name=table.head_name, head_id_number=table.head_id_number, relation=table.relation,
        village_hint=table.village_hint, village_said=table.village_said, **places, phone=table.phone, phone_others=phones,
        dead=table.dead, dead_on=table.dead_on, moved_out=table.moved_out, cancel_unexplained=table.cancel_unexplained, says_alive=says_alive,
        merged=table.merged, original=table.original.cast("string"), cleaned=table["values"].cast("string"),
        findings=kept.concat(extra),
    ).order_by("statement_no")  # fmt: skip


ADDRESS_FIELDS = ("registered_address", "living_address", "house_address", "premises_address")


def _house_field(template: templates.Template) -> str:
    return "premises_address" if "premises_address" in template.columns else "house_address"


@ibis.udf.scalar.builtin
def json_extract_string(text: str, path: str) -> str:
    """One text of a JSON object."""


def _identified(table: ir.Table) -> ir.Table:
    """The subject's number: its own column, else the one inside a certificate's or a pupil's number, else one whose
    doubtful zeros at the end other departments confirm under the same name."""
    zeros = table.findings.filter(lambda item: item["code"] == "D04.zeros").length() > 0
    whole = zeros.ifelse(table.id_number__extra, absent())
    table = table.mutate(id_whole=whole)
    said = table.filter(table.id_whole.notnull() & table.name.notnull())
    confirmed = said.group_by("id_whole", "name").aggregate(sources=said.source.nunique())
    confirmed = confirmed.filter(confirmed.sources > 1).select(sure_number="id_whole", sure_name="name")
    table = table.left_join(confirmed, [table.id_whole == confirmed.sure_number, table.name == confirmed.sure_name])
    inside = ibis.coalesce(table.student_number__extra, json_extract_string(table.disability_number__extra, "$.id_number"))
    number = ibis.coalesce(table.id_number, inside, table.sure_number)
    # A loose document (passport) is a number too, but says nothing of sex and birth.
    checked = (number.notnull() & (number.length() == 18)).fill_null(False)
    born = checked.ifelse(plain.birth_of(number), absent("date"))
    full = (table.birth_date.length() == 10).fill_null(False).ifelse(table.birth_date.try_cast("date"), absent("date"))
    by_number = checked.ifelse(plain.sex_of(number), absent())
    known = ibis.coalesce(table.id_number__extra, json_extract_string(table.disability_number__extra, "$.known"))
    return table.mutate(
        id_raw=ibis.coalesce(table.id_number__raw, table.disability_number__raw), id_own=table.id_number, id_inside=inside, id_known=known, id_checked=checked,
        id_repaired=(table.id_number.isnull() & inside.notnull() & table.id_number__raw.notnull()).fill_null(False),
        id_confirmed=(table.id_number.isnull() & inside.isnull() & table.sure_number.notnull()).fill_null(False), id_number=number,
        sex_final=ibis.coalesce(by_number, table.sex), birth_final=ibis.coalesce(born, full), birth_by_number=born, sex_by_number=by_number,
    ).drop("sure_number", "sure_name")  # fmt: skip


def _resettled(work: store.Workspace, table: ir.Table) -> ir.Table:
    """Addresses that name no village (殿前34号) read again inside the village that the row or its sheet names."""
    sheets = work.table("sheet_village").select(hint_sheet="sheet_no", sheet_village="village")
    table = table.left_join(sheets, table.sheet_no == sheets.hint_sheet)
    table = table.mutate(village_hint=ibis.coalesce(table.hint, table.sheet_village)).drop("hint_sheet", "sheet_village", "hint")
    inner = work.table("address_inside")
    for which in ("registered", "living", "house"):
        renamed = inner.select(inner_hint="hint", inner_raw="raw", inner_address="value", **{f"inner_{part}": inner[name] for part, name in _PARTS.items()})
        lost = table[f"{which}_village"].isnull() & ~table[f"{which}_outside"].fill_null(False)
        table = table.mutate(lost=lost).left_join(renamed, [table.village_hint == renamed.inner_hint, table[f"{which}_raw"] == renamed.inner_raw])
        found = (table.lost & table.inner_village.notnull()).fill_null(False)
        changes = {f"{which}_{part}": found.ifelse(table[f"inner_{part}"], table[f"{which}_{part}"]) for part in ("address", *_PARTS)}
        table = table.mutate(**changes).drop("lost", "inner_hint", "inner_raw", "inner_address", *[f"inner_{part}" for part in _PARTS])
    return table


def _alive(table: ir.Table) -> ir.Table:
    """What the row says of death and moving: cancellation columns, states of benefits, notes beside the name, remarks."""
    reason, flagged = table.cancel_reason, table.cancelled__raw
    words = [reason, table.name__extra, table.remark, table.pension_state, table.benefit_state, table.insurance_state, flagged]
    text = ibis.array(words).filter(lambda item: item.notnull()).join(" ")
    said = (table.cancelled_on.notnull() | reason.notnull()).fill_null(False)
    cancelled = (table.cancelled == "1").fill_null(False) | said
    dead = text.re_search(_DEAD).fill_null(False)
    moved = ~dead & (cancelled | text.re_search(_MOVED).fill_null(False))
    dated = (table.cancelled_on.length() == 10).fill_null(False).ifelse(table.cancelled_on.try_cast("date"), absent("date"))
    return table.mutate(
        dead=dead, moved_out=moved, dead_on=dead.ifelse(dated, absent("date")), cancel_said=said,
        cancel_unexplained=cancelled & ~dead & reason.isnull() & ~text.re_search(_MOVED).fill_null(False),
    )  # fmt: skip


def _fits_tenth(table: ir.Table) -> ir.BooleanValue:
    """The number's month is one of the two that a stated 1958.1 may be."""
    return table.birth_by_number.month().isin([1, 10]).fill_null(False)


def _identity_findings(table: ir.Table, context: rules.Context) -> list[ir.Value]:
    born, stated = table.birth_by_number, table.birth_date
    text = born.cast("string")
    other_month = (table.birth_date__extra == "tenth").fill_null(False) & ~_fits_tenth(table)
    differs = (born.notnull() & stated.notnull() & (~text.startswith(stated) | other_month)).fill_null(False)
    guessed = ((table.birth_date__extra == "century") & (text.substr(2, 8) == stated.substr(2, 8))).fill_null(False)
    years = (stated.substr(0, 4).try_cast("int32") - born.year()).abs()
    other = (differs & ~guessed & (years >= OTHER_PERSON_YEARS) & (text.substr(5, 5) != stated.substr(5, 5))).fill_null(False)
    wrong_sex = table.sex_by_number.notnull() & table.sex.isin(["1", "2"]) & (table.sex != table.sex_by_number)
    refused = table.findings.filter(lambda item: (item["action"] == "R") & item["field"].isin(["id_number", "disability_number"])).length() > 0
    missing = table.id_number.isnull() & ~refused
    kept_apart = table.id_own.notnull() & table.id_inside.notnull() & (table.id_own != table.id_inside)
    found = [
        finding(missing, "D35", "id_number", "R", table.id_raw, "没有证件号码，无法直接比对：请补填，或按姓名、出生日期和住址人工核对。"),
        finding(table.name.isnull(), "D34", "name", "W", table.name__raw, "姓名为空，请补填。"),
        finding(table.id_repaired, "D04.repaired", "id_number", "W", table.id_raw, "证件号码已被表格截断或录错，按同一行的学籍号（残疾证号）内的号码比对，请核对。"),
        finding(table.id_confirmed, "D04.confirmed", "id_number", "W", table.id_raw, "号码以000结尾，像是被表格截断；但几个部门写的都一样，校验位也相符，按有效号码处理。"),
        finding(kept_apart, "D06.inside", "id_number", "R", table.id_raw, "证件号码与同一行学籍号（残疾证号）内的号码不一致：请核对是哪一个人。"),
        finding(other, "D06.birth", "id_number", "R", table.birth_date__raw, "出生日期与证件号码相差十年以上，号码可能是家里别人的：请核对。"),
        finding(differs & ~other & ~guessed, "D07.birth", "birth_date", "W", table.birth_date__raw, "出生日期与证件号码不一致，以证件号码为准，请来源部门更正。"),
        finding(wrong_sex, "D07.sex", "sex", "W", table.sex__raw, "性别与证件号码不一致，以证件号码为准，请来源部门更正。"),
    ]
    age = context.today.year - born.year()
    for kind, (low, high) in AGES.items():
        sentence = f"号码上的年龄不像“{templates.by_key(kind).title}”里的人，号码可能是家里别人的：请核对。"
        found.append(finding((table.kind == kind) & born.notnull() & ~age.between(low, high), "D06.age", "id_number", "R", absent(), sentence))
    male = (table.kind == "pregnancies") & (table.sex_by_number == "1")
    return [*found, finding(male, "D06.sex", "id_number", "R", absent(), "孕产妇的号码是男性的，号码可能是丈夫的：请核对。")]


def _life_findings(table: ir.Table) -> list[ir.Value]:
    unflagged = table.cancel_said & (table.cancelled.isnull() | (table.cancelled == "0"))
    notes = table.name__extra.notnull() & (table.dead | table.moved_out) & ~table.cancel_said
    return [
        finding(unflagged, "D27.cancel", "cancelled", "W", table.cancel_reason__raw, "注销标志没有填，但有注销日期或原因，按已注销处理，请公安确认。"),
        finding(table.cancel_unexplained, "D27.reason", "cancel_reason", "W", table.cancel_reason__raw, "已注销，但没有填原因，不知道是死亡还是迁出，请公安补填。"),
        finding(notes, "D27.note", "name", "W", table.name__raw, "姓名旁注明已故或已迁出，但仍在册，请来源部门核对。"),
    ]


def _address_findings(table: ir.Table) -> list[ir.Value]:
    """Findings of addresses after they were read inside the row's own village. The field's name is only known per row."""
    found = []
    for which, label in (("registered", "户籍地址"), ("living", "现居住地址"), ("house", "坐落")):
        raw, village, outside = table[f"{which}_raw"], table[f"{which}_village"], table[f"{which}_outside"].fill_null(False)
        field = table[f"{which}_field"]
        twofold = table.findings.filter(lambda item, name=field: (item["code"] == "D21.ambiguous") & (item["field"] == name)).length() > 0
        # Read inside the row's village, an address with two meanings is settled only by a place that lies there.
        unsettled = twofold & table[f"{which}_natural"].isnull()
        lost = raw.notnull() & table[f"{which}_address"].notnull() & village.isnull() & ~outside & ~unsettled
        bare = village.notnull() & table[f"{which}_door"].isnull() & table[f"{which}_building"].isnull() & ~outside & ~unsettled
        found.append(finding(unsettled, "D21.ambiguous", which + "_address", "R", raw, f"{label}里的村名不止一处同名，也没有写自然村：请核对是哪个村（社区）。"))
        found.append(finding(lost, "D21.village", which + "_address", "W", raw, f"{label}里没有认出村（社区）名，按原文保存：请补填乡镇和村名。"))
        found.append(finding(bare & (field != "premises_address"), "D21.nodoor", which + "_address", "W", raw, f"{label}没有门牌号，请走访时补上。"))
    return found
