"""Every column of 为民服务: level, purpose, basis, retention (domain.md §5). See access/rules/classification.py."""

from __future__ import annotations

from minqing.access.rules.classification import KEY, Basis, Field, declare
from minqing.service.rules import (
    calls_fields,
    cards_fields,
    certificates_fields,
    exchange_fields,
    things_fields,
    volunteers_fields,
    window_fields,
)

_MATTER = "办结后 10 年；土地、协议永久"
_SET = "启用期间，停用后 3 年"

FIELDS: dict[tuple[str, str], Field] = {
    **declare("Matter", _MATTER, Basis.DUTY, {
        "id": (2, KEY), "number": (3, "一件事一个编号，从头跟到尾"), "word_digest": (3, "本人凭口令查进度（带密钥散列）"),
        "kind category channel urgency": (3, "是什么事、从哪里来、急不急：决定谁办、多久办好"),
        "restricted confidential anonymous on_behalf": (4, "涉及工作人员、要求保密、匿名、代人反映：决定谁看得到", Basis.SENSITIVE),
        "title": (3, "列表里的一句话，号码已掩去"), "words_cipher result_cipher": (3, "原话和答复（加密；涉及工作人员的用敏感密钥）"), "place_code spot": (3, "事情在哪里"),
        "state home_desk lead_desk handler first_owner": (3, "现在在谁手里、首问负责人"), "account": (3, "居民本人在网上看得到"), "parent relation": (3, "并入或拆自哪一件"),
        "submitted_at accepted_at dispatched_at signed_at contacted_at replied_at closed_at archived_at clock_from": (3, "每一步的时间"),
        "accept_due_at sign_due_at contact_due_at due_at remind_at callback_due_at archive_at review_on ask_on limit_days pauses reminded escalated": (3, "期限、停表、提醒"),
        "extended no_return returned_by redo_count": (3, "延期、退单、重办的次数限制"), "outcome reject_code told_channel solved satisfied told_that_day": (3, "结果和本人的评价"),
        "shielded barred": (4, "回避：涉及的区域和人看不到", Basis.SENSITIVE), "version": (2, "防止两人同时办时互相覆盖"), "recompute": (2, "工作日历变了，期限要重算"),
    }),
    **declare("Seat", _MATTER, Basis.DUTY, {
        "id": (2, KEY), "matter desk_code staff role": (3, "谁现在看得到这件事、以什么身份"), "starts_at ends_at": (3, "从何时到何时"),
        "restricted barred": (4, "同事情本身", Basis.SENSITIVE), "state kind urgent submitted_at due_at place_code": (3, "列表用的副本"),
    }),
    **declare("Party", _MATTER, Basis.DUTY, {
        "id": (2, KEY), "matter role": (3, "谁、什么身份"), "person_id account staff": (3, "是哪个人"), "contact_cipher": (3, "姓名、电话、住址：答复和回访（加密）"), "masked": (3, "列表里的掩码姓名"),
        "phone_digest key_no": (3, "来电时认出是谁的事（带密钥散列）"), "hidden": (3, "对承办单位保密"), "state": (3, "户情单和手机上找没办结的事用的副本"), "call_home": (3, "能不能打家里电话"), "consented": (3, "是否同意调解"),
    }),
    **declare("Move", _MATTER, Basis.DUTY, {
        "id": (2, "次序"), "matter at name from_state to_state staff actor desk": (3, "每一步谁在何时做了什么"), "note_cipher": (3, "单位之间的经过（加密）"), "public_words": (3, "告诉本人的话"),
        "detail": (3, "要点"), "told_at": (2, "是否已转入通知"),
    }),
    **declare("Contact", _MATTER, Basis.DUTY, {"id": (2, KEY), "matter at staff how why reached": (3, "何时怎么联系的、联系上没有"), "note_cipher": (3, "说了什么（加密）")}),
    **declare("CallBack", _MATTER, Basis.DUTY, {
        "id": (2, KEY), "matter at staff channel reached round": (3, "谁何时怎么回访的"), "solved satisfied told_that_day": (3, "本人的评价"), "note_cipher": (3, "原话（加密）"),
    }),
    **declare("Attachment", _MATTER, Basis.DUTY, {
        "id": (2, KEY), "matter kind": (3, "哪件事的什么材料"), "name_cipher": (3, "文件名（加密）"), "media size sm3": (2, "打开和核对是否被改"), "made_by made_at": (3, "谁何时上传"),
    }),
    **declare("Mediation", "永久", Basis.DUTY, {
        "id": (2, KEY), "matter state mediator opened_at agreed_at signed_on closed_at": (3, "谁何时调解到哪一步"), "agreement_no": (3, "协议编号"), "agreement_cipher reason_cipher": (3, "协议和未成原因（加密）"),
    }),
    **declare("MediationConsent", "永久", Basis.CONSENT, {"id": (2, KEY), "mediation matter party agrees how at by": (3, "双方是否自愿")}),
    **declare("MediationSession", "永久", Basis.DUTY, {"id": (2, KEY), "mediation matter at place present by": (3, "何时何地谁到场"), "note_cipher": (3, "双方怎么说的（加密）")}),
    **declare("MediationPromise", "永久", Basis.DUTY, {"id": (2, KEY), "mediation matter party due_on reminded_at ended_at kept by": (3, "谁何时之前做、做到没有"), "what_cipher note_cipher": (3, "做什么、情况（加密）")}),
    **declare("MatterPlot", _MATTER, Basis.DUTY, {"id": (2, KEY), "matter plot_id": (3, "这件事关于哪块地"), "at by ended_at": (3, "谁何时关联、何时取消")}),
    **declare("ForeignOrder", _MATTER, Basis.DUTY, {"id": (2, KEY), "matter system number": (3, "对方系统的编号对应哪一件事"), "desk_code": (2, "哪里收的单"), "received_at due_at pressed replied_at": (3, "何时收到、对方时限、催办、是否已回复"),
        "handed_by handing_at refused_at refused_why": (3, "答复怎么交的、对方退回没有、为什么"), "note_cipher": (3, "补充的答复（加密）")}),
    **exchange_fields.FIELDS,
    **declare("DispatchRule", _SET, Basis.NONE, {
        "id area_code category label kind keywords lead_desk joint_desks basis finish_days ended_at": (1, "派单目录：什么事由谁办"), "made_by": (2, "谁设的"),
    }),
    **declare("Limit", _SET, Basis.NONE, {"id area_code kind contact finish extend basis": (1, "办理时限"), "made_by": (2, "谁设的")}),
    **declare("Learnt", "到下一次学", Basis.NONE, {"area_code made_at texts tried right_words right_history used model": (1, "建议的经验：哪些词说明什么事，试了几件、对了几件；不含任何一件事的原话")}),
    **declare("WorkCalendarDay", "永久：以前的期限按它算过", Basis.NONE, {
        "id": (2, KEY), "area_code day kind why published": (1, "哪天上班、哪天休息，谁的安排：办事期限按它算"), "morning_opens morning_closes afternoon_opens afternoon_closes": (1, "这一天开门时间和平时不同"),
        "made_by made_at": (2, "谁何时设的"),
    }),
    **things_fields.FIELDS,
    **calls_fields.FIELDS,
    **cards_fields.FIELDS,
    **certificates_fields.FIELDS,
    **volunteers_fields.FIELDS,
    **window_fields.FIELDS,
}
