"""Every column of gathering: level, purpose, basis, retention. See access/rules/classification.py."""

from __future__ import annotations

from minqing.access.rules.classification import Basis, Field, declare

_BATCH = "3 年"
_ROW = "与所进入的档案相同；未采用的行 90 天"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Batch", _BATCH, Basis.ACCOUNTABLE, {
        "id": (2, "批次的编号"), "area_code": (2, "归集哪个区域：决定谁可以看"), "label": (2, "批次的名称"), "state step progress message": (2, "进行到哪里，中断后可以继续"), "by made_at": (2, "谁何时归集"),
        "started_at finished_at": (2, "何时开始和结束"), "undone_at undone_by": (2, "谁何时撤销"), "counts": (2, "结果的数目，不含姓名"),
    }),
    **declare("BatchFile", _BATCH, Basis.ACCOUNTABLE, {
        "id batch": (2, "属于哪个批次"), "area_code": (2, "归集哪个区域：决定谁可以看"), "path": (2, "部门给的文件名"), "digest bytes": (2, "同一文件不重复归集"), "department kind as_of": (2, "哪个部门、哪种文件、数据时点"),
        "state message rows": (2, "读了没有，多少行"), "dropped_columns": (2, "没有用途、当场丢弃的列名（不留其值）"),
    }),
    **declare("Question", "答复后 3 年", Basis.DUTY, {
        "id batch code key": (2, "哪一个问题，不重复问"), "field department owner": (2, "哪一项、来自哪个部门、由谁定"), "state ask_again_on": (2, "定了没有，何时再问"), "statement persons": (3, "关于哪一行、哪些人"),
        "sentence": (3, "一句话说明问题"), "payload": (4, "双方的值和理由（密文）", Basis.SENSITIVE), "score": (2, "有多像，供人判断"), "asked_at answered_at answered_by": (2, "何时提出，谁何时答复"), "verdict note": (3, "结论"),
    }, common="grid_code"),
    **declare("Judgement", _ROW, Basis.DUTY, {
        "id question": (2, "属于哪个问题"), "left_key row_key right_person": (3, "哪一行与哪个人（散列和编号）；下一期的同一行仍归此人"), "verdict why score": (3, "同一人、不是、不确定，为什么"), "by at ended_at ended_by": (2, "谁何时判定、何时撤回"),
    }, common="grid_code"),
    **declare("ColumnAlias", "永久", Basis.NONE, {"id area_code kind name field by at": (2, "部门文件的列名在本地叫什么，谁教的")}),
    **declare("Statement", _ROW, Basis.DUTY, {
        "id batch_id file_id source kind sheet line role how": (2, "哪个部门的哪个文件、哪一行：每个值都说得出来处"), "person_id household_id named": (3, "说的是谁、哪一户，还提到谁"), "as_of": (2, "数据时点"),
        "row_hash": (2, "同一行不重复归集"), "original": (4, "部门的原文（密文）", Basis.SENSITIVE), "cleaned": (4, "清洗后的值，不含号码；健康、残疾、救助类的行需要敏感权限", Basis.SENSITIVE), "findings": (3, "这一行发现了什么问题"),
    }, common="grid_code"),
}
