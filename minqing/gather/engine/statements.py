"""Step `validate`: one row of `statement` per data row, whatever its kind, with everything that was found wrong with it.

The columns of a kind become the common spine (who, born when, where, alive or not) beside two JSON texts: `original`
(raw cells of kept columns) and `cleaned` (values of canonical fields). Invariant: what the number says of sex and birth
holds; a stated value that differs is a finding, never a change of the number.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from minqing.gather.engine import cleaning, fields, plain, rules, store, templates
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


@ibis.udf.scalar.builtin
def md5(text: str) -> str:
    """Row hash; for equality of rows only."""


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
    return table[name] if name in table.columns else absent(kind)


def absent(kind: str = "string") -> ir.Value:
    """A typed null. An expression rather than a null literal, with which Ibis refuses to compare."""
    return ibis.literal("").nullif("").cast(kind)


def build(work: store.Workspace, kinds: list[str], context: rules.Context) -> None:
    """`statement`: the union over all kinds, ordered by place."""
    parts = [_of_kind(work, kind, context) for kind in kinds if templates.by_key(kind).subject != "grid"]
    work.sql.execute("drop table if exists statement")
    for number, part in enumerate(parts):
        query = work.ibis.compile(part)
        work.sql.execute(f"create table statement as {query}" if number == 0 else f"insert into statement by name {query}")


def _of_kind(work: store.Workspace, kind: str, context: rules.Context) -> ir.Table:
    template = templates.by_key(kind)
    table = _identified(work.table(f"clean_{kind}"), context)
    table = _resettled(work, table, kind)
    table = _alive(table)
    names = cleaning.names_of(kind)
    found = [*_identity_findings(table, kind, context), *_life_findings(table), *_address_findings(table, kind)]
    extra = ibis.array(found).filter(lambda item: item.notnull())
    repaired = table.id_repaired
    # A number that another column of the same row repairs is no longer a question.
    kept = table.findings.filter(lambda item: ~(repaired & (item["field"] == "id_number") & (item["action"] == "R")))
    kept = kept.filter(lambda item: ~(item["code"].startswith("D21.") & (item["action"] == "W") & item["field"].isin(ADDRESS_FIELDS)))
    original = _json({name: table[f"{name}__raw"] for name in names})
    cleaned = _json({name: _value(table, name) for name in names})
    example = table.name.isin(EXAMPLE_NAMES) & table.id_number.isnull()
    result = table.select(
        statement_no=table.statement_no, file_no=table.file_no, sheet_no=table.sheet_no, line=table.line, kind=table.kind, source=table.source,
        subject=ibis.literal(template.subject), role=ibis.literal(template.role), as_of=table.as_of, period=table.period,
        name=table.name, name_note=table.name__extra, former_name=column(table, "former_name"),
        id_raw=table.id_raw, id_number=table.id_number, id_known=table.id_known, id_checked=table.id_checked,
        sex=table.sex_final, birth_date=table.birth_final, sex_stated=column(table, "sex"), birth_stated=column(table, "birth_date"),
        household_number=column(table, "household_number"), head_name=ibis.coalesce(column(table, "head_name"), column(table, "representative_name")),
        head_id_number=ibis.coalesce(column(table, "head_id_number"), column(table, "representative_id_number")),
        relation=column(table, "relation"), village_hint=table.village_hint,
        **{f"registered_{part}": value for part, value in _place(table, "registered_address").items()},
        **{f"living_{part}": value for part, value in _place(table, "living_address").items()},
        **{f"house_{part}": value for part, value in _place(table, _house_field(template)).items()},
        phone=column(table, "phone"), phone_others=_phones(table),
        dead=table.dead, dead_on=table.dead_on, moved_out=table.moved_out, says_alive=ibis.literal(kind in ALIVE_KINDS) & ~table.dead & ~table.moved_out,
        merged=table.merged, original=original, cleaned=cleaned, row_hash=md5(original), findings=kept.concat(extra), example=example,
    )  # fmt: skip
    return result.filter(~result.example).drop("example")


ADDRESS_FIELDS = ("registered_address", "living_address", "house_address", "premises_address")


def _house_field(template: templates.Template) -> str:
    return "premises_address" if "premises_address" in template.columns else "house_address"


def _value(table: ir.Table, name: str) -> ir.Value:
    return table["id_number"] if name == "id_number" else table[name]


def _place(table: ir.Table, field: str) -> dict[str, ir.Value]:
    """The parts of one address: text as standard form, village, natural village, group, door, outside."""
    if field not in table.columns:
        return {"address": absent(), "village": absent(), "natural": absent(), "group": absent(), "door": absent(), "rest": absent(), "outside": absent("boolean")}
    rest = ibis.coalesce(table[f"{field}__road"], "") + "|" + ibis.coalesce(table[f"{field}__building"], "") + "|" + ibis.coalesce(table[f"{field}__unit"], "") + "|" + ibis.coalesce(table[f"{field}__room"], "")
    return {
        "address": table[field], "village": table[f"{field}__village"], "natural": table[f"{field}__natural_village"], "group": table[f"{field}__group_no"],
        "door": table[f"{field}__door"], "rest": rest.nullif("|||"), "outside": table[f"{field}__outside"],
    }  # fmt: skip


def _phones(table: ir.Table) -> ir.StringValue:
    parts = [column(table, "phone__extra"), column(table, "phone_2"), column(table, "phone_2__extra")]
    return ibis.array(parts).filter(lambda item: item.notnull()).join("/").nullif("")


@ibis.udf.scalar.builtin
def json_extract_string(text: str, path: str) -> str:
    """One text of a JSON object."""


def _identified(table: ir.Table, context: rules.Context) -> ir.Table:
    """The subject's number: its own column, else the one inside a certificate's or a pupil's number."""
    empty = absent()
    own, own_raw = column(table, "id_number"), column(table, "id_number__raw")
    disability = column(table, "disability_number__extra")
    inside = ibis.coalesce(column(table, "student_number__extra"), json_extract_string(disability, "$.id_number"))
    known = ibis.coalesce(column(table, "id_number__extra"), json_extract_string(disability, "$.known"))
    number = ibis.coalesce(own, inside)
    # A loose document (passport) is a number too, but says nothing of sex and birth.
    checked = number.notnull() & (number.length() == 18)
    born = checked.ifelse(plain.birth_of(number), absent("date"))
    stated = column(table, "birth_date")
    full = (stated.length() == 10).fill_null(False).ifelse(stated.try_cast("date"), absent("date"))
    sex = checked.ifelse(plain.sex_of(number), empty)
    named = table if "name__extra" in table.columns else table.mutate(name=empty, name__extra=empty, name__raw=empty)
    if "merged" not in named.columns:
        named = named.mutate(merged=empty)
    return named.mutate(
        id_raw=ibis.coalesce(own_raw, column(table, "disability_number__raw")),
        id_own=own, id_inside=inside, id_known=known.cast("string"), id_checked=checked.fill_null(False),
        id_repaired=(own.isnull() & inside.notnull() & own_raw.notnull()).fill_null(False), id_number=number,
        sex_final=ibis.coalesce(sex, column(table, "sex")), birth_final=ibis.coalesce(born, full), birth_by_number=born, sex_by_number=sex,
    )  # fmt: skip


def _resettled(work: store.Workspace, table: ir.Table, kind: str) -> ir.Table:
    """Addresses that name no village (殿前34号) read again inside the village that the row or its sheet names."""
    hint = ibis.coalesce(column(table, "village__village"), column(table, "insured_at__village"), column(table, "land_issuer__village"))
    if "sheet_village" in work.tables():
        sheets = work.table("sheet_village").select(hint_sheet="sheet_no", sheet_village="village")
        table = table.left_join(sheets, table.sheet_no == sheets.hint_sheet).drop("hint_sheet")
        hint = ibis.coalesce(hint, table.sheet_village)
    table = table.mutate(village_hint=hint)
    if "address_inside" not in work.tables():
        return table
    inner = work.table("address_inside")
    parts = ("value", "village", "natural_village", "group_no", "road", "door", "building", "unit", "room", "outside")
    for field in ADDRESS_FIELDS:
        if field not in table.columns:
            continue
        renamed = inner.select(inner_hint="hint", inner_raw="raw", **{f"inner_{part}": part for part in parts})
        lost = table[f"{field}__village"].isnull() & ~table[f"{field}__outside"].fill_null(False)
        joined = table.left_join(renamed, [table.village_hint == renamed.inner_hint, table[f"{field}__raw"] == renamed.inner_raw])
        changes = {field: (lost & joined.inner_village.notnull()).ifelse(joined.inner_value, joined[field])}
        for part in parts[1:]:
            name = f"{field}__{part}"
            changes[name] = (lost & joined.inner_village.notnull()).ifelse(joined[f"inner_{part}"], joined[name])
        table = joined.mutate(**changes).drop("inner_hint", "inner_raw", *[f"inner_{part}" for part in parts])
    return table


def _alive(table: ir.Table) -> ir.Table:
    """What the row says of death and moving: cancellation columns, states of benefits, notes beside the name, remarks."""
    reason, flag, day = column(table, "cancel_reason"), column(table, "cancelled"), column(table, "cancelled_on")
    note = column(table, "name__extra")
    words = [reason, note, column(table, "remark"), column(table, "pension_state"), column(table, "benefit_state"), column(table, "insurance_state")]
    text = ibis.array(words).filter(lambda item: item.notnull()).join(" ")
    cancelled = ((flag == "1") | day.notnull() | reason.notnull()).fill_null(False)
    dead = text.re_search(_DEAD).fill_null(False)
    # The everyday forms 死亡 and 迁出 stand in the flag column itself in some exports.
    flagged = column(table, "cancelled__raw")
    dead = dead | flagged.re_search(_DEAD).fill_null(False)
    moved = ~dead & ((cancelled & ~reason.re_search(_DEAD).fill_null(False)) | text.re_search(_MOVED).fill_null(False) | flagged.re_search(_MOVED).fill_null(False))
    dated = (day.length() == 10).fill_null(False).ifelse(day.try_cast("date"), absent("date"))
    return table.mutate(dead=dead, moved_out=moved, dead_on=dead.ifelse(dated, absent("date")), cancel_flag=flag, cancel_said=(day.notnull() | reason.notnull()).fill_null(False))


def _identity_findings(table: ir.Table, kind: str, context: rules.Context) -> list[ir.Value]:
    empty = absent()
    stated_sex, stated_birth = column(table, "sex"), column(table, "birth_date")
    born = table.birth_by_number
    text = born.cast("string")
    differs = (born.notnull() & stated_birth.notnull() & ~text.startswith(stated_birth)).fill_null(False)
    guessed = (column(table, "birth_date__extra") == "century").fill_null(False) & (text.substr(2, 8) == stated_birth.substr(2, 8)).fill_null(False)
    years = (stated_birth.substr(0, 4).try_cast("int32") - born.year()).abs()
    other = differs & ~guessed & (years >= OTHER_PERSON_YEARS).fill_null(False) & (text.substr(5, 5) != stated_birth.substr(5, 5)).fill_null(False)
    wrong_sex = (table.sex_by_number.notnull() & stated_sex.isin(["1", "2"]) & (stated_sex != table.sex_by_number)).fill_null(False)
    missing = table.id_number.isnull() & (table.id_raw.isnull() | ~table.findings.map(lambda item: item["action"] == "R").contains(True)) & (table.name.notnull())
    found = [
        finding(missing, "D35", "id_number", "R", table.id_raw, "没有证件号码，无法直接比对：请补填，或按姓名、出生日期和住址人工核对。"),
        finding(table.name.isnull(), "D34", "name", "W", table.name__raw, "姓名为空，请补填。"),
        finding(table.id_repaired, "D04.repaired", "id_number", "W", table.id_raw, "证件号码已被表格截断或录错，按同一行的学籍号（残疾证号）内的号码比对，请核对。"),
        finding(
            table.id_own.notnull() & table.id_inside.notnull() & (table.id_own != table.id_inside), "D06.inside", "id_number", "R", table.id_raw,
            "证件号码与同一行学籍号（残疾证号）内的号码不一致：请核对是哪一个人。",
        ),
        finding(other, "D06.birth", "id_number", "R", column(table, "birth_date__raw"), "出生日期与证件号码相差十年以上，号码可能是家里别人的：请核对。"),
        finding(differs & ~other & ~guessed, "D07.birth", "birth_date", "W", column(table, "birth_date__raw"), "出生日期与证件号码不一致，以证件号码为准，请来源部门更正。"),
        finding(wrong_sex, "D07.sex", "sex", "W", column(table, "sex__raw"), "性别与证件号码不一致，以证件号码为准，请来源部门更正。"),
    ]  # fmt: skip
    if kind in AGES:
        low, high = AGES[kind]
        age = context.today.year - born.year()
        label = templates.by_key(kind).title
        found.append(
            finding((born.notnull() & ~age.between(low, high)).fill_null(False), "D06.age", "id_number", "R", empty, f"号码上的年龄不像“{label}”里的人，号码可能是家里别人的：请核对。")
        )
    if kind == "pregnancies":
        found.append(finding((table.sex_by_number == "1").fill_null(False), "D06.sex", "id_number", "R", empty, "孕产妇的号码是男性的，号码可能是丈夫的：请核对。"))
    return found


def _life_findings(table: ir.Table) -> list[ir.Value]:
    raw = column(table, "cancel_reason__raw")
    unflagged = table.cancel_said & (table.cancel_flag.isnull() | (table.cancel_flag == "0"))
    notes = table.name__extra.notnull() & (table.dead | table.moved_out) & ~table.cancel_said
    return [
        finding(unflagged, "D27.cancel", "cancelled", "W", raw, "注销标志没有填，但有注销日期或原因，按已注销处理，请公安确认。"),
        finding((table.cancel_flag == "1") & ~table.cancel_said, "D27.reason", "cancel_reason", "W", raw, "已注销，但没有填原因和日期，请公安补填。"),
        finding(notes, "D27.note", "name", "W", table.name__raw, "姓名旁注明已故或已迁出，但仍在册，请来源部门核对。"),
    ]


def _address_findings(table: ir.Table, kind: str) -> list[ir.Value]:
    """Findings of addresses after they were read inside the row's own village."""
    found = []
    for field in ADDRESS_FIELDS:
        if field not in table.columns:
            continue
        raw, village, outside = table[f"{field}__raw"], table[f"{field}__village"], table[f"{field}__outside"].fill_null(False)
        lost = raw.notnull() & table[field].notnull() & village.isnull() & ~outside
        bare = village.notnull() & table[f"{field}__door"].isnull() & table[f"{field}__building"].isnull() & ~outside
        label = fields.FIELDS[field].label
        found.append(finding(lost, "D21.village", field, "W", raw, f"{label}里没有认出村（社区）名，按原文保存：请补填乡镇和村名。"))
        found.append(finding(bare & ibis.literal(field != "premises_address"), "D21.nodoor", field, "W", raw, f"{label}没有门牌号，请走访时补上。"))
    return found
