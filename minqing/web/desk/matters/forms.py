"""Forms of the desk of matters: shape and plain checks only; whether something is possible is the action's answer.

Invariant: every choice about a matter's outcome, reason or channel comes from the service's own tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.service.actions import retaliation
from minqing.service.models import CallBack, Contact
from minqing.service.rules import kinds

Choices = Sequence[tuple[str, Any]]


def text(label: Any, length: int = 60, *, required: bool = False, help_text: Any = "", rows: int = 0, needed: bool = False) -> forms.CharField:
    """`needed`: the action asks for it and says so in its own sentence, so the page does not call it optional."""
    widget = forms.Textarea({"rows": rows}) if rows else forms.TextInput({"autocomplete": "off"})
    made = forms.CharField(label=label, max_length=length, required=required, help_text=help_text, widget=widget)
    made.needed = needed  # type: ignore[attr-defined]
    return made


def one_a_line(field: forms.Field) -> forms.Field:
    """Long choices stand one below the other."""
    field.size = "lines"  # type: ignore[attr-defined]
    return field


def if_reached(field: forms.Field) -> forms.Field:
    """A question that is put only to whoever was reached."""
    field.opt = _("联系上了才问")  # type: ignore[attr-defined]
    return field


def choice(label: Any, choices: Choices, *, required: bool = True, radio: bool = False, help_text: Any = "", empty: Any = None, missing: Any = None) -> forms.ChoiceField:
    start = [("", empty if empty is not None else _("请选择"))] if not radio else []
    return forms.ChoiceField(label=label, choices=[*start, *choices], required=required, widget=forms.RadioSelect if radio else forms.Select, help_text=help_text,
                             error_messages={"required": missing or _("请选择。")})


def labelled(pairs: Choices) -> list[tuple[str, Any]]:
    return [(code, _(label)) for code, label in pairs]


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files in one field; what they are is looked at by the action."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=Files({"accept": "image/jpeg,image/png,image/webp,application/pdf"}), required=False, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given]


class IntakeForm(forms.Form):
    """One page: who, for whom, where, the words, what it is. Files are chosen again after an error: a browser never keeps them."""

    words = forms.CharField(label=_("原话"), max_length=4000, widget=forms.Textarea({"rows": 4}), help_text=_("照他说的写，不用修饰。"), error_messages={"required": _("请写下说了什么。")})
    place = forms.ChoiceField(label=_("在哪里"), error_messages={"required": _("请选择事情在哪个村（社区）。"), "invalid_choice": _("请从名单里选一个村或网格。")})
    spot = text(_("具体位置"), 120, help_text=_("如：祠堂门口、溪边 37 号屋后。"))
    name = text(_("谁说的"), 50)
    phone = text(_("电话"), 30, help_text=_("答复和回访打这个号码。"))
    address = text(_("住哪里"), 120)
    person = forms.CharField(required=False, widget=forms.HiddenInput)
    anonymous = forms.BooleanField(label=_("不愿留姓名"), required=False)
    confidential = forms.BooleanField(label=_("要求保密（承办单位看不到是谁）"), required=False)
    on_behalf = forms.BooleanField(label=_("替别人说的"), required=False)
    for_name = text(_("替谁"), 50)
    for_phone = text(_("他的电话"), 30)
    kind = choice(_("种类"), labelled(kinds.KIND_CHOICES), missing=_("请选择种类。"))
    category = choice(_("事项"), [], required=False, empty=_("先不定"))
    channel = choice(_("从哪里来"), labelled(kinds.CHANNEL_CHOICES), missing=_("请选择从哪里来。"))
    urgent = forms.BooleanField(label=_("紧急：危及人身或财产"), required=False)
    about_staff = forms.BooleanField(label=_("反映的是工作人员"), required=False, help_text=_("直接交纪检专员，被反映人所在的村和单位看不到；登记后您也看不到。"))
    accused = forms.MultipleChoiceField(label=_("反映谁"), required=False, widget=forms.CheckboxSelectMultiple)
    same = forms.CharField(required=False, widget=forms.HiddenInput)
    photos = FilesField(label=_("照片或材料"), help_text=_("可以不传。JPG、PNG、WebP 或 PDF，每个最多 12 MB，一次 6 个；照片里的拍摄地点会自动去掉。"))

    def __init__(self, *args: Any, places: Choices, categories: Choices = (), colleagues: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", _now("请选择")), *places] if _count(places) > 1 else places  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", _now("先不定")), *categories]  # type: ignore[attr-defined]
        self.fields["accused"].choices = colleagues  # type: ignore[attr-defined]
        if not colleagues:
            del self.fields["accused"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not found.get("anonymous") and not (found.get("name") or found.get("phone") or found.get("person")):
            self.add_error("name", _("请写姓名或电话；不愿留的，勾上“不愿留姓名”。"))
        if found.get("on_behalf") and not found.get("for_name"):
            self.add_error("for_name", _("请写替谁说的。"))
        return found


def _count(choices: Choices) -> int:
    return sum(len(inner) if isinstance(inner, list | tuple) else 1 for _key, inner in choices)


# --- acts --------------------------------------------------------------------------------------------------------------


class Seen(forms.Form):
    """Every act carries the version of the page it was decided on."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class WordsForm(Seen):
    words = text(_("说明"), 2000, rows=3, needed=True)


class AcceptForm(Seen):
    kind = choice(_("种类"), labelled(kinds.KIND_CHOICES))
    category = choice(_("事项"), [], required=False, empty=_("先不定"))


class RejectForm(Seen):
    reason = one_a_line(choice(_("为什么不受理"), [(k, format_lazy("{why} → {channel}", why=_(why), channel=_(channel))) for k, (why, channel) in kinds.REJECTIONS.items()], radio=True))
    words = text(_("补充说明"), 1000, rows=2, help_text=_("正确的渠道会自动告诉本人。"))


class TransferForm(Seen):
    to = choice(_("转给谁"), labelled(list(kinds.TRANSFERS.items())), radio=True)
    pointer = text(_("对方的编号"), 80, help_text=_("对方给了受理号就写上，以后好查。"))
    words = text(_("转了什么、对方谁接的"), 1000, rows=3, needed=True)


class HandOverForm(Seen):
    desk = choice(_("交给哪里受理"), [])
    words = text(_("为什么由那边受理"), 500, rows=2, needed=True)


class AnswerForm(Seen):
    words = text(_("怎么答复的"), 2000, rows=4, help_text=_("会原样告诉本人。"), needed=True)
    outcome = choice(_("办理结果"), [], radio=True)


class DispatchForm(Seen):
    lead = choice(_("主办"), [], missing=_("请选择主办单位。"))
    joint = forms.MultipleChoiceField(label=_("协办"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("没有就不选。协办回报之后主办才能答复。"))
    words = text(_("交代几句"), 1000, rows=2)


class ContactForm(Seen):
    how = choice(_("怎么联系的"), labelled(Contact.HOW), radio=True)
    reached = choice(_("联系上了吗"), [("1", _("联系上了")), ("0", _("没有联系上"))], radio=True)
    words = text(_("说了什么"), 1000, rows=3, help_text=_("没有联系上可以不写。"))


class AskReturnForm(Seen):
    words = text(_("为什么不属于这里"), 1000, rows=3, needed=True)
    basis = text(_("依据"), 200, help_text=_("职责清单的哪一项，或哪条法规。"), needed=True)
    suggested = choice(_("建议由谁办"), [], required=False, empty=_("说不准"))


class DecideForm(Seen):
    grant = choice(_("决定"), [("1", _("同意")), ("0", _("不同意"))], radio=True)
    words = text(_("理由"), 1000, rows=3, help_text=_("不同意的，写明为什么；同意解释办结的，写明依据和怎么解释的。"))


class AskExtendForm(Seen):
    days = forms.DecimalField(label=_("延几个工作日"), min_value=Decimal("0.5"), max_digits=4, decimal_places=1)
    words = text(_("为什么要延"), 1000, rows=3, help_text=_("会告诉本人。"), needed=True)


class AskSuspendForm(Seen):
    why = choice(_("在等什么"), labelled(list(kinds.SUSPENSIONS.items())), radio=True)
    review_on = forms.DateField(label=_("哪天再看"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), help_text=_("最多 30 天。"))
    words = text(_("在等什么、谁去推动"), 1000, rows=3, help_text=_("会告诉本人。"), needed=True)


class ReplyForm(Seen):
    words = text(_("办得怎样"), 2000, rows=5, help_text=_("会原样告诉本人。没有办成的，写清原因和下一步。"), needed=True)
    outcome = choice(_("办理结果"), [], radio=True)
    cost = forms.DecimalField(label=_("花了多少钱（元）"), required=False, min_value=0, max_digits=12, decimal_places=2)
    photos = FilesField(label=_("办理结果的照片"), help_text=_("可以不传。"))


class ReportForm(Seen):
    desk = choice(_("哪个处回报"), [])
    words = text(_("您这里办了什么"), 1000, rows=3, needed=True)


class AssignForm(Seen):
    staff = choice(_("交给谁办"), [])


class CallBackForm(Seen):
    channel = choice(_("怎么回访的"), labelled([(k, v) for k, v in CallBack.CHANNELS if k not in ("keys", "web")]), radio=True)
    reached = choice(_("联系上了吗"), [("1", _("联系上了")), ("0", _("没有联系上"))], radio=True)
    told = if_reached(choice(_("提出的当天有人答复您吗？"), [("1", _("有")), ("0", _("没有"))], radio=True, required=False))
    solved = if_reached(choice(_("事情解决了吗？"), labelled(kinds.SOLVED), radio=True, required=False))
    satisfied = if_reached(choice(_("满意吗？"), labelled(kinds.SATISFIED), radio=True, required=False))
    words = text(_("本人怎么说"), 1000, rows=3, help_text=_("没有解决或不满意的，要写下本人的话。"))


class MergeForm(Seen):
    into = one_a_line(choice(_("并入哪一件"), [], radio=True, required=False))
    number = text(_("或写编号"), 20, help_text=_("名单里没有的，写那一件的 10 位编号。"))


class SplitForm(Seen):
    words = text(_("另一件是什么事"), 2000, rows=3, needed=True)
    kind = choice(_("种类"), labelled(kinds.KIND_CHOICES))
    category = choice(_("事项"), [], required=False, empty=_("先不定"))


class RestrictForm(Seen):
    accused = forms.MultipleChoiceField(label=_("反映谁"), required=False, widget=forms.CheckboxSelectMultiple)


class RetaliationForm(Seen):
    said = one_a_line(choice(_("因为反映这件事，有没有受到报复或为难？"), labelled(retaliation.ANSWERS), radio=True, missing=_("请选择本人怎么说的。")))
    how = choice(_("怎么联系的"), labelled(Contact.HOW), radio=True, required=False)
    words = text(_("本人怎么说"), 2000, rows=4, help_text=_("说“有”的照原话写：谁、什么时候、做了什么。"))
    accused = forms.MultipleChoiceField(label=_("还有谁"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("上次反映的人不用再选。"))


class PlotForm(Seen):
    plot = one_a_line(choice(_("哪块地"), [], radio=True, missing=_("请先查找，再选一块地。")))


class AttachForm(Seen):
    photos = FilesField(label=_("照片或材料"), help_text=_("JPG、PNG、WebP 或 PDF，每个最多 12 MB，一次 6 个。"))


# --- catalogue ---------------------------------------------------------------------------------------------------------


class RuleForm(forms.Form):
    area = choice(_("适用区域"), [])
    category = text(_("代码"), 24, required=True, help_text=_("小写英文，如 lamp；同一代码，乡镇的压过县的。"))
    label = text(_("事项"), 40, required=True)
    kind = choice(_("种类"), labelled(kinds.KIND_CHOICES))
    keywords = text(_("群众怎么说"), 600, rows=3, help_text=_("用空格隔开。说到这些词，就建议这个事项。"))
    lead = text(_("主办"), 20, required=True, help_text=_("本村、乡镇受理台、本网格、县受理台，或部门编号如 /08。"))
    joint = text(_("协办"), 80, help_text=_("几个用顿号隔开。"))
    days = forms.DecimalField(label=_("办理期限（工作日）"), required=False, min_value=0, max_digits=5, decimal_places=1, help_text=_("空着 = 按种类的时限；0 = 当天。"))
    basis = text(_("依据"), 200)


class LimitForm(forms.Form):
    area = choice(_("适用区域"), [])
    kind = choice(_("种类"), labelled(kinds.KIND_CHOICES))
    contact = forms.DecimalField(label=_("首次联系"), min_value=0, max_digits=4, decimal_places=1)
    finish = forms.DecimalField(label=_("办理"), min_value=0, max_digits=5, decimal_places=1, help_text=_("0 = 当天。"))
    extend = forms.DecimalField(label=_("最多延期"), min_value=0, max_digits=5, decimal_places=1)
    basis = text(_("依据"), 200, required=True)
