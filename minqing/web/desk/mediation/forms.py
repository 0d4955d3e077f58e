"""Forms of a mediation: shape and plain checks only; whether something is possible is the action's answer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.service.actions.mediations import Promised
from minqing.service.models import MediationConsent
from minqing.web.desk.matters.forms import choice, labelled, text

#: Rows for what each side will do; who needs more writes them into the agreement's text.
PROMISES = 4


def day(label: Any, *, help_text: Any = "", required: bool = True) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), help_text=help_text,
                           error_messages={"required": _("请选日期。"), "invalid": _("日期看不明白，请从日历里选。")})


class OtherForm(forms.Form):
    """The other side: found in the files, or a name and a telephone."""

    person = forms.ChoiceField(label=_("是哪一位"), required=False, widget=forms.RadioSelect)
    name = text(_("姓名"), 50, help_text=_("在上面选了人就不用写。"))
    phone = text(_("电话"), 30)
    address = text(_("住哪里"), 120)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if people:
            self.fields["person"].choices = [*people, ("", _now("都不是，写在下面"))]  # type: ignore[attr-defined]
            self.fields["person"].initial = ""
        else:
            del self.fields["person"]


class ConsentForm(forms.Form):
    party = forms.ChoiceField(label=_("哪一方"), widget=forms.RadioSelect, error_messages={"required": _("请选择是哪一方。")})
    agrees = choice(_("愿意调解吗"), [("1", _("愿意")), ("0", _("不愿意"))], radio=True, missing=_("请选择愿意还是不愿意。"))
    how = choice(_("怎么说的"), labelled(MediationConsent.HOW), radio=True, missing=_("请选择是怎么说的（书面、电话、当面）。"))

    def __init__(self, *args: Any, sides: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"].choices = sides  # type: ignore[attr-defined]
        if len(sides) == 1:
            self.fields["party"].initial = sides[0][0]


class SessionForm(forms.Form):
    on = day(_("哪天"))
    at = forms.TimeField(label=_("几点"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"), error_messages={"required": _("请写几点开的。"), "invalid": _("时间看不明白，如 19:30。")})
    place = text(_("在哪里"), 80, required=True, help_text=_("如：村委会、大丘田头。"))
    present = text(_("到场的人"), 200, required=True, help_text=_("双方、调解员、证人都写。"))
    words = text(_("双方怎么说的"), 4000, rows=6, required=True)

    def moment(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"]))


class AgreeForm(forms.Form):
    """The agreement and what each side will do by when; an empty row is no promise."""

    words = text(_("协议内容"), 4000, rows=8, required=True, help_text=_("一条一行，照双方说定的写。写好就编号，不再改动。"))

    def __init__(self, *args: Any, sides: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in range(1, PROMISES + 1):
            self.fields[f"who{n}"] = forms.ChoiceField(label=_now("谁做"), choices=[("", "—"), *sides], required=False)
            self.fields[f"what{n}"] = text(_now("做什么"), 200)
            self.fields[f"due{n}"] = day(_now("何时之前"), required=False)

    def rows(self) -> list[dict[str, Any]]:
        """Fields of each row, for the page."""
        return [{"no": n, "who": self[f"who{n}"], "what": self[f"what{n}"], "due": self[f"due{n}"]} for n in range(1, PROMISES + 1)]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for n in range(1, PROMISES + 1):
            who, what, due = found.get(f"who{n}"), found.get(f"what{n}"), found.get(f"due{n}")
            if any((who, what, due)) and not all((who, what, due)) and f"due{n}" not in self.errors:
                self.add_error(f"what{n}", _now("第 %d 项要写全：谁做、做什么、何时之前；不要就都空着。") % n)
        return found

    def promises(self) -> list[Promised]:
        given = self.cleaned_data
        return [Promised(uuid.UUID(given[f"who{n}"]), given[f"what{n}"], given[f"due{n}"]) for n in range(1, PROMISES + 1) if given[f"who{n}"]]


class SignForm(forms.Form):
    on = day(_("签字日期"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": today}, **kwargs)


class GiveUpForm(forms.Form):
    words = text(_("原因"), 1000, rows=3, required=True)


class PromiseForm(forms.Form):
    kept = choice(_("做到了吗"), [("1", _("做到了")), ("0", _("没有做到"))], radio=True, missing=_("请选择做到了没有。"))
    words = text(_("情况"), 1000, rows=3, help_text=_("没有做到的，写明是什么情况。"))
