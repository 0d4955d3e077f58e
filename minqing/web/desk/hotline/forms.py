"""Forms of the hotline: shape and plain checks only; whether something is possible is the action's answer.

Invariant: a bad field keeps every word that was typed.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from minqing.service.rules import calls, kinds

KIND_CHOICES = [(k.value, _(label)) for k, label in kinds.KIND_LABELS.items() if k not in (kinds.Kind.VERIFY,)]


class TakeForm(forms.Form):
    """The words while somebody talks, where, what it is, who does it."""

    call = forms.CharField(required=False, widget=forms.HiddenInput)
    words = forms.CharField(label=_("原话"), max_length=4000, widget=forms.Textarea({"rows": 5}), error_messages={"required": _("请写下对方说了什么。")})
    place = forms.ChoiceField(label=_("在哪里"), error_messages={"required": _("请选择事情在哪个村（社区）。"), "invalid_choice": _("请从名单里选一个村（社区）。")})
    spot = forms.CharField(label=_("具体位置"), max_length=120, required=False)
    name = forms.CharField(label=_("姓名"), max_length=50, required=False)
    phone = forms.CharField(label=_("回电号码"), max_length=30, required=False)
    address = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("种类"), choices=[("", _("请选择")), *KIND_CHOICES], error_messages={"required": _("请选择种类。")})
    category = forms.CharField(max_length=24, required=False, widget=forms.HiddenInput)
    urgent = forms.ChoiceField(label=_("缓急"), choices=[("", _("一般")), ("1", _("紧急"))], required=False)
    lead = forms.CharField(max_length=20, required=False)
    into = forms.UUIDField(required=False)
    answer = forms.CharField(max_length=1000, required=False)
    anonymous = forms.BooleanField(label=_("不愿留姓名"), required=False)
    confidential = forms.BooleanField(label=_("要求保密"), required=False)
    on_behalf = forms.BooleanField(label=_("替别人说的"), required=False)

    def __init__(self, *args: Any, places: list[tuple[str, Any]], call: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", _("请选择")), *places]
        self.fields["place"].widget.attrs |= {"class": "ctl", "hx-post": reverse("hotline-typing"), "hx-trigger": "change", "hx-target": "#hints", "hx-swap": "outerHTML", "hx-include": "closest form"}
        if call and not self.is_bound:
            self.initial["call"] = call


class ShiftForm(forms.Form):
    """Who, which shift, from which day to which."""

    staff = forms.ChoiceField(label=_("谁值班"), error_messages={"required": _("请选择谁值班。"), "invalid_choice": _("请从名单里选一位同事。")})
    kind = forms.ChoiceField(label=_("哪一班"), choices=[(k, _(label)) for k, (label, _b, _e) in calls.SHIFTS.items()])
    role = forms.ChoiceField(label=_("第几位"), choices=[("main", _("值班")), ("second", _("替补"))])
    first = forms.DateField(label=_("从哪天"), widget=forms.DateInput({"type": "date"}), error_messages={"required": _("请写从哪天开始。"), "invalid": _("日期请写成 2026-12-01 的样子。")})
    last = forms.DateField(label=_("到哪天"), widget=forms.DateInput({"type": "date"}), error_messages={"required": _("请写到哪天为止。"), "invalid": _("日期请写成 2026-12-01 的样子。")})
    phone = forms.CharField(label=_("值班电话"), max_length=30, required=False, help_text=_("不写就转到他的办公电话。"))

    def __init__(self, *args: Any, colleagues: list[tuple[Any, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].choices = [("", _("请选择")), *[(str(pk), name) for pk, name in colleagues]]


class LineForm(forms.Form):
    name = forms.CharField(label=_("热线名称"), max_length=40, help_text=_("如：365 热线"), error_messages={"required": _("请写热线的名称。")})
    number = forms.CharField(label=_("号码"), max_length=20, error_messages={"required": _("请写热线的号码。")})
    fallback = forms.CharField(label=_("无人值班时转到"), max_length=20, required=False, help_text=_("可以不写：没有人值班就录留言。"))


class AnswerForm(forms.Form):
    question = forms.CharField(label=_("群众怎么问"), max_length=120, error_messages={"required": _("请写群众怎么问。")})
    keywords = forms.CharField(label=_("关键词"), max_length=200, required=False, help_text=_("用空格或顿号隔开，如：异地看病、异地备案。"))
    answer = forms.CharField(label=_("怎么答"), max_length=1000, widget=forms.Textarea({"rows": 5}), help_text=_("能直接念给人听的话。"), error_messages={"required": _("请写怎么答。")})
    source = forms.CharField(label=_("依据"), max_length=200, help_text=_("哪个文件、哪个部门、何时核实。"), error_messages={"required": _("请写依据。")})
    valid_to = forms.DateField(label=_("有效到"), required=False, widget=forms.DateInput({"type": "date"}), help_text=_("过了这天不再显示。"), error_messages={"invalid": _("日期请写成 2026-12-31 的样子。")})
