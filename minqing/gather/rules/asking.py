"""Questions in words: what is asked, which answers there are, what may stand in a list.

Invariants: every code has a nature, so that a page never offers an answer that means nothing; a question about something
of level 4 names no subject outside its own page (lists say "敏感信息").
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from minqing.archives.rules import authority, items

IDENTITY, FIELD, LOOK = "identity", "field", "look"
#: Nature → verdicts that may be given.
VERDICTS: dict[str, tuple[str, ...]] = {
    IDENTITY: ("same", "different", "corrected", "new"),  # is this row that person?
    FIELD: ("accept", "keep"),                     # two values of one field
    LOOK: ("keep",),                               # something to look at; the change itself is an act of its own
}
#: Kinds of files whose rows are as sensitive as the item they become (as in sql/statements.sql; a test compares).
SENSITIVE_KINDS = frozenset({"children", "disability", "doctors", "elders", "medical", "pregnancies", "pupils", "relief", "special_families", "veterans"})
#: Of these even the department's name says what somebody is listed for: shown to whoever gathers, to others "部门名册".
DISCLOSING_KINDS = frozenset({"children", "disability", "pregnancies", "relief", "special_families", "veterans"})
#: Conflicts that say something of level 4.
SENSITIVE_CODES = ("conflict.relief", "conflict.left_behind", "conflict.dead_still_paid")
#: Conflicts in which the identity number has the last word, or where only an act (death, move) settles it.
_LOOKED_AT = ("conflict.sex", "conflict.birth", "conflict.dead", "conflict.two_households", "conflict.listed", "conflict.lives_alone", "conflict.left_behind", "conflict.relief", "conflict.member")


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of codes. `label` names it in filters, `asks` is the question itself, `icon` one of the desk's."""

    prefix: str
    label: str
    asks: str
    icon: str = "help"


KINDS: tuple[Kind, ...] = (
    Kind("D04", "号码被表格截断", "号码的后几位丢了，这一行说的是谁？", "id"),
    Kind("D05", "号码写错", "号码有错，这一行说的是谁？", "id"),
    Kind("D06", "号码像是别人的", "号码可能是家里别人的，这一行说的是谁？", "users"),
    Kind("D08", "同号不同名", "号码相同，姓名不同，是同一个人吗？", "arrows-exchange"),
    Kind("D24", "列可能错位", "这一行的列可能错开了，说的是谁？", "table"),
    Kind("D29", "户主与关系", "这一户的户主或关系说不通，请核对。", "home-2"),
    Kind("D34", "姓名为空", "这一行没有姓名，说的是谁？", "user"),
    Kind("D35", "没有号码", "这一行没有证件号码，说的是谁？", "id"),
    Kind("D36", "号码被遮盖", "号码被星号遮住了，说的是谁？", "eye-off"),
    Kind("D10", "姓名有字认不出", "姓名里有字认不出，说的是谁？", "user"),
    Kind("conflict.living", "现住地两说", "现在住在哪里？", "map-pin"),
    Kind("conflict.phone", "电话两说", "哪个电话打得通？", "phone"),
    Kind("conflict.name", "姓名用字两说", "姓名用哪个字？", "user"),
    Kind("conflict.sex", "性别与号码不符", "性别与证件号码不一致，请核对。", "user"),
    Kind("conflict.birth", "生日与号码不符", "出生日期与证件号码不一致，请核对。", "calendar"),
    Kind("conflict.registered", "户籍地两说", "户籍在哪里？", "home-2"),
    Kind("conflict.dead", "在世还是去世", "一处登记已故，一处仍在册，请核对。", "alert-triangle"),
    Kind("conflict.two_households", "登记在两户", "同时登记在两户，请核对。", "home-2"),
    Kind("conflict.listed", "村里列在另一户", "村里的名册把他列在另一户，走访时核实。", "home-2"),
    Kind("conflict.lives_alone", "是否独居", "登记为独居，配偶却同户，请核实。", "home-2"),
    Kind("conflict.left_behind", "两个部门说法不同", "两个部门说法不同，请核对。", "scale"),
    Kind("conflict.relief", "两个部门说法不同", "两个部门说法不同，请核对。", "scale"),
    Kind("conflict.", "两边说法不同", "两边说法不同，用哪一个？", "scale"),
)
OTHER = Kind("", "其他", "请核对这一行。")


def kind_of(code: str) -> Kind:
    """The family of a code; the longest prefix that fits."""
    fitting = [k for k in KINDS if code.startswith(k.prefix)]
    return max(fitting, key=lambda k: len(k.prefix)) if fitting else OTHER


def nature(code: str, field: str) -> str:
    """IDENTITY, FIELD or LOOK."""
    if code.startswith("conflict."):
        return FIELD if field in items.ITEMS and not code.startswith(_LOOKED_AT) else LOOK
    return LOOK if code.startswith(("D29", "row", "household")) else IDENTITY


def is_sensitive(code: str, field: str) -> bool:
    """Whether the question itself says something of level 4."""
    return code.startswith(SENSITIVE_CODES) or field in items.SENSITIVE


def list_sentence(code: str, field: str, sentence: str) -> str:
    """What a list may say of a question."""
    return _("两个部门说法不同，打开后核对（敏感信息，不在名单上显示）。") if is_sensitive(code, field) else _(sentence) if sentence else ""


def takes(field: str, *, source: str, on: str, now: str, now_source: str, now_on: str) -> bool:
    """Whether a value of `source` and date `on` becomes the current one, by the one authority rule.

    `now` is the present value ('' = empty), `now_source`/`now_on` whose it is; dates are ISO, '' = unknown (the oldest).
    """
    if not now:
        return True
    mine, theirs = authority.rank(field, source), authority.rank(field, now_source) if now_source else authority.OTHERS
    return mine < theirs or (mine == theirs and on > now_on)


def words_of_score(score: float | None) -> str:
    """A likeness as a person would say it: certainty in words, never a percentage."""
    if score is None:
        return ""
    for least, words in ((0.85, "非常像"), (0.7, "很像"), (0.5, "有些像"), (0.3, "不太像")):
        if score >= least:
            return _(words)
    return _("几乎不像")
