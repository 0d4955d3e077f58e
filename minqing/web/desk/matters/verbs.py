"""The acts of a matter as pages: which form, what is said beforehand, which action. One table.

Invariant: which acts stand open is what moving.offered and the seats say; this table only names them, gathers two moves of one
decision under one page, and puts them in the order of the work.
"""

from __future__ import annotations

from dataclasses import dataclass

from django import forms

from minqing.access.scope import Me
from minqing.service.queries.files import File
from minqing.web.desk.matters import forms as f


@dataclass(frozen=True)
class Verb:
    """`says` stands beside the form: what will happen. `main` = may be the coloured button. `press`: the word on the form's button, where
    the act's own name does not say what pressing does."""

    label: str
    form: type[forms.Form]
    says: tuple[str, ...] = ()
    main: bool = True
    tone: str = ""
    press: str = ""


VERBS: dict[str, Verb] = {
    "retaliation": Verb("问是否受到报复", f.RetaliationForm, ("说“有”：另开一件受限的事，编号和口令当场告诉本人；上次反映的人一并列为被反映人。", "没有联系上的过一天再打；打过三次、不在同一天，就算问过了。", "这些只有纪检专员看得到。"), press="记下来"),
    "accept": Verb("受理", f.AcceptForm, ("本人会知道已受理。", "种类和事项可以在这里改对。")),
    "dispatch": Verb("派单", f.DispatchForm, ("派出去之后计时开始，本人会知道由谁办、何时前答复。", "主办一个工作日内不签收，到时算已签收。")),
    "decide_return": Verb("裁定退单", f.DecideForm, ("裁定之后不能再退（一次为准）。", "同意：回到待派单，另派别处。不同意：由原单位办。"), press="就这样裁定"),
    "sign": Verb("签收", f.Seen, ("签收的人就是承办人。", "一个工作日内要联系本人一次，联系不上也要记。")),
    "contact": Verb("记联系", f.ContactForm, ("打过的电话、上过的门都记一笔，联系上没有都算。",), press="记下来"),
    "reply": Verb("答复", f.ReplyForm, ("答复原样告诉本人；三个工作日内由另一位同事回访。",)),
    "report_joint": Verb("协办回报", f.ReportForm, ("回报之后这件事在您这里就办完了。",), press="回报"),
    "call_back": Verb("回访", f.CallBackForm, ("没有解决或不满意：第一次退回重办，第二次请领导定。", "在不同的两天打三次都联系不上，按办结处理并写明。"), press="记下回访"),
    "decide_extend": Verb("决定延期", f.DecideForm, ("同意：新的期限和原因会告诉本人，只延一次。",), press="就这样定"),
    "decide_suspend": Verb("决定挂起", f.DecideForm, ("同意：停止计时到再看的日子，原因会告诉本人。",), press="就这样定"),
    "decide_explain": Verb("决定解释办结", f.DecideForm, ("同意：写明依据和解释，告诉本人后办结。不同意：退回重办。",), press="就这样定"),
    "resume": Verb("恢复办理", f.WordsForm, ("计时接着走，停了多久期限就顺延多久。",)),
    "answer": Verb("当场答复", f.AnswerForm, ("能马上答清楚的，答完就办结，不用再派。",), main=False),
    "ask_extend": Verb("申请延期", f.AskExtendForm, ("到期前申请，领导批准后才算；原因会告诉本人。",), main=False, press="提交申请"),
    "ask_suspend": Verb("申请挂起", f.AskSuspendForm, ("只有等立项、等财政、等季节、等村民会议才能挂起。",), main=False, press="提交申请"),
    "ask_return": Verb("申请退单", f.AskReturnForm, ("派单后一个工作日内、一个单位一次；由受理处裁定，裁定后不能再退。", "计时不停。"), main=False, press="提交申请"),
    "assign": Verb("换人办", f.AssignForm, ("同一个处的另一位同事接着办。",), main=False, press="交给他"),
    "plot": Verb("关联地块", f.PlotForm, ("以后从这块地就能找到这件事和它的调解。",), main=False, press="关联"),
    "attach": Verb("添照片或材料", f.AttachForm, ("加密保存；谁打开过都有记录。",), main=False, press="添上"),
    "merge": Verb("并单", f.MergeForm, ("两件是同一件事才并；编号不变，办完分别答复、分别回访。",), main=False, press="并过去"),
    "split": Verb("拆单", f.SplitForm, ("一个电话说了两件事：另一件单独登记，同一位反映人。",), main=False, press="拆出来"),
    "hand_over": Verb("移交受理", f.HandOverForm, ("由那边受理，您这里不再看到；首问负责人不变。",), main=False, press="移交"),
    "transfer": Verb("转交", f.TransferForm, ("转给 110、12345、信访、司法等，本平台不再办，保留去向。",), main=False),
    "reject": Verb("不予受理", f.RejectForm, ("原因和正确的渠道会告诉本人。",), main=False, tone="danger", press="不受理，告诉本人"),
    "withdraw": Verb("按本人意思撤回", f.WordsForm, ("只有本人说不要办了才撤回，写下他怎么说的。",), main=False, tone="danger", press="撤回"),
    "reopen": Verb("重新打开", f.WordsForm, ("办结 30 天内有新情况，凭原编号重办。",), main=False),
    "restrict": Verb("转纪检专员", f.RestrictForm, ("反映的是工作人员：从现在起只有纪检专员看得到，您这里和被反映人所在处都看不到。",), main=False, tone="danger", press="转过去"),
}
#: Moves of the table of states that are one page here.
GATHERED = {
    "grant_return": "decide_return", "refuse_return": "decide_return", "grant_extend": "decide_extend", "refuse_extend": "decide_extend", "grant_suspend": "decide_suspend", "refuse_suspend": "decide_suspend",
    "grant_explain": "decide_explain", "refuse_explain": "decide_explain", "close": "call_back", "redo": "call_back", "ask_explain": "call_back",
}


def verbs_of(file: File, me: Me) -> list[str]:
    """What he can do now, in the order of the work."""
    open_now = {GATHERED.get(m.name, m.name) for m in file.moves} | file.also
    if file.matter.handler == me.id:
        open_now.discard("call_back")     # who handled it never calls back
    if file.matter.no_return or file.matter.lead_desk in file.matter.returned_by:
        open_now.discard("ask_return")
    if file.matter.extended:
        open_now.discard("ask_extend")
    return [v for v in VERBS if v in open_now]
