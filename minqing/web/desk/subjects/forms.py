"""Forms of residents' accounts at the desk; what is allowed is asked of the actions."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from minqing.access.models import Consent
from minqing.archives.actions.subjects import RELATIONS, TERMS

CTL = {"class": "ctl", "autocomplete": "off"}


class CardForm(forms.Form):
    number = forms.CharField(label=_("身份证号"), help_text=_("照着证件原件填。只查您负责的地方。"), max_length=24, widget=forms.TextInput(CTL))
    seen = forms.BooleanField(label=_("我正拿着本人的证件原件，人和证件相符"))


class PhoneForm(forms.Form):
    phone = forms.CharField(label=_("本人的手机号"), max_length=20, widget=forms.TextInput({**CTL, "inputmode": "tel"}))


class ConsentForm(forms.Form):
    kind = forms.ChoiceField(label=_("同意什么"), choices=[(k, _(v)) for k, v in Consent.KINDS], widget=forms.RadioSelect, initial="relative")
    name = forms.CharField(label=_("家人的姓名"), max_length=50, required=False, widget=forms.TextInput(CTL))
    phone = forms.CharField(label=_("家人的手机号"), max_length=20, required=False, widget=forms.TextInput({**CTL, "inputmode": "tel"}))
    relation = forms.ChoiceField(label=_("他是本人的"), choices=[("", "—"), *((r, _(r)) for r in RELATIONS)], required=False, widget=forms.Select(CTL))
    days = forms.ChoiceField(label=_("多长时间"), choices=[(k, _(v)) for k, v in TERMS.items()], initial="180", widget=forms.Select(CTL))
    sensitive = forms.BooleanField(label=_("本人单独同意：也可以看健康、残疾、救助信息"), required=False)
    how = forms.ChoiceField(label=_("怎么同意的"), choices=[(k, _(v)) for k, v in Consent.HOW if k != "portal"], widget=forms.RadioSelect, initial="paper")
    witness = forms.CharField(label=_("第二名在场的工作人员"), help_text=_("口头同意才填。"), max_length=50, required=False, widget=forms.TextInput(CTL))


class AnswerForm(forms.Form):
    words = forms.CharField(label=_("答复"), max_length=2_000, widget=forms.Textarea({**CTL, "rows": 6}))
