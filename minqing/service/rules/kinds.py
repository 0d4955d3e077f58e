"""Kinds of matters, their limits, channels, outcomes, reasons: tables of domain.md §3.1–3.2. Pure.

Invariant: a limit is in working days (0 = the same day; None = no such limit) except `hours`, which run by the calendar;
every number is a default that a county changes in its own table (models.Limit), never in code.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from decimal import Decimal


class Kind(enum.StrEnum):
    QUESTION = "question"        # 咨询
    HELP = "help"                # 求助，村内可办
    HELP_UP = "help_up"          # 求助，需上级
    SUGGESTION = "suggestion"    # 建议
    COMPLAINT = "complaint"      # 投诉
    REPORT = "report"            # 举报
    DISPUTE = "dispute"          # 矛盾纠纷
    ERRAND = "errand"            # 帮办代办
    WORKS = "works"              # 工程类
    VERIFY = "verify"            # 核实（部门资料有出入）


@dataclass(frozen=True, slots=True)
class Limits:
    """Working days to the first contact, to the reply, and by how many the reply may be put off."""

    contact: Decimal
    finish: Decimal
    extend: Decimal


def _l(contact: str, finish: str, extend: str) -> Limits:
    return Limits(Decimal(contact), Decimal(finish), Decimal(extend))


KIND_LABELS = {
    Kind.QUESTION: "咨询", Kind.HELP: "求助（村内可办）", Kind.HELP_UP: "求助（需上级办）", Kind.SUGGESTION: "建议", Kind.COMPLAINT: "投诉", Kind.REPORT: "举报",
    Kind.DISPUTE: "矛盾纠纷", Kind.ERRAND: "帮办代办", Kind.WORKS: "工程类", Kind.VERIFY: "资料核实",
}
KIND_CHOICES = [(k.value, label) for k, label in KIND_LABELS.items()]
#: The five types of official bulletins (domain.md §3.3).
BULLETIN = {Kind.QUESTION: "咨询", Kind.HELP: "求助", Kind.HELP_UP: "求助", Kind.SUGGESTION: "建议", Kind.COMPLAINT: "投诉", Kind.REPORT: "举报",
            Kind.DISPUTE: "求助", Kind.ERRAND: "求助", Kind.WORKS: "求助", Kind.VERIFY: "求助"}
LIMITS: dict[Kind, Limits] = {
    Kind.QUESTION: _l("0.5", "1", "2"), Kind.HELP: _l("0.5", "0", "3"), Kind.HELP_UP: _l("1", "5", "5"), Kind.SUGGESTION: _l("1", "10", "5"),
    Kind.COMPLAINT: _l("1", "5", "5"), Kind.REPORT: _l("1", "13", "10"), Kind.DISPUTE: _l("1", "15", "15"), Kind.ERRAND: _l("0.5", "5", "5"),
    Kind.WORKS: _l("1", "10", "10"), Kind.VERIFY: _l("1", "5", "5"),
}
URGENT_HOURS = 2                   # on site, calendar time; afterwards the limit of its kind
ACCEPT_MINUTES = 4 * 60            # working minutes to accept or refuse
SIGN_DAYS = Decimal(1)             # then it counts as signed, so that not signing gains nothing
CALLBACK_DAYS = Decimal(3)
ARCHIVE_DAYS = Decimal(10)
RETURN_DAYS = Decimal(1)           # how long after dispatch a unit may ask to return it
REVIEW_DAYS = 30                   # calendar days at most until a suspended matter is looked at again
REOPEN_DAYS = 30                   # calendar days in which new facts reopen it
REDO_SHARE, REDO_LEAST = Decimal("0.5"), Decimal(2)
REMIND_SHARE = 0.7
ACKNOWLEDGE_MINUTES = 15           # an urgent matter that nobody takes on goes one level up
ESCALATE = ((Decimal(2), "village"), (Decimal(5), "town"))   # working days late → who else sees it
RETALIATION_DAYS = (30, 90)        # calendar days after closing: was anybody made to pay for complaining? The first is set by sql/apart.sql
CALL_ATTEMPTS, CALL_DAYS = 3, 2    # failed calls on so many different days close a call-back


class Channel(enum.StrEnum):
    PHONE = "phone"
    WEB = "web"
    WINDOW = "window"
    DOOR = "door"
    MEETING = "meeting"
    DUTY = "duty"
    PAPER = "paper"
    HOTLINE_12345 = "12345"
    PLATFORM = "platform"
    VOICEMAIL = "voicemail"
    POLICY = "policy"
    PARTNER = "partner"


CHANNEL_LABELS = {
    Channel.PHONE: "热线", Channel.WEB: "网上", Channel.WINDOW: "窗口", Channel.DOOR: "上门", Channel.MEETING: "会议", Channel.DUTY: "值班", Channel.PAPER: "纸质备用单",
    Channel.HOTLINE_12345: "12345", Channel.PLATFORM: "四平台", Channel.VOICEMAIL: "留言", Channel.POLICY: "政策找人", Channel.PARTNER: "异地通办",
}
CHANNEL_CHOICES = [(c.value, label) for c, label in CHANNEL_LABELS.items()]

OUTCOMES = [("solved", "已解决"), ("partly", "部分解决"), ("explained", "已解释"), ("impossible", "无法解决"), ("adopted", "采纳"), ("partly_adopted", "部分采纳"), ("not_adopted", "未采纳")]
SOLVED = [("yes", "解决了"), ("partly", "解决了一部分"), ("no", "没有解决")]
SATISFIED = [("yes", "满意"), ("fairly", "基本满意"), ("no", "不满意"), ("unsaid", "没有说")]

#: Why a matter is not taken, and where it belongs (潍坊12345条例 §19; 北京接诉即办 §11): the right channel is always told.
REJECTIONS: dict[str, tuple[str, str]] = {
    "court": ("已进入或应当进入诉讼、仲裁、行政复议程序", "人民法院、仲裁委员会或复议机关"),
    "petition": ("已进入信访程序", "受理该信访事项的机关"),
    "discipline": ("纪检监察受理的事项", "纪委监委 12388"),
    "secret": ("涉及国家秘密、商业秘密或他人隐私", "向有权机关当面反映"),
    "concluded": ("已依法办结，没有新的事实和理由", "可查看上次答复；有新情况请补充"),
    "openness": ("政府信息公开申请", "信息公开受理机构"),
    "police": ("正在发生的违法犯罪或警情", "110"),
    "fire": ("火警、救援", "119"),
    "medical": ("急救", "120"),
    "area": ("不在本地", "当地 12345"),
}
TRANSFERS = {"110": "公安 110", "119": "消防 119", "120": "急救 120", "12345": "12345 热线", "petition": "信访部门", "justice": "司法所", "12388": "纪检监察 12388", "other": "其他"}
#: Why a clock may stand still (domain.md §3.2): nothing else is a reason.
SUSPENSIONS = {"project": "等立项", "money": "等财政安排", "season": "等季节、天气", "assembly": "等村民会议或代表会议"}

URGENT = re.compile(r"火情|着火|起火|失火|溺水|落水|漏电|触电|塌方|滑坡|坍塌|泥石流|家暴|打老婆|走失|走丢|失踪|轻生|自杀|跳楼|喝农药|煤气|燃气泄漏|昏迷|晕倒|大出血|救命")
DOORS = {"火": "119", "着": "119", "起": "119", "失": "119", "坍": "119", "燃": "119", "煤": "119", "塌": "119", "滑": "119", "泥": "119", "溺": "119", "落": "119", "昏": "120", "晕": "120", "大": "120", "喝": "120", "触": "120", "漏": "119"}


def urgent_words(text: str) -> list[str]:
    """Words that mean danger to life or property, in the order they appear."""
    return list(dict.fromkeys(URGENT.findall(text)))


def emergency_number(word: str) -> str:
    """Whom to call first: 119, 120, else 110."""
    return DOORS.get(word[:1], "110")


#: Speech that is about a person who works for the village or the town: such a matter takes another way.
OFFICE = re.compile(r"村书记|支书|村主任|村长|村干部|干部|网格员|文书|镇长|乡长|书记|主任|工作人员|窗口人员|村委|两委")
BLAME = re.compile(r"贪|吃拿卡要|卡要|收(?:了)?(?:红包|钱|好处|礼)|受贿|索要|截留|冒领|克扣|挪用|侵占|打击报复|报复|推诿|不作为|乱作为|态度(?:恶劣|差|不好)|骂人|打人|优亲厚友|徇私|包庇|占(?:用|为己有)|拖着不办|刁难|举报|投诉|欺压|虚报|造假|低保.{0,6}(?:亲戚|关系)")


def about_staff(text: str, names: list[str] = ()) -> list[str]:  # type: ignore[assignment]
    """The words by which a text is a complaint about somebody who works here: named, or by office together with a reproach.

    `names`: of people who hold an appointment at the place; a name alone is no complaint, with a reproach it is.
    """
    blame = BLAME.findall(text)
    if not blame:
        return []
    who = [n for n in names if n and n in text] + OFFICE.findall(text)
    return list(dict.fromkeys([*who, *blame])) if who else []
