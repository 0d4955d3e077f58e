"""Forms of the archives' acts: shape and plain checks only; whether something is possible is the action's answer.

Invariant: a label is the paper form's word; a date is a native date input with today as its start, never in the future.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from minqing.archives.models import Household, Membership, Occupancy, Resident
from minqing.archives.rules import items, lifecycle
from minqing.lib import codes, identity

SEXES = [("", _("按证件号")), ("1", _("男")), ("2", _("女"))]
#: Relations people type at a table, most frequent first; the whole code table follows.
USUAL_RELATIONS = ("10", "11", "12", "20", "21", "22", "30", "31", "32", "51", "52", "28", "38", "41", "42", "61", "62", "97", "98", "99")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=DayInput(), help_text=help_text)


def text(label: Any, length: int = 60, *, required: bool = False, help_text: Any = "", rows: int = 0) -> forms.CharField:
    widget = forms.Textarea({"rows": rows}) if rows else forms.TextInput({"autocomplete": "off"})
    return forms.CharField(label=label, max_length=length, required=required, help_text=help_text, widget=widget)


def relation_choices(*, empty: bool = True) -> list[tuple[str, Any]]:
    """Relation codes with the usual ones first; the head himself is not chosen here."""
    known = [(code, label) for code, label in items.choices(codes.RELATION) if code not in ("01", "02")]
    usual = [pair for code in USUAL_RELATIONS for pair in known if pair[0] == code]
    rest = [pair for pair in known if pair not in usual]
    start: list[tuple[str, Any]] = [("", _("按亲属关系推算"))] if empty else []
    return [*start, (_("常用"), usual), (_("其他"), rest)]


class DayForm(forms.Form):
    """Every dated act: the day it is of, today unless said otherwise."""

    on = day(_("日期"))
    day_first = False

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": today, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.today = today
        know_today(self, today)
        if not self.day_first:
            self.order_fields([*(name for name in self.fields if name != "on"), "on"])
        self.fields["on"].widget.attrs["max"] = f"{today:%Y-%m-%d}"

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("日期晚于今天，请核对。"))
        return on


class NumberField(forms.CharField):
    """An identity number: tidied (full width, blanks, small x) and checked by its check character against `today`."""

    today: date

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=24, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}), **kwargs)

    def clean(self, value: Any) -> str:
        given = str(super().clean(value) or "")
        if not given:
            return ""
        found = identity.validate(given, today=self.today, trust_trailing_zeros=True)
        if not found.ok or found.value is None:
            raise forms.ValidationError(found.messages[0])
        return found.value


def know_today(form: forms.Form, today: date) -> None:
    """Tell the number fields of a form which day it is."""
    for field in form.fields.values():
        if isinstance(field, NumberField):
            field.today = today


# --- households -------------------------------------------------------------------------------------------------------


class SplitForm(DayForm):
    members = forms.MultipleChoiceField(label=_("谁分出去"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请至少勾选一人。")})
    head = forms.ChoiceField(label=_("新户的户主"), error_messages={"required": _("请选新户的户主。")})
    number = text(_("新户号"), 24, help_text=_("派出所给了新户号就填；没有可先空着。"))
    address = text(_("新户地址"), 200)
    natural_village = text(_("自然村"), 40)
    door = text(_("门牌"), 40)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].choices = people
        self.fields["head"].choices = [("", _("请选择")), *people]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("head") and found.get("members") and found["head"] not in found["members"]:
            self.add_error("head", _("新户的户主要在分出去的人当中。"))
        return found


class ToHouseholdForm(DayForm):
    into = forms.ChoiceField(label=_("并入哪一户"), widget=forms.RadioSelect, error_messages={"required": _("请先查找，再选并入的一户。")})

    def __init__(self, *args: Any, households: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = households


class MoveForm(DayForm):
    grid = forms.ChoiceField(label=_("移到哪个网格"), widget=forms.RadioSelect, error_messages={"required": _("请选网格。")})
    reason = text(_("原因"), 120, help_text=_("如：网格调整、搬到新村。"))

    def __init__(self, *args: Any, grids: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grid"].choices = grids


class HeadForm(DayForm):
    head = forms.ChoiceField(label=_("新户主"), widget=forms.RadioSelect, error_messages={"required": _("请选新户主。")})

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["head"].choices = people


class DissolveForm(DayForm):
    reason = forms.ChoiceField(label=_("销户原因"), choices=[(r, _(r)) for r in ("全户死亡", "全户迁出", "并入他户", "重复建档", "其他")])


class WordsForm(forms.Form):
    caution = text(_("上门提示"), 200, help_text=_("敲门前要知道的：听力、狗、什么时候在家。不写病情。"), rows=2)
    difficulties = text(_("主要困难"), 600, rows=3)
    wishes = text(_("愿望"), 600, rows=3)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AddressForm(forms.Form):
    address = text(_("地址"), 200, required=True)
    natural_village = text(_("自然村"), 40)
    group_no = text(_("村民小组"), 8)
    door = text(_("门牌"), 40)


class NewHouseholdForm(DayForm):
    grid = forms.ChoiceField(label=_("网格"))
    kind = forms.ChoiceField(label=_("户类型"), choices=[(k, _(label)) for k, label in Household.KINDS])
    number = text(_("户号"), 24, help_text=_("户口簿上的户号；居住户可空着。"))
    address = text(_("地址"), 200)
    natural_village = text(_("自然村"), 40)
    group_no = text(_("村民小组"), 8)
    door = text(_("门牌"), 40)

    def __init__(self, *args: Any, grids: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grid"].choices = grids


class RelationForm(forms.Form):
    relation = forms.ChoiceField(label=_("与户主关系"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["relation"].choices = relation_choices(empty=False)


# --- people -----------------------------------------------------------------------------------------------------------


class RegisterForm(DayForm):
    """Somebody whom the archives do not know yet."""

    name = text(_("姓名"), 50, required=True)
    id_number = NumberField(label=_("证件号码"), required=False, help_text=_("填了证件号，性别和出生日期不用再填。"))
    sex = forms.ChoiceField(label=_("性别"), choices=SEXES, required=False)
    birth_date = day(_("出生日期"), required=False)
    phone = text(_("联系电话"), 20)
    relation = forms.ChoiceField(label=_("与户主关系"), required=False)
    why = forms.ChoiceField(label=_("登记为"), choices=[("registered", _("户籍在这里")), ("living", _("只是住在这里"))], initial="registered")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["relation"].choices = relation_choices()


class BirthForm(forms.Form):
    name = text(_("姓名"), 50, required=True)
    birth_date = day(_("出生日期"))
    sex = forms.ChoiceField(label=_("性别"), choices=[("1", _("男")), ("2", _("女"))])
    mother = forms.ChoiceField(label=_("母亲"), required=False)
    father = forms.ChoiceField(label=_("父亲"), required=False)
    id_number = NumberField(label=_("证件号码"), required=False, help_text=_("还没有上户口可以空着。"))

    def __init__(self, *args: Any, women: Sequence[tuple[str, str]], men: Sequence[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mother"].choices = [("", _("不在本户")), *women]
        self.fields["father"].choices = [("", _("不在本户")), *men]
        self.fields["birth_date"].widget.attrs["max"] = f"{today:%Y-%m-%d}"
        know_today(self, today)


class MoveInForm(DayForm):
    person = forms.ChoiceField(label=_("谁迁入"), widget=forms.RadioSelect, error_messages={"required": _("请先查找，再选一人。")})
    relation = forms.ChoiceField(label=_("与户主关系"), required=False)
    basis = forms.ChoiceField(label=_("依据"), choices=[("registration", _("户口迁入")), ("living", _("只是来住"))])

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people
        self.fields["relation"].choices = relation_choices()


class MarryForm(DayForm):
    other = forms.ChoiceField(label=_("与谁结婚"), widget=forms.RadioSelect, error_messages={"required": _("请先查找，再选一人；档案里没有这个人，先把他登记进来。")})
    into = forms.ChoiceField(label=_("婚后住在"), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], households: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = people
        self.fields["into"].choices = [("", _("各自不变")), *households]


class DivorceForm(DayForm):
    other = forms.ChoiceField(label=_("与谁离婚"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = people


class DeathForm(DayForm):
    day_first = True
    on = day(_("去世日期"))
    reason = forms.ChoiceField(label=_("原因"), choices=[(r, _(r)) for r in lifecycle.DEATH_REASONS])


class LeaveForm(DayForm):
    day_first = True
    on = day(_("迁出日期"))
    to = text(_("迁往何处"), 120, required=True, help_text=_("写到县或乡镇，如“杭州市余杭区”。"))
    reason = forms.ChoiceField(label=_("原因"), choices=[(r, _(r)) for r in lifecycle.LEAVE_REASONS])


class AwayForm(DayForm):
    on = day(_("从哪天起"))
    where = text(_("外出到哪里"), 60, help_text=_("回来了就把这一格清空。"))


class EmergencyForm(forms.Form):
    name = text(_("紧急联系人"), 50, required=True)
    phone = text(_("电话"), 20, required=True)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("事由"), min_length=4, max_length=200, widget=forms.Textarea({"rows": 2}), help_text=_("写明为什么现在要看，如“上门评估失能等级”。本人可以查到。"),
                             error_messages={"min_length": _("事由太短，请写清楚（至少 4 个字）。"), "required": _("请写明事由。")})


class FieldForm(forms.Form):
    """One field of a person: from what he saw to what it shall be."""

    on = day(_("何时说的"))
    note = text(_("怎么知道的"), 120, help_text=_("如：本人说、看了户口簿。"))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, item: items.Item, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = value_field(item)
        self.fields["on"].initial = today
        know_today(self, today)
        self.order_fields(["value", "on", "note", "seen"])


def value_field(item: items.Item) -> forms.Field:
    """The input for an item by its kind: a choice of codes, a date, yes or no, a number, words."""
    label = _(item.label)
    if item.kind == "code" and item.codes is not None:
        return forms.ChoiceField(label=label, choices=[("", _("未知")), *items.choices(item.codes)], required=False)
    if item.kind == "date":
        return day(label, required=False)
    if item.kind == "flag":
        return forms.ChoiceField(label=label, choices=[("", _("未知")), ("1", _("是")), ("0", _("否"))], required=False)
    if item.kind == "number":
        return forms.DecimalField(label=label, required=False, min_value=0)
    if item.field == "id_number":
        return NumberField(label=label, required=False)
    return text(label, 200)


# --- dwellings --------------------------------------------------------------------------------------------------------

DWELLING_FIELDS = ("address", "natural_village", "doorplate", "building", "unit", "floor", "room", "structure", "floors", "built_year", "use_kind", "safety")
USE_KINDS = [("", _("未知")), *((k, _(k)) for k in ("自住", "租住", "寄住", "空置", "经营"))]


class DwellingForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DWELLING_FIELDS:
            item = items.DWELLING_ITEMS[name]
            made = forms.ChoiceField(label=_(item.label), choices=USE_KINDS, required=False) if name == "use_kind" else value_field(item)
            if name in ("floors", "built_year"):
                made = forms.IntegerField(label=_(item.label), required=False, min_value=0, max_value=2100)
            self.fields[name] = made
        self.fields["address"].required = True


class OccupantForm(DayForm):
    on = day(_("从哪天起"))
    person = forms.ChoiceField(label=_("谁"), widget=forms.RadioSelect, error_messages={"required": _("请先查找，再选一人。")})
    kind = forms.ChoiceField(label=_("人房关系"), choices=[(k, _(label)) for k, label in Occupancy.KINDS])

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = people


class SameForm(forms.Form):
    """Two files side by side: one judgement with its reason."""

    verdict = forms.ChoiceField(label=_("您的判断"), widget=forms.RadioSelect, choices=[("same", _("是同一个人，合成一份")), ("different", _("不是同一个人")), ("unsure", _("不确定，先记下"))])
    kept = forms.ChoiceField(label=_("合成一份时"), widget=forms.RadioSelect, required=False, help_text=_("留下的那份里已经有的值不变，只用另一份补空。"))
    why = text(_("理由"), 200, required=True, help_text=_("例如：对照户口簿，是同一个人，旧号码抄错。"))

    def __init__(self, *args: Any, kept: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kept"].choices = kept
        self.fields["kept"].initial = kept[0][0]


class WhyForm(forms.Form):
    why = text(_("理由"), 200, required=True, help_text=_("写明为什么撤回，至少四个字。"))


def lines_of(people: Sequence[Resident] | Sequence[Membership]) -> list[tuple[str, str]]:
    """(id, name) choices from residents or memberships."""
    found = [p.person if isinstance(p, Membership) else p for p in people]
    return [(str(p.pk), p.name) for p in found]
