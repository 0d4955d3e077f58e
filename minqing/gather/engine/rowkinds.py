"""What a row below the heading is: data, or a total, a signature, a note, a repeated heading, a blank line.

The rules are SQL over the text columns `c0 … cn` of a reader's batch, so that they cost nothing per row in Python.
Invariant: a row that carries an identity number or three and more mapped values is data, whatever its first words are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SPACES = "' \t\r\n' || chr(12288) || chr(160) || chr(65279)"

TOTAL = r"^[\s　]*(?:合|总|小|累|共)[\s　]*计|^[^\d]{1,16}(?:合|总|小)[\s　]*计[\s　：:]*(?:\d+[人户名元亩]?)*$|^第?[^\s]{0,12}\d{1,3}[\s　]*(?:村民小组|小组|组|队|户|页|村|网格)[\s　]*(?:合|总|小|共)[\s　]*计|^本页[合小]计|^总[\s　]*数|^以上合计|^[\s　]*(?:平均|汇总)[\s　]*(?:数|值)?$"
_SIGNATURE = r"(?:分管领导|主管领导|领导|校对|核对|监督|会计|出纳|组长|书记|主任|站长|所长|审核|审批|填表|制表|填报|经办|复核|负责人|盖[\s　]*章|签[\s　]*字|签[\s　]*名|签章|联系人|联系电话|主管|单位意见)[^：:]{0,8}[：:]|（盖章）|\(盖章\)"
_NOTE = r"^[\s　]*(?:注|备[\s　]*注|说明|填表说明|填报说明|特此说明|附注)[\s　]*[：:、.．\d]|^第[\s　]*\d+[\s　]*页|共[\s　]*\d+[\s　]*页|以下空白|^[—-]+完[—-]+$|^打印|^导出时间|^数据来源|^制表日期|^填报日期|^单位[：:]"
_EXAMPLE = r"^[\s　]*(?:示例|样例|例如|填写示例|填写样例|举例|例)[\s　]*[：:）)]?$|^(?:示例|样例|填写示例)"
_IDENTITY = r"[1-9]\d{5}(?:19|20)\d{9}[\dXx]|[1-9]\d{14}"


def _text(column: int) -> str:
    return f"trim(coalesce(c{column}, ''), {SPACES})"


def filled(width: int) -> str:
    """SQL: how many cells of the row say anything."""
    return "(" + " + ".join(f"cast({_text(column)} <> '' as integer)" for column in range(width)) + ")"


def lead(width: int) -> str:
    """SQL: the first words of a row that may be no data; null for ordinary rows, so that no foreign value is kept."""
    first = f"coalesce({', '.join(f'nullif({_text(column)}, {_QUOTED_EMPTY})' for column in range(width))})"
    return f"case when {filled(width)} <= 3 then substr({first}, 1, 60) end"


_QUOTED_EMPTY = "''"


def merged_fields(positions: dict[int, str]) -> str:
    """SQL: the names of the fields whose cell was filled from a merged cell above ("name,members"), null if none."""
    cases = " ".join(f"when '{position}' then '{field}'" for position, field in positions.items())
    if not cases:
        return "null::varchar"
    return (
        "case when merged is null then null else nullif(array_to_string(list_filter(list_transform(string_split(merged, ','), "
        f"lambda x: case x {cases} end), lambda x: x is not null), ','), '') end"
    )


def _repeated(words: Sequence[str], width: int) -> str | None:
    """SQL: the row is these words again (页 after 页 of a printed list); spaces and line breaks within a word are nothing."""
    bare = [re.sub(r"\s", "", word) for word in words[:width]]
    same = [f"cast(regexp_replace({_text(column)}, '\\s', '', 'g') = '{_quoted(word)}' as integer)" for column, word in enumerate(bare) if word]
    return f"({' + '.join(same)}) >= {max(2, min(3, len(same)))}" if same else None


def expression(labels: Sequence[str], positions: dict[str, int], written: Sequence[Sequence[str]] = ()) -> str:
    """SQL: `data`, `blank`, `total`, `signature`, `note`, `header`, `example`.

    `labels` are the heading's words by column, `written` its rows as they stand in the sheet; `positions` maps kept fields to columns.
    """
    width = len(labels)
    count = filled(width)
    firsts = [f"regexp_matches({_text(column)}, '{TOTAL}')" for column in range(min(width, 4))]
    repeated = [test for words in (labels, *written) if (test := _repeated(words, width))]
    identities = [f"regexp_matches({_text(positions[field])}, '{_IDENTITY}')" for field in ("id_number", "disability_number") if field in positions]
    has_identity = f"({' or '.join(identities)})" if identities else "false"
    anything = [f"regexp_matches({_text(column)}, '{{}}')" for column in range(min(width, 3))]
    kept = [f"cast({_text(column)} <> '' as integer)" for column in sorted(positions.values())]
    kept_count = f"({' + '.join(kept)})" if kept else "0"
    name = positions.get("name")
    only_name = f"({_text(name)} <> '' and regexp_matches({_text(name)}, '^[㐀-鿿·]{{2,4}}$') and not regexp_matches({_text(name)}, '[村镇乡社组区计注页]$'))" if name is not None else "false"

    def among_first(pattern: str) -> str:
        return "(" + " or ".join(test.format(pattern) for test in anything) + ")"

    # 填表人 on the left, 审核人 on the right: whoever signs may stand under any column.
    signed = " or ".join(f"regexp_matches({_text(column)}, '{_SIGNATURE}')" for column in range(min(width, 24)))

    return f"""case
      when {count} = 0 then 'blank'
      when {" or ".join(repeated) or "false"} then 'header'
      when {among_first(_EXAMPLE)} then 'example'
      when {has_identity} then 'data'
      when {" or ".join(firsts)} then 'total'
      when {count} <= 4 and ({signed}) then 'signature'
      when {count} <= 3 and {among_first(_NOTE)} then 'note'
      when {kept_count} = 0 then 'note'
      when {count} = 1 and {width} >= 4 and not {only_name} then 'note'
      else 'data' end"""


def _quoted(text: str) -> str:
    return text.replace("'", "''")
