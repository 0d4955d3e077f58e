"""Forms of log-in, second factor and password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


class LoginForm(forms.Form):
    username = forms.CharField(label=_("登录名"), max_length=40, widget=forms.TextInput({"autocomplete": "username", "autofocus": True}))
    password = forms.CharField(label=_("口令"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"}))


class CodeForm(forms.Form):
    """A code by time or a printed one."""

    code = forms.CharField(label=_("6 位动态口令，或 8 位打印口令"), max_length=16,
                           widget=forms.TextInput({"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "characters", "spellcheck": "false"}))


class FirstTotpForm(forms.Form):
    code = forms.CharField(label=_("手机上现在显示的 6 位数字"), max_length=10, widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "class": "ctl"}))
    label = forms.CharField(label=_("给这部手机起个名字"), max_length=60, required=False, widget=forms.TextInput({"class": "ctl"}))


class OwnerForm(forms.Form):
    password = forms.CharField(label=_("您的口令"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password", "class": "ctl"}))


class NewPasswordForm(forms.Form):
    """`old` only where one is logged in already; a one-time password has just been given."""

    old = forms.CharField(label=_("现在的口令"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password", "class": "ctl"}))
    new = forms.CharField(label=_("新口令"), strip=False, help_text=_("至少 10 位，字母、数字、符号至少两种。一句好记的话最好，例如几个不相干的词。"),
                          widget=forms.PasswordInput({"autocomplete": "new-password", "class": "ctl"}))
    again = forms.CharField(label=_("再输一遍新口令"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password", "class": "ctl"}))

    def __init__(self, *args: Any, first: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if first:
            del self.fields["old"]

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", _now("两次输入的新口令不一样。"))
        if data.get("new") and data.get("new") == data.get("old"):
            self.add_error("new", _now("新口令与现在的相同。"))
        return data
