"""The auditor's conditions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minqing.access.rules import audit as rules

CTL = {"class": "ctl"}


class AskForm(forms.Form):
    """Everything is optional; without days the last seven are shown."""

    since = forms.DateField(label=_("从哪天"), required=False, widget=forms.DateInput({**CTL, "type": "date"}, format="%Y-%m-%d"))
    until = forms.DateField(label=_("到哪天"), required=False, widget=forms.DateInput({**CTL, "type": "date"}, format="%Y-%m-%d"))
    staff = forms.CharField(label=_("工作人员"), required=False, max_length=50, widget=forms.TextInput({**CTL, "placeholder": _("姓名或工号")}))
    what = forms.ChoiceField(label=_("做了什么"), required=False, widget=forms.Select(CTL))
    area = forms.CharField(label=_("区域"), required=False, max_length=60, widget=forms.TextInput({**CTL, "placeholder": _("名称或代码")}))
    person = forms.UUIDField(label=_("涉及的人（编号）"), required=False, widget=forms.TextInput({**CTL, "autocomplete": "off"}))
    household = forms.UUIDField(label=_("涉及的户（编号）"), required=False, widget=forms.TextInput({**CTL, "autocomplete": "off"}))
    purpose = forms.CharField(label=_("目的"), required=False, max_length=40, widget=forms.TextInput(CTL))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(f"group:{group}", _(label)) for group, label in rules.GROUPS.items()]
        words = [(word, _(rule.says)) for word, rule in sorted(rules.WORDS.items(), key=lambda item: (list(rules.GROUPS).index(item[1].group), item[0]))]
        self.fields["what"].choices = [("", _("全部")), (_("一类"), groups), (_("一种"), words)]
