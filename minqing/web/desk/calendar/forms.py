"""Forms of the working calendar. What may be changed is asked of the actions; here only the shape of the words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.lib.worktime import Kind
from minqing.service.actions.calendar import Hours
from minqing.service.rules import calendar as lists
from minqing.web.desk.areas.forms import day_field
from minqing.web.desk.staff.forms import CTL

KINDS = [(Kind.WORK.value, _("全天上班")), (Kind.OFF.value, _("全天休息")), (Kind.MORNING.value, _("只上午上班")), (Kind.AFTERNOON.value, _("只下午上班"))]


def clock(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, required=False, widget=forms.TimeInput({**CTL, "type": "time"}, format="%H:%M"))


class DayForm(forms.Form):
    """One day of one area."""

    kind = forms.ChoiceField(label=_("这一天"), choices=KINDS, widget=forms.RadioSelect)
    why = forms.CharField(label=_("为什么"), max_length=80, help_text=_("如“市政府通知：台风停工”。群众问起期限时照这句说。"), widget=forms.TextInput({**CTL, "autocomplete": "off"}))
    morning_opens, morning_closes = clock(_("上午开门")), clock(_("上午关门"))
    afternoon_opens, afternoon_closes = clock(_("下午开门")), clock(_("下午关门"))

    CLOCKS = ("morning_opens", "morning_closes", "afternoon_opens", "afternoon_closes")

    @property
    def plain(self) -> list[Any]:
        return [self["kind"], self["why"]]

    @property
    def clocks(self) -> list[Any]:
        return [self[name] for name in self.CLOCKS]

    @property
    def clocks_open(self) -> bool:
        """Whether the part with the opening hours shows at once."""
        return any(self[name].value() or self[name].errors for name in self.CLOCKS)

    @property
    def hours(self) -> Hours:
        return Hours(**{name: self.cleaned_data[name] for name in self.CLOCKS})


class FindDayForm(forms.Form):
    """Which day to change."""

    day = day_field(_("哪一天"))


class ImportForm(forms.Form):
    """The notice, lines, or a file."""

    year = forms.IntegerField(label=_("哪一年"), min_value=2000, max_value=2100, widget=forms.NumberInput({**CTL, "inputmode": "numeric"}))
    text = forms.CharField(
        label=_("粘贴通知全文，或一行一天"), required=False, max_length=20000, widget=forms.Textarea({**CTL, "rows": 10, "spellcheck": "false"}),
        help_text=_("国务院办公厅的通知整段粘贴即可；也可以写“2027-02-08 休”“2027-02-05 至 2027-02-11 休 春节”“2027-02-20 班”，一行一条。"),
    )
    file = forms.FileField(label=_("或选一个文件"), required=False, help_text=_("Excel 或 CSV：日期、安排（休、班、上午班、下午班）、说明三列。"), widget=forms.FileInput({"accept": ".csv,.txt,.xls,.xlsx,.ods"}))
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def read(self) -> lists.Reading:
        """What the pasted text or the file says; its problems, and a wrong year, are errors of the form."""
        file, text = self.cleaned_data.get("file"), self.cleaned_data.get("text", "")
        name = "file" if file else "text"
        found = lists.read_file(file.name, file.read()) if file else lists.read_text(text, self.cleaned_data["year"])
        for problem in found.problems[:10]:
            self.add_error(name, problem)
        if not found.problems and self.cleaned_data["year"] not in found.years:
            self.add_error(name, _now("里面没有 {year} 年的日子，只有 {years} 年的，请核对。").format(year=self.cleaned_data["year"], years="、".join(map(str, found.years))))
        return found
