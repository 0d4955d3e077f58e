"""Forms of the portal: one question a page where it can be; what is allowed is asked of the actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minqing.access.models import Feedback
from minqing.archives.actions.subjects import RELATIONS, TERMS
from minqing.service.rules import kinds

WIDE = {"class": "ctl"}


class PhoneForm(forms.Form):
    phone = forms.CharField(label=_("手机号"), max_length=20, widget=forms.TextInput({**WIDE, "inputmode": "tel", "autocomplete": "tel-national"}))


class CodeForm(forms.Form):
    code = forms.CharField(label=_("六位验证码"), max_length=12, widget=forms.TextInput({**WIDE, "inputmode": "numeric", "autocomplete": "one-time-code"}))
    own_phone = forms.BooleanField(label=_("这是我自己的手机，90 天内不用再登录"), required=False)


class LetterForm(forms.Form):
    number = forms.CharField(label=_("登录信编号（九位数字）"), max_length=20, widget=forms.TextInput({**WIDE, "inputmode": "numeric", "autocomplete": "off"}))
    code = forms.CharField(label=_("口令（八位，不分大小写）"), max_length=20, widget=forms.TextInput({**WIDE, "autocomplete": "off", "autocapitalize": "characters"}))
    own_phone = forms.BooleanField(label=_("这是我自己的手机或平板，90 天内不用再登录"), required=False)


class LinkForm(forms.Form):
    name = forms.CharField(label=_("姓名"), max_length=50, widget=forms.TextInput({**WIDE, "autocomplete": "name"}))
    tail = forms.CharField(label=_("身份证号后四位"), help_text=_("最后一位是字母 X 的，填 X。"), max_length=4, min_length=4, widget=forms.TextInput({**WIDE, "autocomplete": "off"}))


class FakeForm(forms.Form):
    name = forms.CharField(label=_("姓名"), max_length=50, widget=forms.TextInput(WIDE))
    phone = forms.CharField(label=_("手机号"), max_length=20, widget=forms.TextInput({**WIDE, "inputmode": "tel"}))


class CorrectForm(forms.Form):
    value = forms.CharField(label=_("正确的是"), max_length=200, required=False, widget=forms.TextInput(WIDE))
    note = forms.CharField(label=_("说明"), help_text=_("有什么凭据，或哪里不对，可以写在这里。"), max_length=300, required=False, widget=forms.Textarea({**WIDE, "rows": 3}))


class RelativeForm(forms.Form):
    name = forms.CharField(label=_("家人的姓名"), max_length=50, widget=forms.TextInput(WIDE))
    phone = forms.CharField(label=_("家人的手机号"), help_text=_("他用这个号码登录，先要说出您的姓名才打得开。"), max_length=20, widget=forms.TextInput({**WIDE, "inputmode": "tel"}))
    relation = forms.ChoiceField(label=_("他是您的"), choices=[(r, _(r)) for r in RELATIONS], widget=forms.Select(WIDE))
    days = forms.ChoiceField(label=_("多长时间"), choices=[(k, _(v)) for k, v in TERMS.items()], initial="180", widget=forms.Select(WIDE))
    sensitive = forms.BooleanField(label=_("单独同意：也可以看我的健康、残疾、救助信息"), required=False)


class ShareForm(forms.Form):
    days = forms.ChoiceField(label=_("多长时间"), choices=[(k, _(v)) for k, v in TERMS.items()], initial="365", widget=forms.Select(WIDE))


class AcceptForm(forms.Form):
    name = forms.CharField(label=_("请您代办的家人叫什么名字"), max_length=50, widget=forms.TextInput(WIDE))


class FeedbackForm(forms.Form):
    kind = forms.ChoiceField(label=_("您要"), choices=[(k, _(v)) for k, v in Feedback.KINDS], widget=forms.RadioSelect, initial="suggestion")
    words = forms.CharField(label=_("什么事"), max_length=2_000, widget=forms.Textarea({**WIDE, "rows": 6}))
    contact = forms.CharField(label=_("怎么答复您"), help_text=_("可以不留。不留的，凭编号和口令来查。"), max_length=100, required=False, widget=forms.TextInput(WIDE))


class ReceiptForm(forms.Form):
    number = forms.CharField(label=_("编号"), max_length=24, widget=forms.TextInput({**WIDE, "autocomplete": "off"}))
    word = forms.CharField(label=_("六位口令"), max_length=12, widget=forms.TextInput({**WIDE, "autocomplete": "off", "autocapitalize": "characters"}))


KINDS = [("help", _("求助")), ("question", _("咨询")), ("suggestion", _("建议")), ("complaint", _("投诉")), ("errand", _("请人代办"))]


class Pictures(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Several files; each one's bytes are looked at by enclosures.check."""

    widget = Pictures

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(PicturesField, self).clean(one, initial) for one in data or ()]


class SayForm(forms.Form):
    """One thing. `people` are those for whom the account may speak: (id, name), himself first; empty for nobody."""

    words = forms.CharField(label=_("什么事"), help_text=_("用平常话说。可以只录音，不写字。"), max_length=2_000, required=False, widget=forms.Textarea({**WIDE, "rows": 5}))
    voice = forms.FileField(label=_("录音"), required=False, help_text=_("点上面的按钮说，或选一个录音文件；最多两分钟。"), widget=forms.FileInput({"accept": "audio/*", "capture": ""}))
    photo = PicturesField(label=_("照片"), help_text=_("照片和录音一共最多 5 个。照片里的拍摄地点和时间会自动去掉。"), required=False, widget=Pictures({"accept": "image/*"}))
    spot = forms.CharField(label=_("具体在哪里"), max_length=120, required=False, widget=forms.TextInput(WIDE))
    kind = forms.ChoiceField(label=_("属于"), choices=KINDS, widget=forms.Select(WIDE), initial="help")
    name = forms.CharField(label=_("您怎么称呼"), max_length=50, required=False, widget=forms.TextInput({**WIDE, "autocomplete": "name"}))
    phone = forms.CharField(label=_("给您回话的电话"), max_length=20, required=False, widget=forms.TextInput({**WIDE, "inputmode": "tel", "autocomplete": "tel"}))
    confidential = forms.BooleanField(label=_("请对办事的人保密，不告诉他们我是谁"), required=False)
    anonymous = forms.BooleanField(label=_("不留姓名电话（只能凭编号和口令来查）"), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(people) > 1:
            self.fields["for_person"] = forms.ChoiceField(label=_("替谁说"), choices=list(people), required=False, widget=forms.Select(WIDE))
            self.order_fields(["for_person"])


class RateForm(forms.Form):
    solved = forms.ChoiceField(label=_("解决了吗"), choices=[(k, _(v)) for k, v in kinds.SOLVED], widget=forms.RadioSelect)
    satisfied = forms.ChoiceField(label=_("满意吗"), choices=[(k, _(v)) for k, v in kinds.SATISFIED], widget=forms.RadioSelect)
    told = forms.ChoiceField(label=_("提出当天有人联系您吗"), choices=[("", _("记不清")), ("yes", _("有")), ("no", _("没有"))], required=False, widget=forms.Select(WIDE))
    words = forms.CharField(label=_("想说的话"), help_text=_("没有办好的，请写一句哪里没有办好。"), max_length=500, required=False, widget=forms.Textarea({**WIDE, "rows": 3}))


class WordsForm(forms.Form):
    words = forms.CharField(label=_("说明"), max_length=500, widget=forms.Textarea({**WIDE, "rows": 3}))
