"""Every column of the month's analysis, handovers and training: level, purpose, basis, retention. See access/rules/classification.py."""

from __future__ import annotations

from collections.abc import Mapping

from minqing.access.rules.classification import KEY, Basis, Field, declare

_ANALYSIS, _POST, _TRAINING, _COURSE = "永久（村级档案，由人移交、销毁）", "交接后 3 年", "结束后 3 年", "永久"



def _declare(model: str, kept: str, columns: Mapping[str, tuple[int, str]]) -> dict[tuple[str, str], Field]:
    return declare(model, kept, Basis.DUTY, {"area_code": (2, "哪个村、乡镇或网格：决定谁可以看"), **columns})


FIELDS: dict[tuple[str, str], Field] = {
    **_declare("Analysis", _ANALYSIS, {
        "id": (2, KEY), "month figures": (1, "哪个月、多少件：小于 10 的不写"), "drafted_at drafted_by read_by signed_at signed_by": (2, "谁何时起草、签发"),
    }),
    **_declare("Finding", _ANALYSIS, {
        "id analysis key section position version": (2, KEY), "drafted base": (1, "按规则写出的一句：没有姓名、门牌"), "rows": (2, "这一句依据哪份名单：只是条件和编号，打开时按看的人的权限"),
        "words_cipher": (2, "人改写的话（密文）"), "struck edited_by edited_at": (2, "谁何时改写、划掉"),
    }),
    **_declare("Decision", _ANALYSIS, {"id analysis": (2, KEY), "payload": (2, "决定做什么、谁做（密文）"), "due_on": (2, "什么时候做好"), "made_by made_at withdrawn_at": (2, "谁何时写下、撤下")}),
    **_declare("DecisionWord", _ANALYSIS, {"id decision": (2, KEY), "state payload": (2, "决定后来怎么样了（话为密文）"), "made_by made_at": (2, "谁何时写")}),
    **_declare("Handover", _POST, {
        "id": (2, KEY), "giver taker": (2, "谁交给谁"), "remarks_cipher": (3, "交接时的备注（密文）"), "made_by made_at gave_at gave_by took_at cancelled_at": (2, "谁何时开始、签字"),
    }),
    **_declare("HandoverItem", _POST, {"id handover position code": (2, KEY), "words_cipher": (3, "另外交接的一样（密文）"), "gave_at took_at": (2, "两个人各自的是")}),
    **_declare("Mentoring", _TRAINING, {
        "id": (2, KEY), "mentor newcomer": (2, "谁带谁"), "starts_on ends_on ended_at": (2, "从何时到何时"), "made_by made_at mentor_yes_at newcomer_yes_at": (2, "谁安排，两人是否答应"),
    }),
    **_declare("Course", _COURSE, {"id": (2, KEY), "subject title material file_name file_cipher": (1, "教材（附件为密文）"), "made_by made_at ended_at": (2, "谁何时建、停用")}),
    **_declare("CourseSession", _COURSE, {"id course": (2, KEY), "starts_at ends_at place teacher": (1, "何时何地谁讲"), "made_by made_at cancelled_at": (2, "谁安排、取消")}),
    **_declare("CourseSeat", _TRAINING, {"id session": (2, KEY), "staff made_by": (2, "请了谁"), "came": (2, "来了没有：只给本人和安排的人看，不计数、不排名")}),
}
