"""Forms of staff and appointments. What is allowed is asked of the actions; here only the shape of the words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access import queries
from minqing.access.models import Area, Organisation
from minqing.access.models.areas import UNPLACED
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me

CTL = {"class": "ctl"}
ORGANISATION_KINDS = [("village", _("村(社区)组织")), ("town", _("乡镇街道")), ("department", _("部门")), ("county", _("县级机构")), ("window", _("便民服务中心"))]


def roles_for(me: Me) -> list[tuple[str, str]]:
    """Roles the person may give somewhere: not above his own rank, highest first."""
    rank = max((ROLES[p.role].rank for p in me.posts if Right.APPOINT in ROLES[p.role].rights), default=0)
    return [(r.code, _now("%(role)s（%(explains)s）") % {"role": _now(r.label), "explains": _now(r.explains)}) for r in sorted(ROLES.values(), key=lambda r: (-r.rank, r.code)) if r.rank <= rank]


class AreaField(forms.CharField):
    """An area by code or by name; `clean` gives the Area. Names that mean several are refused with the choices."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput({**CTL, "list": "areas", "autocomplete": "off"}))
        super().__init__(max_length=80, **kwargs)
        self.codes: list[str] = []
        self.digits: tuple[int, ...] = ()

    def clean(self, value: Any) -> Any:
        words = super().clean(value).strip()
        if not words:
            return None
        words = words.rpartition("（")[2].rstrip("）") if words.endswith("）") else words
        exact = Area.objects.filter(pk=words, closed_on=None).first() if words.isdigit() else None
        if exact:
            return exact
        found = [f.area for f in queries.find_areas(words, codes=self.codes) if f.area.closed_on is None and f.area.code[12:] != UNPLACED]
        named = [a for a in found if words in (a.short_name, a.official_name)] or found
        if self.digits:
            named = [a for a in named if len(a.code) in self.digits] or named
        if len(named) == 1:
            return named[0]
        if not named:
            raise forms.ValidationError(_now("在您的范围内没有找到“{words}”。请写名称或代码。").format(words=words))
        names = queries.full_names(a.code for a in named[:6])
        choices = "；".join(f"{names[a.code]}（{a.code}）" for a in named[:6])
        raise forms.ValidationError(_now("“{words}”不止一处，请写代码：{choices}").format(words=words, choices=choices))


class PostForm(forms.Form):
    """A role in an area from a day to a day."""

    role = forms.ChoiceField(label=_("角色"), widget=forms.Select(CTL))
    area = AreaField(label=_("工作区域"), help_text=_("写名称或代码，如“彭里村”“第一网格”或 330881002205001。"))
    starts_on = forms.DateField(label=_("从哪天起"), required=False, help_text=_("不填就是现在。"), widget=forms.DateInput({**CTL, "type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("到哪天为止"), required=False, help_text=_("当天用完为止；不填就一直有效。"), widget=forms.DateInput({**CTL, "type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, me: Me, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _now("请选择")), *roles_for(me)]
        self.fields["area"].codes = queries.reach(me)
        role = self.data.get(self.add_prefix("role")) if self.is_bound else None
        if role in ROLES:
            self.fields["area"].digits = ROLES[role].digits

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _now("结束不能早于开始。"))
        return data


class NewStaffForm(forms.Form):
    """A new colleague. The post is optional: he may be appointed later, also by somebody else."""

    name = forms.CharField(label=_("姓名"), max_length=50, widget=forms.TextInput({**CTL, "autocomplete": "off"}))
    number = forms.CharField(label=_("工号"), max_length=16, help_text=_("也是登录名；以后不再给别人用。"), widget=forms.TextInput({**CTL, "autocomplete": "off"}))
    organisation = forms.ModelChoiceField(label=_("单位"), queryset=Organisation.objects.none(), required=False, empty_label=_("选一个，或在下面写新的"), widget=forms.Select(CTL))
    new_organisation = forms.CharField(label=_("新单位名称"), max_length=80, required=False, widget=forms.TextInput(CTL))
    new_kind = forms.ChoiceField(label=_("新单位类型"), choices=ORGANISATION_KINDS, required=False, widget=forms.Select(CTL))
    new_area = AreaField(label=_("新单位在哪里"), required=False)
    work_phone = forms.CharField(label=_("办公电话"), max_length=20, required=False, widget=forms.TextInput({**CTL, "inputmode": "tel"}))

    def __init__(self, *args: Any, me: Me, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = queries.reach(me)
        self.fields["organisation"].queryset = Organisation.objects.filter(queries.within("area_code", codes)).order_by("area_code", "name")
        self.fields["new_area"].codes = codes

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if not data.get("organisation") and not data.get("new_organisation"):
            self.add_error("organisation", _now("请选单位，或写一个新单位。"))
        if data.get("new_organisation") and not data.get("organisation") and not data.get("new_area") and "new_area" not in self.errors:
            self.add_error("new_area", _now("请写新单位在哪里。"))
        return data


class StandInForm(forms.Form):
    starts_on = forms.DateField(label=_("从哪天起"), required=False, help_text=_("不填就是现在。"), widget=forms.DateInput({**CTL, "type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("到哪天为止"), help_text=_("当天用完为止，到时自动失效。"), widget=forms.DateInput({**CTL, "type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, people: list[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"staff": forms.ChoiceField(label=_("谁来代理"), choices=[("", _now("请选择")), *people], widget=forms.Select(CTL)), **self.fields}
        self.today = today

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        first, last = data.get("starts_on") or self.today, data.get("ends_on")
        if last and last < first:
            self.add_error("ends_on", _now("结束不能早于开始。"))
        elif last and (last - first).days > 184:
            self.add_error("ends_on", _now("代理最长半年；更久请正式任命。"))
        return data


class EndForm(forms.Form):
    """Why an appointment ends; one pair of fields for each open thing is added by the view."""

    reason = forms.CharField(label=_("为什么结束"), max_length=120, help_text=_("如：换届、调离、身体原因。会记入日志。"), widget=forms.TextInput(CTL))

    def __init__(self, *args: Any, things: list[Any], people: list[tuple[str, str]], myself: tuple[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.things = things
        if sum(thing.source == "work" for thing in things) > 2:  # noqa: PLR2004 - three choices are still made one by one
            self.fields["rest"] = forms.ChoiceField(label=_("下面没有另选、也没写原因的，都交给"), required=False, choices=[("", _now("不，逐件选")), myself, *people], widget=forms.Select(CTL))
        for thing in things:
            self.fields[f"to:{thing.key}"] = forms.ChoiceField(label=_("交给谁"), required=False, choices=[("", _now("不交给别人，写明原因")), *([myself] if thing.source == "work" else []), *people], widget=forms.Select(CTL))
            self.fields[f"why:{thing.key}"] = forms.CharField(label=_("不交给别人的原因"), required=False, max_length=120, widget=forms.TextInput(CTL))

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        return [(thing, self[f"to:{thing.key}"], self[f"why:{thing.key}"]) for thing in self.things]

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        for thing in self.things:
            if data.get("rest") and thing.source == "work" and not data.get(f"to:{thing.key}") and not data.get(f"why:{thing.key}", "").strip():
                data[f"to:{thing.key}"] = data["rest"]
            if not data.get(f"to:{thing.key}") and not data.get(f"why:{thing.key}", "").strip():
                self.add_error(f"to:{thing.key}", _now("请选接手的人，或写明为什么不用交给别人。"))
        return data


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("原因"), max_length=120, widget=forms.TextInput(CTL))


class RestoreForm(forms.Form):
    reason = forms.CharField(label=_("为什么恢复"), max_length=120, help_text=_("如：忘了口令、手机丢了。会记入日志。"), widget=forms.TextInput(CTL))
    here = forms.BooleanField(label=_("本人就在我面前，我认得他（她）或核对了工作证件"))
