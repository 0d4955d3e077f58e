"""Columns of meetings: level, purpose, basis, retention (domain.md §4.9, §6.1 E05, O09). See access/rules/classification.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare

_MEETING = "30年（村级会议记录）"
_SAID = "会议结束后 5 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Meeting", _MEETING, Basis.DUTY, {
        "id area_code state revision minutes_version heard": (2, KEY), "kind title starts_at ends_at place round_on": (1, "什么会、何时、在哪里开"), "chair recorder": (1, "谁主持、谁记录"),
        "due households due_reason present households_present observers": (2, "应到、到会多少，够不够开会"), "noticed_at notice_reason held_at": (2, "何时通知、何时开会"), "minutes_cipher": (3, "会议纪要（密文）"),
        "chair_signed_at recorder_signed_at": (2, "主持人、记录人何时签字"), "made_by made_at": (2, "谁何时安排"),
    }),
    **declare("MeetingStep", _MEETING, Basis.DUTY, {"id area_code": (2, KEY), "meeting at by what words": (2, "会议的经过：通知、改期、签字、公示")}),
    **declare("AgendaItem", _MEETING, Basis.DUTY, {
        "id area_code": (2, KEY), "meeting position title origin": (1, "议题和次序，不写姓名"), "matter_id": (2, "议的是哪件事"), "resolution": (2, "问哪项决议办得怎样"), "options ballots": (1, "表决什么、怎么表决"), "made_by dropped_at": (2, "谁加的，去掉而不删除"),
    }),
    **declare("Attendance", _SAID, Basis.DUTY, {"id area_code": (2, KEY), "meeting came_as": (3, "来开会的人"), "person_id household_id name_cipher": (3, "谁到会，代表哪一户"), "made_by gone_at": (2, "谁登记的，划去而不删除")}),
    **declare("Opinion", _SAID, Basis.DUTY, {
        "id area_code number": (2, KEY), "meeting item": (2, "哪次会、哪个议题上说的"), "said_cipher person_id": (3, "说了什么、谁说的（密文）"), "remote confidential": (3, "是否到会、是否要求保密"), "fate answer_cipher": (3, "怎么答复的（密文）"), "matter_id": (3, "登记成了哪件事"),
        "typed_by typed_at": (2, "谁何时记的"),
    }),
    **declare("VoteCount", _MEETING, Basis.DUTY, {"id area_code": (2, KEY), "item turn counter figures invalid": (2, "两位计票人各自点出的票数"), "entered_by entered_at": (2, "谁何时填的")}),
    **declare("Resolution", "永久（村级会议决议）", Basis.DUTY, {
        "id area_code": (2, KEY), "meeting item number text passed by_count sentence figures decided_on": (1, "议定了什么、到会和票数"), "state": (2, "办得怎样"), "made_by made_at": (2, "谁何时登记"),
    }),
    **declare("ResolutionNote", _MEETING, Basis.DUTY, {"id area_code": (2, KEY), "resolution meeting words": (2, "决议后来怎样了"), "matter_id": (2, "由哪件事落实"), "at by": (2, "谁何时记的")}),
    **declare("Publication", _MEETING, Basis.DUTY, {"id area_code": (2, KEY), "meeting text starts_on ends_on": (1, "公示的纪要：隐去姓名、门牌、号码"), "made_by made_at withdrawn_at reason": (2, "谁何时公示，何时为何撤下")}),
    **declare("Objection", _SAID, Basis.DUTY, {"id area_code": (2, KEY), "meeting": (2, "对哪次会的纪要"), "said_cipher": (3, "谁有什么异议（密文）"), "made_at made_by": (2, "何时提的，谁代记"), "answer_cipher answered_at answered_by": (3, "怎么答复的（密文）")}),
    **declare("MeetingPaper", _MEETING, Basis.DUTY, {"id area_code": (2, KEY), "meeting item kind": (2, "哪次会、哪个议题的材料"), "name_cipher media size sm3": (3, "会议材料、签到表、计票单的扫描件"), "made_by made_at": (2, "谁何时添的")}),
    **declare("Representative", "任期届满后 5 年", Basis.DUTY, {
        "id area_code": (2, KEY), "person_id name_cipher for_whom": (3, "谁是村民代表，代表哪些户"), "starts_on ends_on left_on left_why": (2, "任期"), "made_by made_at": (2, "谁何时登记"),
    }),
}
