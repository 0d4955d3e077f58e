"""Forms of areas, grids and successions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.models import Area
from minqing.web.desk.staff.forms import CTL, AreaField


def basis_field() -> forms.CharField:
    return forms.CharField(label=_("依据（文号或会议）"), max_length=120, help_text=_("如：江民〔2026〕12 号，或村民代表会议 2026-05-10。"), widget=forms.TextInput(CTL))


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({**CTL, "type": "date"}, format="%Y-%m-%d"))


class GridForm(forms.Form):
    """A new grid or micro-grid, or a new name."""

    name = forms.CharField(label=_("名称"), max_length=80, help_text=_("如“第四网格”“溪东片”。"), widget=forms.TextInput({**CTL, "autocomplete": "off"}))
    covers = forms.CharField(label=_("覆盖范围"), max_length=400, required=False, help_text=_("自然村、村民小组或门牌段，如“上溪、下溪，第 5–8 小组”。"), widget=forms.TextInput(CTL))


class MergeForm(forms.Form):
    into = forms.ChoiceField(label=_("并入哪个网格"), widget=forms.Select(CTL))
    basis = basis_field()

    def __init__(self, *args: Any, grids: list[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = [("", _now("请选择")), *((g.code, f"{g.short_name}（{g.code}）") for g in grids)]


class SplitForm(forms.Form):
    names = forms.CharField(label=_("新网格的名称，一行一个"), widget=forms.Textarea({**CTL, "rows": 4}))
    basis = basis_field()

    def clean_names(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["names"].splitlines() if line.strip()]


class OpenForm(forms.Form):
    """A new village or town under a code that was published."""

    code = forms.CharField(label=_("新代码"), max_length=12, help_text=_("统计用区划代码：乡镇 9 位，村（社区）12 位。"), widget=forms.TextInput({**CTL, "inputmode": "numeric", "autocomplete": "off"}))
    name = forms.CharField(label=_("法定名称"), max_length=80, widget=forms.TextInput(CTL))
    kind = forms.CharField(label=_("城乡分类代码"), max_length=16, required=False, widget=forms.TextInput(CTL))


class SucceedForm(forms.Form):
    """A village ends in another."""

    KINDS = [("merge", _("并入另一个村（对方照旧）")), ("recode", _("变更代码（还是这个村）"))]
    kind = forms.ChoiceField(label=_("方式"), choices=KINDS, widget=forms.RadioSelect)
    new = AreaField(label=_("新的村（社区）"), help_text=_("先建好新代码的村，再在这里选它。"))
    on = day_field(_("生效日期"))
    basis = basis_field()

    def __init__(self, *args: Any, codes: list[str], digits: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new"].codes, self.fields["new"].digits = codes, digits


class SplitVillageForm(forms.Form):
    """For each grid the village it goes to."""

    on = day_field(_("生效日期"))
    basis = basis_field()

    def __init__(self, *args: Any, grids: list[Area], codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for grid in grids:
            field = AreaField(label=_now("{grid} 归到").format(grid=grid.short_name))
            field.codes, field.digits = codes, (12,)
            self.fields[f"grid-{grid.code}"] = field
        self.order_fields([f"grid-{g.code}" for g in grids])

    @property
    def parts(self) -> dict[str, Area]:
        return {name[5:]: value for name, value in self.cleaned_data.items() if name.startswith("grid-")}


class SucceedTownForm(forms.Form):
    """A town ends in another; each village with its new code, one line each."""

    KINDS = [("merge", _("并入另一个乡镇街道")), ("recode", _("变更代码"))]
    kind = forms.ChoiceField(label=_("方式"), choices=KINDS, widget=forms.RadioSelect)
    new = AreaField(label=_("新的乡镇街道"))
    lines = forms.CharField(label=_("各村的新代码，一行一个：旧代码 新代码"), widget=forms.Textarea({**CTL, "rows": 10, "spellcheck": "false"}))
    on = day_field(_("生效日期"))
    basis = basis_field()

    def __init__(self, *args: Any, codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new"].codes, self.fields["new"].digits = codes, (9,)

    def clean_lines(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["lines"].splitlines(), 1):
            parts = line.split()
            if not parts:
                continue
            if len(parts) < 2 or not all(len(p) == 12 and p.isdigit() for p in parts[:2]):
                raise forms.ValidationError(_now("第 {number} 行应是两个 12 位代码，用空格隔开。").format(number=number))
            found[parts[0]] = parts[1]
        return found


class AliasForm(forms.Form):
    name = forms.CharField(label=_("别名"), max_length=80, widget=forms.TextInput({**CTL, "autocomplete": "off"}))
    why = forms.CharField(label=_("来由"), max_length=80, required=False, help_text=_("如：旧名、土话、公社时叫法。"), widget=forms.TextInput(CTL))
