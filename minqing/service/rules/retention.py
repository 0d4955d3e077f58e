"""How long things are kept after their end, and what of them is erased then (domain.md §5; PIPL 19, 网络安全法 21). Pure; the one place.

Invariants: what is erased is what somebody said, who he is and how he is reached; number, kind, days and figures stay; nothing that is
open, in dispute or about land or an agreement is touched (sql/retention.sql asks again, row by row); a county may set another time
within the bounds of a kind and never beyond them. docs/reference/retention.md is made from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

HALF_YEAR, YEAR, THREE, TEN = 184, 366, 1096, 3653


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rows. `since`: what its time runs from; `models`: whose promise in the data dictionary it keeps; `run`: the function that erases."""

    code: str
    label: str
    since: str
    days: int
    least: int
    most: int
    erases: str
    unless: str
    models: tuple[str, ...]
    run: str = "expire"


KINDS: dict[str, Kind] = {k.code: k for k in (
    Kind("code", "登录验证码", "到期", HALF_YEAR, HALF_YEAR, YEAR, "整条", "", ("access.LoginCode",)),
    Kind("session", "登录会话（工作人员和居民）", "到期", HALF_YEAR, HALF_YEAR, YEAR, "整条", "", ("access.Session",)),
    Kind("consent", "家人代办、本户共享的同意", "结束或收回", THREE, THREE, 1827, "家人姓名、号码摘要、关系、见证人", "还在有效期内", ("access.Consent",)),
    Kind("feedback", "投诉建议", "答复", THREE, THREE, 1827, "原话、联系方式、答复", "还没有答复", ("access.Feedback",)),
    Kind("notice", "通知", "送达或结束", YEAR, 90, THREE, "称呼、地址、电话、内容", "还没有结束", ("notify.Message", "notify.Step")),
    Kind("mark", "通知意愿", "本人取消", THREE, YEAR, THREE, "整条", "还有效", ("notify.Mark",)),
    Kind("recording", "没有成为事情的电话录音、留言", "通话", 90, 30, HALF_YEAR, "录音编号、留言文字", "留言还没有立件，未接还没有回电", ("service.Call",)),
    Kind("call", "没有成为事情的通话", "通话", YEAR, HALF_YEAR, THREE, "号码、号码摘要、核对后是谁", "未接还没有回电", ("service.Call", "service.CallEvent")),
    Kind("shift", "值班电话", "值班结束", THREE, HALF_YEAR, THREE, "值班电话", "", ("service.DutyShift", "service.Extension")),
    Kind("ticket", "窗口排队号", "当天", THREE, HALF_YEAR, THREE, "核对后是谁、还剩什么、交来的变更", "号上的事还没有办结，变更还没有确认", ("service.Ticket", "service.TicketMatter", "service.HandedChange", "service.CounterSitting", "service.WindowDay")),
    Kind("offer", "政策找人", "办成、不需要或不再符合", THREE, YEAR, THREE, "为什么找到、本人怎么说（“不需要”本身留着，不再问第二次）", "还在告知或代办", ("service.Offer", "service.OfferReason")),
    Kind("certificate", "证明", "出具", TEN, TEN, 10958, "正文、用途、掩码姓名", "", ("service.Certificate",)),
    Kind("matter", "事情、代办和其通话", "归档或终结", TEN, TEN, 10958, "原话、答复、经过、当事人、附件", "没有终结；有调解协议；关于土地、宅基地、征迁；并入或拆自的另一件没有终结；还要问是否受到报复", (
        "service.Matter", "service.Party", "service.Move", "service.Contact", "service.CallBack", "service.Attachment", "service.Errand", "service.Assignment", "service.Paper", "service.MoneyLine", "service.Seat",
        "service.MatterPlot", "service.ForeignOrder", "service.Pad", "service.PadSlip", "service.Parcel", "service.ParcelStep")),
    Kind("order", "外部工单里读不懂的行", "处理完", THREE, YEAR, THREE, "原来写的", "还等处理", ("service.OrderRow", "service.OrderFile")),
    Kind("help", "请志愿者帮忙", "了结", THREE, YEAR, THREE, "姓名、门牌、电话、要帮什么、经过", "还没有了结", ("service.HelpRequest", "service.HelpStep")),
    Kind("pairing", "结对、上门、药品核对", "结对结束", YEAR, HALF_YEAR, THREE, "整条", "还在结对", ("service.Pairing", "service.Care", "service.MedicineCheck")),
    Kind("part", "志愿活动里的人", "活动", YEAR, HALF_YEAR, THREE, "整条", "", ("service.ActivityPart",)),
    Kind("team_shift", "志愿班次和换班", "班次", YEAR, HALF_YEAR, THREE, "整条", "还有帮忙的事记着这一班", ("service.TeamShift", "service.ShiftSwap")),
    Kind("volunteer", "退出的志愿者", "退出", THREE, YEAR, THREE, "姓名、电话", "还在队里", ("service.Volunteer", "service.TeamMember", "service.HourLine")),
    Kind("transfer", "防汛转移的名单", "转移结束、移出预案", YEAR, 90, THREE, "谁、住哪里、去了哪里、谁说的、结束的记录（人数和时间留着）", "还没有结束，还在预案里", ("contact.TransferPlan", "contact.TransferNeed", "contact.TransferEvent", "contact.TransferLine", "contact.TransferMark"), "expire_transfers"),
    Kind("duty", "值班记录和请假", "值班当天", 2 * YEAR, HALF_YEAR, THREE, "整条（谁哪天值班留着）", "", ("contact.DutyVisitor", "contact.DutyMatter", "contact.DutyAbsence"), "expire_duty"),
    Kind("booking", "办理日的预约", "那一天", THREE, HALF_YEAR, THREE, "整条", "还没有结果，直通车的还没有答复", ("contact.Booking", "contact.DayMatter"), "expire_bookings"),
    Kind("meeting", "会上的意见、到会的人、异议、代表", "会议结束，任期结束", 1827, YEAR, TEN, "原话、答复、谁说的、谁到会、异议、签到表扫描件、以前的代表（会议记录和决议留着）", "会还没有结束，异议还没有答复", ("contact.Opinion", "contact.Attendance", "contact.Objection", "contact.Representative"), "expire_meetings"),
    Kind("handover", "网格交接单", "接手或作罢", THREE, YEAR, THREE, "整条", "还没有交接完", ("contact.Handover", "contact.HandoverItem"), "expire_office"),
    Kind("training", "师徒和听课的人", "带教结束、课后", THREE, YEAR, THREE, "整条（课程和上课的日子留着）", "还在带，还没有上", ("contact.Mentoring", "contact.CourseSeat"), "expire_office"),
    Kind("row", "归集里没有采用的行", "归集完成", 90, 30, HALF_YEAR, "原文、清洗后的值", "有核对问题还没有回答", ("gather.Statement",), "expire_rows"),
)}

#: Promises of the data dictionary that no clock keeps, and who or what does.
STANDS: dict[str, str] = {
    "contact.DutyDay": "谁哪天值班是公开的村务，贴在门上", "contact.DutySwap": "不含群众信息，随值班表", "contact.DutyRota": "不含群众信息", "contact.Feed": "地址只存摘要，收回后打不开任何东西", "contact.Market": "不含个人信息", "contact.Rhythm": "不含个人信息",
    **dict.fromkeys(("contact.Meeting", "contact.MeetingStep", "contact.AgendaItem", "contact.VoteCount", "contact.ResolutionNote", "contact.Publication", "contact.MeetingPaper"), "村级会议记录，按村级档案由人移交、销毁"),
    "access.Account": "离任时停用；人员编制资料按人事档案管理", "access.SecondFactor": "本人取下或停用时整条删去", "access.Subject": "随居民账号", "access.ResidentAccount": "本人注销时", "access.Staff": "按人事档案管理",
    "access.StaffPerson": "按人事档案管理；回避名单要用", "access.AuditEntry": "封存的日志由审计员按月归档，程序里没有角色能删（ADR 4）", "archives.Act": "与档案一起，由人办理删除（ADR 4）",
    "archives.Change": "与档案一起，由人办理删除（ADR 4）", "archives.Proposal": "与档案一起，由人办理删除（ADR 4）", "gather.Batch": "不含个人信息的汇总；报告文件加密", "gather.BatchFile": "只有文件名和摘要", "gather.Question": "回答后随所进入的档案",
    "gather.Judgement": "与档案一起，由人办理删除（ADR 4）", "service.DispatchRule": "不含个人信息", "service.Limit": "不含个人信息", "service.CatalogueItem": "不含个人信息", "service.PolicyRule": "不含个人信息", "service.AgentCard": "任职期间，换人时重写",
    "service.Benefit": "与档案一起，由人办理删除（ADR 4）", "service.PhoneLine": "不含个人信息", "service.Knowledge": "不含个人信息", "service.CertificateItem": "不含个人信息", "service.Counter": "不含个人信息", "service.Learnt": "不含个人信息；下一次学的时候重写", "service.PlaceCard": "不含个人信息：哪里挂着哪张卡", "service.Partner": "不含个人信息", "service.PartnerItem": "不含个人信息", "service.ExchangeLink": "不含个人信息：只有件数和时间", "service.ParcelRefusal": "不含个人信息：哪个文件为什么没收", "service.Team": "不含个人信息", "service.Activity": "不含个人信息", "service.Introduction": "每小时由志愿队的钟抹去（volunteer_clock）",
}
#: Kept for ever, with the program, or with the file of a person (whose deletion a person decides).
LASTING = ("永久", "随程序", "在册期间", "房屋存续期间", "承包期内", "救助或服务期间")


class OutOfBounds(ValueError):
    """A setting that the law does not allow, as a sentence."""


def times(setting: str) -> dict[str, int]:
    """{code: days} from "notice=180,recording=60"; kinds that are not named keep their own. Raises OutOfBounds."""
    found = {code: kind.days for code, kind in KINDS.items()}
    for part in filter(None, (p.strip() for p in setting.split(","))):
        code, _equals, days = part.partition("=")
        kind = KINDS.get(code.strip())
        if kind is None:
            raise OutOfBounds(f"MINQING_RETENTION 里没有“{code.strip()}”这一类，可以写的是：{'、'.join(KINDS)}。")
        if not days.strip().isdigit() or not kind.least <= int(days) <= kind.most:
            raise OutOfBounds(f"MINQING_RETENTION 里“{kind.label}”（{kind.code}）应为 {kind.least} 到 {kind.most} 天，“{days.strip()}”不行。")
        found[kind.code] = int(days)
    return found


def ends(now: datetime, days: Mapping[str, int]) -> dict[str, datetime]:
    """{code: whatever ended before this moment is due}."""
    return {code: now - timedelta(days=n) for code, n in days.items()}
