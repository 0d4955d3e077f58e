"""Every text we send, as data: code, words with named fields, which fields are personal, which channels may carry it.

Invariants: a text names nothing of level 4 (health, disability, relief) and no amount of anybody's money; a template with
personal fields is never read out or put up; every field of the text is declared, with a sample that shows how it looks.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

from minqing.notify.rules.routing import PUBLIC, TO_ONE, Channel, Kind

#: Characters of one text message, and of each part of a longer one (three of the header each), in UCS-2.
SINGLE, PART = 70, 67
#: More parts than that and nobody reads it.
MOST_PARTS = 3
WEB = (Channel.WEBHOOK,)
OPEN = tuple(PUBLIC)


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a text. `personal`: says something about one person, so it is kept encrypted and is never public."""

    label: str
    sample: str
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """One text. `text` is for messages and calls, `letter` the longer words on paper ('' = the same)."""

    code: str
    label: str
    kind: Kind
    text: str
    fields: Mapping[str, Field]
    channels: tuple[Channel, ...] = TO_ONE
    urgent: bool = False
    letter: str = ""
    english: str = ""

    @property
    def personal(self) -> tuple[str, ...]:
        return tuple(name for name, f in self.fields.items() if f.personal)

    @property
    def samples(self) -> dict[str, str]:
        return {name: f.sample for name, f in self.fields.items()}


class Wrong(ValueError):
    """Values do not fit the template; the sentence says which."""


NO = Field("编号", "26 0000 0083")
WHAT = Field("事情", "门口路灯不亮", personal=True)
WHO = Field("称呼", "姜水仙", personal=True)
BY = Field("经办人", "郑书香")
PHONE = Field("咨询电话", "0570-4012345")
DAY = Field("日期", "12月1日")
PLACE = Field("地点", "彭里村便民服务点")
UNIT = Field("单位", "虎山街道")
ANSWER = Field("答复", "路灯已换新，今晚起亮", personal=True)
TIME = Field("时间", "12月15日 8:30")


def _own(code: str, label: str, text: str, fields: Mapping[str, Field], *, letter: str = "", urgent: bool = False, english: str = "") -> Template:
    return Template(code, label, Kind.OWN, text, fields, TO_ONE, urgent, letter, english)


TEMPLATES: dict[str, Template] = {
    t.code: t
    for t in (
        # one's own matter: the state log of a matter is what these are told from
        _own("matter.receipt", "收到了您反映的事", "{who}，您反映的“{what}”已收到，编号{no}，由{by}办，{day}前答复您。查进度请打{phone}。",
             {"who": WHO, "what": WHAT, "no": NO, "by": BY, "day": DAY, "phone": PHONE},
             letter="{who}：\n您反映的“{what}”，我们已经收到并登记，编号是 {no}。\n这件事由{by}负责办理，{day}前答复您。\n想知道办到哪一步，可以打电话 {phone}，报编号就行；也可以到村便民服务点来问。",
             english="{who}, we have received your matter “{what}” (no. {no}). {by} is on it and will answer by {day}. Questions: {phone}."),
        _own("matter.progress", "事情办到哪一步", "{who}，您的事（{no}）：{answer}。下一步{day}前。有疑问请打{phone}。",
             {"who": WHO, "no": NO, "answer": Field("进展", "已派人到现场看过，灯要换", personal=True), "day": DAY, "phone": PHONE}),
        _own("matter.moved", "事情转给别的单位办", "{who}，您的事（{no}）已转由{unit}办理，{day}前答复您。您不用再跑，有疑问请打{phone}。",
             {"who": WHO, "no": NO, "unit": UNIT, "day": DAY, "phone": PHONE}),
        _own("matter.longer", "答复要晚几天", "{who}，您的事（{no}）要延到{day}，因为{answer}。有疑问请打{phone}。",
             {"who": WHO, "no": NO, "day": DAY, "answer": Field("原因", "等灯具到货", personal=True), "phone": PHONE}),
        _own("matter.more", "还缺一样东西", "{who}，您的事（{no}）还缺：{answer}。补齐后接着办，不用重新排队。有疑问请打{phone}。",
             {"who": WHO, "no": NO, "answer": Field("缺什么", "身份证复印件一份", personal=True), "phone": PHONE}),
        _own("matter.answer", "事情的答复", "{who}，您的事（{no}）办好了：{answer}。还没解决或不满意，请打{phone}，我们接着办。",
             {"who": WHO, "no": NO, "answer": ANSWER, "phone": PHONE},
             letter="{who}：\n您反映的事（编号 {no}），现在答复如下：\n{answer}\n如果还没有解决，或者您不满意，请打电话 {phone}，或告诉来看您的网格员，我们接着办。"),
        _own("matter.refused", "这件事办不了，为什么", "{who}，您的事（{no}）不能办：{answer}。对此有意见可以打{phone}，也可以申请复查。",
             {"who": WHO, "no": NO, "answer": Field("原因和依据", "按规定须本人到场签字", personal=True), "phone": PHONE}),
        _own("matter.call_back", "问问事情解决了没有", "{who}，您的事（{no}）解决了吗？请回电{phone}告诉我们，或等网格员上门来问。", {"who": WHO, "no": NO, "phone": PHONE}),
        _own("matter.collect", "办好的东西可以来取", "{who}，您办的事（{no}）办好了，可到{place}取，周一至周五。走不动就打{phone}，我们送上门。",
             {"who": WHO, "no": NO, "place": PLACE, "phone": PHONE}),
        _own("agent.acted", "有人替您办了事", "{who}，{by}今天替您办了一件事（{no}）。如不是您托他办的，请马上打{phone}。", {"who": WHO, "by": BY, "no": NO, "phone": PHONE}),
        _own("relative.acted", "家人替您办了事", "{who}，您同意代办的{by}{day}{what}。如不是您的意思，请打{phone}，或告诉村里收回同意。",
             {"who": WHO, "by": Field("家人", "周志伟", personal=True), "day": DAY, "what": Field("做了什么", "替您说了一件事", personal=True), "phone": PHONE}),
        _own("file.changed", "您的档案按您说的改了", "{who}，您要求更正的内容已核实改好。如果不是您提的，请打{phone}。", {"who": WHO, "phone": PHONE}),
        # what he spoke of on a day with bookings
        _own("day.answer", "约好时说的事，答复", "{who}，您在{what}说的事，答复您：{answer}。不满意或还有疑问，请打{phone}。", {"who": WHO, "what": Field("哪一天", "虎山街道民情直通车（饮水和道路）"), "answer": ANSWER, "phone": PHONE}),
        _own("day.later", "约好时说的事，哪天答复", "{who}，您在{what}说的事：{answer}。{day}前答复您。有疑问请打{phone}。", {"who": WHO, "what": Field("哪一天", "虎山街道民情直通车（饮水和道路）"), "answer": Field("怎么说的", "下周请水务站来看", personal=True), "day": DAY, "phone": PHONE}),
        _own("day.off", "约好的日子不办了", "{who}，您约的{day}{what}不办了：{answer}。{next}{phone}。", {"who": WHO, "day": DAY, "what": Field("哪一天", "彭里村一周一集中"), "answer": Field("原因", "台风"), "next": Field("下一次", "下一次是12月8日，要约请打"), "phone": PHONE}),
        # something of one's own falls due
        Template("reminder.due", "有件事快到期", Kind.REMINDER, "{who}，提醒您：{what}，{day}前办。走不动就打{phone}，我们上门帮您办。",
                 {"who": WHO, "what": Field("什么事", "老年优待证可以领了", personal=True), "day": DAY, "phone": PHONE}),
        # what may concern one
        Template("policy.offer", "有一项政策您可能够条件", Kind.POLICY, "{who}，{what}，您可能够条件。要办就打{phone}，网格员会带表上门。不想再收到这类通知，也打这个电话。",
                 {"who": WHO, "what": Field("政策", "高龄优待新办法十二月起实行", personal=True), "phone": PHONE}),
        Template("visit.announced", "要来看您", Kind.NEWS, "{who}，{by}打算{time}来看您。不方便请打{phone}换个时间。", {"who": WHO, "by": BY, "time": TIME, "phone": PHONE}),
        Template("meeting.invitation", "请您来开会", Kind.NEWS, "{who}，请您{time}到{place}参加{what}。来不了请打{phone}。",
                 {"who": WHO, "time": TIME, "place": PLACE, "what": Field("会议", "民情沟通会"), "phone": PHONE}),
        # to everybody: no personal field, so it may be put up and read out
        Template("public.meeting", "大家来开会", Kind.NEWS, "{unit}{time}在{place}开{what}，欢迎大家来说说自己的事。咨询电话{phone}。",
                 {"unit": Field("村、社区", "彭里村"), "time": TIME, "place": PLACE, "what": Field("会议", "民情沟通日"), "phone": PHONE}, OPEN),
        Template("public.notice", "告诉大家一件事", Kind.NEWS, "{what}。咨询电话{phone}。", {"what": Field("什么事", "12月1日8:00至17:00停电检修"), "phone": PHONE}, OPEN),
        Template("public.warning", "紧急提醒", Kind.NEWS, "紧急提醒：{what}。请大家{answer}，互相照应。求助电话{phone}。",
                 {"what": Field("什么事", "台风今晚过境"), "answer": Field("怎么做", "关好门窗，低洼处的人到村委会来"), "phone": PHONE}, OPEN, urgent=True),
        # to staff and to other systems: a number, never a name
        Template("work.assigned", "有一件事派给您", Kind.WORK, "有一件事（{no}）派给您，{day}前要有结果。请登录连心民情查看。", {"no": NO, "day": DAY}),
        Template("work.due", "手上有事快到期", Kind.WORK, "您手上的事（{no}）{day}到期，请登录连心民情查看。", {"no": NO, "day": DAY}),
        Template("work.urgent", "有一件急事", Kind.WORK, "有一件急事（{no}）派给您，请马上登录连心民情查看。", {"no": NO}, urgent=True),
        Template("work.asked", "同事请您帮一件事", Kind.WORK, "{by}请您{what}，请登录连心民情答复。", {"by": BY, "what": Field("什么事", "12月3日替他值班")}),
        Template("work.invited", "同事请您来参加", Kind.WORK, "{by}请您{time}到{place}参加{what}，详情请登录连心民情查看。", {"by": BY, "time": TIME, "place": PLACE, "what": Field("参加什么", "培训：走访怎么问")}),
        Template("hook.matter", "事情的状态变了", Kind.WORK, "事情{no}：{state}", {"no": NO, "state": Field("状态", "已答复")}, WEB),
        # never written into the outbox: the code would stand there in clear (access/actions/sending.py)
        Template("code", "登录验证码", Kind.OWN, "验证码{code}，10分钟内有效。工作人员不会向您要验证码，请不要告诉任何人。", {"code": Field("验证码", "482913", personal=True)}, (Channel.SMS,), urgent=True),
    )
}
#: Texts that are sent at once and kept nowhere.
NOT_KEPT = frozenset({"code"})


def names_in(text: str) -> set[str]:
    """The fields that a text names."""
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name}


def fill(template: Template, values: Mapping[str, str], *, letter: bool = False, language: str = "zh-hans") -> str:
    """The words with their values. Raises Wrong where one is missing."""
    text = (template.letter if letter else "") or (template.english if language == "en" else "") or template.text
    missing = [template.fields[n].label for n in sorted(names_in(text)) if not str(values.get(n, "")).strip()]
    if missing:
        raise Wrong(f"“{template.label}”还缺：{'、'.join(missing)}。")
    filled = text.format_map({n: _tidy(str(v), keep_end=text.rstrip().endswith("{" + n + "}")) for n, v in values.items()})
    return re.sub(r"([。！？])。", r"\1", filled)


def _tidy(value: str, *, keep_end: bool) -> str:
    value = re.sub(r"\s+", " ", value).strip()
    return value if keep_end else value.rstrip("。；;，,")


def check(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """Values as they are kept: every declared field and no other. Raises Wrong."""
    unknown = sorted(set(values) - set(template.fields))
    if unknown:
        raise Wrong(f"“{template.label}”没有这样的内容：{'、'.join(unknown)}。")
    kept = {name: str(value).strip()[:200] for name, value in values.items()}
    fill(template, kept)
    return kept


def split(template: Template, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(open values, personal values)."""
    return ({n: v for n, v in values.items() if not template.fields[n].personal}, {n: v for n, v in values.items() if template.fields[n].personal})


def units(text: str) -> int:
    """Length as a text message counts it: a rare character outside the basic plane is two."""
    return len(text.encode("utf-16-be")) // 2


def parts(text: str) -> int:
    """How many text messages these words are."""
    length = units(text)
    return 1 if length <= SINGLE else -(-length // PART)


def shorten(template: Template, values: Mapping[str, str], *, room: int) -> dict[str, str]:
    """Values cut so that the filled text has at most `room` units: the longest free field gives way, never a number or a day."""
    kept = dict(values)
    free = [n for n in ("answer", "what") if n in kept]
    over = units(fill(template, kept)) - room
    for name in sorted(free, key=lambda n: -units(kept[n])):
        if over <= 0:
            break
        keep = max(units(kept[name]) - over - 1, 4)
        cut = kept[name]
        while units(cut) > keep:
            cut = cut[:-1]
        kept[name] = cut + "…"
        over = units(fill(template, kept)) - room
    return kept


@dataclass(frozen=True, slots=True)
class Shown:
    """A template as the staff's page shows it."""

    template: Template
    text: str
    letter: str
    parts: int
    channels: tuple[Channel, ...] = field(default=())
