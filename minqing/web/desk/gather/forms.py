"""Forms of gathering: where, what for, which column means what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from minqing.access.models import Area
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me, narrowest_cover
from minqing.gather.actions import columns

#: What the readers understand.
ACCEPTED = (".xls", ".xlsx", ".xlsm", ".ods", ".csv", ".tsv", ".txt", ".et", ".xml", ".htm", ".html")


class Control(forms.Form):
    """Inputs in the desk's own style."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "ctl")


def areas_of(me: Me) -> list[tuple[str, str]]:
    """Where he may gather: (code, name), the widest of each."""
    codes = narrowest_cover([p.area for p in me.posts if Right.GATHER in ROLES[p.role].rights])
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "short_name"))
    return [(c, names.get(c, c)) for c in codes]


class UploadForm(Control):
    """The files themselves are checked in the view: several in one field."""

    area = forms.ChoiceField(label=_("归集到哪里"), help_text=_("只写进这个区域的档案；文件里别处的人不动。"))
    label = forms.CharField(label=_("名称"), max_length=120, required=False, help_text=_("以后在名单里好认，例如“2026年11月 公安、医保”。不填就用文件名。"))

    def __init__(self, *args: Any, me: Me, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = areas_of(me)
        self.fields["area"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["area"].widget = forms.HiddenInput()
            self.fields["area"].initial = choices[0][0]


class ColumnForm(Control):
    """One heading and its meaning; the meanings offered are those of the kind of file."""

    area = forms.ChoiceField(label=_("适用范围"))
    kind = forms.ChoiceField(label=_("哪种文件"), required=False)
    name = forms.CharField(label=_("表头上的字"), max_length=80)
    field = forms.ChoiceField(label=_("是什么"), required=False)

    def __init__(self, *args: Any, me: Me, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = areas_of(me)
        self.fields["area"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["area"].widget = forms.HiddenInput()
            self.fields["area"].initial = choices[0][0]
        self.fields["kind"].choices = [("", _now("所有文件")), *columns.kinds()]  # type: ignore[attr-defined]
        self.fields["field"].choices = [("", _now("不采用这一列")), *columns.fields_of(kind)]  # type: ignore[attr-defined]
