"""Names of people: tidy form, notes written beside them, keys to match and to search by.

Invariant: the stored name is never changed beyond invisible characters, spaces and dots; simplification, pinyin and
folded sounds are keys only. Keys are made character by character (`simplify_char`, `syllable`), so that the set-based
engine can build the same keys from a small table of the characters that occur.

Source: domain.md §1.8, §6.4 #8–#12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product

import opencc
from pypinyin import lazy_pinyin
from rapidfuzz.distance import OSA

from minqing.lib import cells

LONGEST = 50
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
#: Everything used as the middle dot of names, after NFKC (which turns ．into a full stop but leaves the others).
DOTS = r"[·•・‧∙⋅●．.]"
#: Private use: old police systems drew rare characters here; no software can map them.
PRIVATE = "[\ue000-\uf8ff\U000f0000-\U0010ffff]"
#: What stands where an encoding could not hold a character.
UNREADABLE = r"[?□■�〓]"
MASKED = r"[*＊×某]"
BRACKETED = r"[(\[【〔〈<{]([^)\]】〕〉>}]*)[)\]】〕〉>}]?"
#: Words beside a name → what they say. The longest word wins; relation words are read by `codes.RELATION`.
NOTES: dict[str, str] = {
    "户主": "head",
    "已故": "dead",
    "已死亡": "dead",
    "死亡": "dead",
    "去世": "dead",
    "已去世": "dead",
    "亡": "dead",
    "故": "dead",
    "迁出": "moved_out",
    "已迁出": "moved_out",
    "迁走": "moved_out",
    "外迁": "moved_out",
    "注销": "cancelled",
    "已注销": "cancelled",
    "迁入": "moved_in",
    "新迁入": "moved_in",
    "外出": "away",
    "在外": "away",
    "外地": "away",
    "外嫁": "married_out",
    "出嫁": "married_out",
    "已嫁": "married_out",
    "入赘": "married_in",
    "失踪": "missing",
    "参军": "army",
    "服役": "army",
    "新生儿": "newborn",
    "未上户": "unregistered",
    "同名": "namesake",
    "曾用名": "former_name",
    "原名": "former_name",
}
#: Notes safe to cut from the end of a name even without a space or bracket: no given name ends with them.
GLUED_NOTES = ("已死亡", "已去世", "已故", "死亡", "去世", "已迁出", "迁出", "已注销", "注销", "户主")
#: The frequent surnames of the country and those of the county; for what a surname must begin. A rare one missing here is asked about less, never wrongly.
COMMON_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫阎雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔"
    "向常汤祝柴琚占詹鲁洪施俞季倪舒翁应"
)
#: Separators between several people in one cell. A space is none: 王　芳 is one person.
PEOPLE_SEPARATORS = r"[、,，;；/|\n\r]+"

# domain.md §1.8 (tagged R) and surnames of the county; single readings in names differ from everyday ones.
_SURNAME_TABLE = """
单=shan 仇=qiu 曾=zeng 查=zha 区=ou 解=xie 任=ren 华=hua 乐=yue 盖=ge 朴=piao 覃=qin 缪=miao 翟=zhai 召=shao
冼=xian 员=yun 宓=mi 折=she 纪=ji 占=zhan 祭=zhai 隗=wei 洗=xian 沈=shen 石=shi 车=che 柏=bai 谌=chen 种=chong
秘=bi 逄=pang 繁=po 郗=xi 尹=yin 那=na 幺=yao 宁=ning 俞=yu 琚=ju 祝=zhu
尉迟=yu+chi 万俟=mo+qi 单于=chan+yu 令狐=ling+hu 长孙=zhang+sun 澹台=tan+tai 欧阳=ou+yang 上官=shang+guan
司马=si+ma 诸葛=zhu+ge 司徒=si+tu 夏侯=xia+hou 皇甫=huang+fu 东方=dong+fang 公孙=gong+sun 慕容=mu+rong
宇文=yu+wen 端木=duan+mu 独孤=du+gu 南宫=nan+gong 轩辕=xuan+yuan 公羊=gong+yang 太史=tai+shi 申屠=shen+tu
钟离=zhong+li 赫连=he+lian 百里=bai+li 呼延=hu+yan 闻人=wen+ren 宗政=zong+zheng 濮阳=pu+yang 淳于=chun+yu
太叔=tai+shu 拓跋=tuo+ba 西门=xi+men 仲孙=zhong+sun
"""
SURNAMES: dict[str, str] = {
    surname: sounds.replace("+", " ") for surname, sounds in (pair.split("=") for pair in _SURNAME_TABLE.split())
}
COMPOUND_SURNAMES = frozenset(surname for surname in SURNAMES if len(surname) == 2)
#: Given-name characters with more than one reading: the first is the key, all are searched by.
_READING_TABLE = """
长=chang/zhang 乐=le/yue 行=xing/hang 朝=chao/zhao 曾=zeng/ceng 重=chong/zhong 单=dan/shan 盛=sheng/cheng
晟=sheng/cheng 茜=qian/xi 莘=xin/shen 娜=na/nuo 筠=yun/jun 柏=bai/bo 纶=lun/guan 传=chuan/zhuan 藏=cang/zang
都=du/dou 奇=qi/ji 降=jiang/xiang 贾=jia/gu 炅=jiong/gui 参=can/shen 兴=xing 翟=zhai/di 解=jie/xie 区=qu/ou
朴=pu/piao 阿=a/e 女=nv/nu 吕=lv/lu 绿=lv/lu 侣=lv/lu 律=lv/lu 旅=lv/lu 囡=nan 娒=mei/mu 畈=fan/ban 垄=long
嶴=ao 塢=wu
"""
READINGS: dict[str, tuple[str, ...]] = {
    char: tuple(sounds.split("/")) for char, sounds in (pair.split("=") for pair in _READING_TABLE.split())
}
#: Forms that are not traditional characters but are written for each other in village files.
VARIANTS = dict(zip("昇陞喆堃甯崐峯囯囻菓珎勳勲徳栁髙濶", "升升哲坤宁昆峰国国果珍勋勋德柳高阔", strict=True))
#: Sounds the dialects of the county do not keep apart: (expression, replacement) on one syllable.
SOUND_FOLDS: tuple[tuple[str, str], ...] = (
    (r"^zh", "z"),
    (r"^ch", "c"),
    (r"^sh", "s"),
    (r"^n", "l"),
    (r"^hu$", "fu"),
    (r"([aei])ng$", r"\1n"),
)

MOST_KEYS = 64
LONGEST_KEY = 40
MOST_READINGS = 4

_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}·])[ \t]+(?=[{HAN}·])")
_DOT_BETWEEN = re.compile(rf"(?<=[{HAN}A-Za-z])\s*{DOTS}\s*(?=[{HAN}A-Za-z])")
_ONLY_HAN = re.compile(rf"^[{HAN}]+$")
_HAS_HAN = re.compile(rf"[{HAN}]")


class Trouble(StrEnum):
    """What is wrong with a name; none of it changes the name."""

    EMPTY = "empty"
    PRIVATE = "private"
    UNREADABLE = "unreadable"
    MASKED = "masked"
    LONG = "long"
    DIGITS = "digits"
    NOTE = "note"
    FORMULA = "formula"


MESSAGES: dict[Trouble, str] = {
    Trouble.EMPTY: "姓名为空：请补填。",
    Trouble.PRIVATE: "姓名中有自造字，各系统显示不同：请对照户口簿确认用字。",
    Trouble.UNREADABLE: "姓名中有无法显示的字（?或□）：请对照户口簿补上。",
    Trouble.MASKED: "姓名已被遮盖：请向来源部门索取完整姓名。",
    Trouble.LONG: "姓名超过50个字：请核对是否填错了列。",
    Trouble.DIGITS: "姓名中有数字：请核对是否填错了列。",
    Trouble.NOTE: "姓名格中另有备注，已分开保存，请核对。",
    Trouble.FORMULA: "姓名以公式符号开头，已按文字保存。",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A cell read as one person's name: `value` to store, `notes` found beside it as (code, words)."""

    raw: str
    value: str
    notes: tuple[tuple[str, str], ...] = ()
    troubles: tuple[Trouble, ...] = ()

    @property
    def messages(self) -> tuple[str, ...]:
        """One Chinese sentence per trouble."""
        return tuple(MESSAGES[trouble] for trouble in self.troubles)


@dataclass(frozen=True, slots=True)
class MatchKeys:
    """Keys by which two spellings of a name meet; from strict to loose."""

    exact: str
    simplified: str
    sound: str
    dialect: str


class Likeness(StrEnum):
    """How near two names are, nearest first; a readable reason for the person who decides."""

    SAME = "same"
    VARIANT = "variant"
    UNREADABLE = "unreadable"
    SOUND = "sound"
    DIALECT = "dialect"
    ONE_CHARACTER = "one_character"
    DIFFERENT = "different"


LIKENESS_LABELS = {
    Likeness.SAME: "姓名相同",
    Likeness.VARIANT: "繁简或异体不同",
    Likeness.UNREADABLE: "有一字无法显示，其余相同",
    Likeness.SOUND: "同音不同字",
    Likeness.DIALECT: "方言近音",
    Likeness.ONE_CHARACTER: "只差一字",
    Likeness.DIFFERENT: "姓名不同",
}


def normalise(value: object) -> str:
    """The name as it is stored: no invisible characters, no spaces between Han characters, `·` as the only dot."""
    before, result = None, cells.one_line(value)
    # What one pass uncovers (a quote behind a comma) the next removes, so that a normalised name stays as it is.
    while result != before:
        before = result
        result = _BETWEEN_HAN.sub("", _DOT_BETWEEN.sub("·", cells.one_line(result))).strip(" ·,，、;；:：")
    return result


def parse(value: object) -> Name:
    """Split a cell into name and notes and say what is wrong with it. The raw text stays beside the value."""
    raw = value if isinstance(value, str) else cells.text(value)
    if cells.is_blank(value):
        return Name(raw, "", troubles=(Trouble.EMPTY,))
    content, notes = _split_notes(cells.one_line(value))
    name = normalise(content)
    troubles = tuple(_troubles(name, formula=cells.is_formula(value), noted=bool(notes)))
    return Name(raw, name, tuple(notes), troubles)


def _troubles(name: str, *, formula: bool, noted: bool) -> Iterator[Trouble]:
    if not name:
        yield Trouble.EMPTY
    if formula:
        yield Trouble.FORMULA
    for trouble, pattern in (
        (Trouble.PRIVATE, PRIVATE),
        (Trouble.UNREADABLE, UNREADABLE),
        (Trouble.MASKED, MASKED),
        (Trouble.DIGITS, r"\d"),
    ):
        if re.search(pattern, name):
            yield trouble
    if len(name) > LONGEST:
        yield Trouble.LONG
    if noted:
        yield Trouble.NOTE


def _split_notes(content: str) -> tuple[str, list[tuple[str, str]]]:
    notes: list[tuple[str, str]] = []

    def keep(words: str) -> None:
        words = words.strip(" :：")
        if words:
            notes.append((note_code(words), words))

    for match in re.finditer(BRACKETED, content):
        keep(match.group(1))
    rest = re.sub(BRACKETED, " ", content).strip()
    head, _, tail = rest.rpartition(" ")
    if head and (tail in NOTES or re.match(r"^(?:原名|曾用名)", tail)):
        keep(tail)
        rest = head
    for word in GLUED_NOTES:
        if rest.endswith(word) and len(rest) - len(word) >= 2:
            keep(word)
            rest = rest[: -len(word)]
            break
    if first := re.match(rf"^户主[:：\s]*(?=[{HAN}]{{2,4}}$)(?![之的])", rest):
        keep("户主")
        rest = rest[first.end() :]
    head, _, tail = rest.rpartition(" ")
    if tail in ("男", "女") and re.fullmatch(rf"[{HAN}]{{2,4}}", head):  # 张三 女; spaced out, 王 亚 女 is a name
        keep(tail)
        rest = head
    return rest.rstrip(" -—–_"), notes


def note_code(words: str) -> str:
    """The code of a note (`NOTES`), by its longest known word; "other" for relations, places and the rest."""
    known = [word for word in NOTES if word in words and (len(word) > 1 or word == words)]
    return NOTES[max(known, key=len)] if known else "other"


def split_people(value: object) -> list[Name]:
    """Several people in one cell, 张三(妻)、李四(长子), in order; their relation words are notes."""
    parts = re.split(PEOPLE_SEPARATORS, cells.text(value))
    return [parse(part) for part in parts if not cells.is_blank(part)]


@lru_cache(maxsize=65_536)
def simplify_char(char: str) -> str:
    """The simplified, standard form of one character; for keys only."""
    simple = _TO_SIMPLIFIED.convert(char)
    return VARIANTS.get(simple, simple) if len(simple) == 1 else char


def simplify(text: str) -> str:
    """`simplify_char` for every character: 黃嶽華 → 黄岳华."""
    return "".join(map(simplify_char, text))


@lru_cache(maxsize=65_536)
def syllable(char: str) -> str:
    """The toneless reading of one character in a given name (ü is v); the character itself where none is known."""
    simple = simplify_char(char)
    if simple in READINGS:
        return READINGS[simple][0]
    return lazy_pinyin(simple)[0].lower()


def split_surname(name: str) -> tuple[str, str]:
    """Surname and given name. Names with a dot or in Latin letters have no surname in this sense."""
    if not name or "·" in name or not _ONLY_HAN.match(name):
        return "", name
    simple = simplify(name[:2])
    size = 2 if simple in COMPOUND_SURNAMES and len(name) > 2 else 1
    return name[:size], name[size:]


def _alternatives(name: str) -> list[tuple[str, ...]]:
    """Every character's readings, the surname with its own."""
    surname, given = split_surname(name)
    simple = simplify(surname)
    if simple in SURNAMES:
        family: list[tuple[str, ...]] = [(sound,) for sound in SURNAMES[simple].split()]
    else:
        family = [READINGS.get(char, (syllable(char),)) for char in simple]
    return family + [READINGS.get(simplify_char(char), (syllable(char),)) for char in given if char not in "· "]


def pinyin(name: str) -> tuple[str, ...]:
    """The toneless syllables of a name, surname read as a surname: 单雄信 → ("shan", "xiong", "xin").

    A name without Han characters gives its words.
    """
    if not _HAS_HAN.search(name):
        return tuple(normalise(name).lower().split())
    return tuple(readings[0] for readings in _alternatives(normalise(name)))


def initials(name: str) -> str:
    """The first letters of the syllables, lower case: 郑书香 → "zsx"."""
    return "".join(sound[0] for sound in pinyin(name) if sound)


def fold(sound: str) -> str:
    """One syllable without the distinctions local speech does not make: jing → jin, shu → su."""
    for pattern, replacement in SOUND_FOLDS:
        sound = re.sub(pattern, replacement, sound)
    return sound


def match_keys(name: str) -> MatchKeys:
    """The keys of a name for exact, script-blind, homophone and dialect matching."""
    tidy = normalise(name)
    sounds = pinyin(tidy)
    return MatchKeys(tidy, simplify(tidy), " ".join(sounds), " ".join(map(fold, sounds)))


def search_keys(name: str) -> tuple[str, ...]:
    """What a search box finds a name by: every suffix of the name, of its pinyin and of its initials.

    Lower case, without spaces and dots, in order of use, at most `MOST_KEYS` keys of `LONGEST_KEY` characters. Each is meant for a prefix
    search, so 书香, shux and sx find 郑书香. Traditional names are found by simplified typing as well.
    """
    plain = re.sub(r"[·\s]", "", normalise(name)).lower()
    keys: dict[str, None] = {}
    forms = dict.fromkeys((plain, simplify(plain)))
    readings = _alternatives(plain)
    syllabic = _HAS_HAN.search(plain) is not None and len(readings) == len(plain)
    for start in range(len(plain)):
        for form in forms:
            keys[form[start:]] = None
        if syllabic:
            for sounds in _combinations(readings[start:]):
                keys["".join(sounds)] = None
                keys["".join(sound[0] for sound in sounds)] = None
    return tuple(dict.fromkeys(key[:LONGEST_KEY] for key in keys if key))[:MOST_KEYS]


def _combinations(readings: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    count = 1
    bounded: list[tuple[str, ...]] = []
    for choices in readings:
        # Past the bound only the usual reading is searched by.
        bounded.append(choices if count * len(choices) <= MOST_READINGS else choices[:1])
        count *= len(bounded[-1])
    return product(*bounded)


def distance(left: str, right: str) -> int:
    """How many characters must be changed, added, dropped or swapped with a neighbour to get from one to the other."""
    return int(OSA.distance(left, right))


def likeness(left: str, right: str) -> Likeness:
    """The strongest reason to think that two spellings are one name."""
    a, b = match_keys(left), match_keys(right)
    if not a.exact or not b.exact:
        return Likeness.DIFFERENT
    if a.exact == b.exact:
        return Likeness.SAME
    if a.simplified == b.simplified:
        return Likeness.VARIANT
    if _readable_parts_agree(a.simplified, b.simplified):
        return Likeness.UNREADABLE
    if a.sound == b.sound:
        return Likeness.SOUND
    if a.dialect == b.dialect:
        return Likeness.DIALECT
    if distance(a.simplified, b.simplified) == 1 and max(len(a.exact), len(b.exact)) > 1:
        return Likeness.ONE_CHARACTER
    return Likeness.DIFFERENT


def _readable_parts_agree(left: str, right: str) -> bool:
    unreadable = re.compile(rf"{UNREADABLE}|{PRIVATE}")
    if len(left) != len(right) or not (unreadable.search(left) or unreadable.search(right)):
        return False
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if not unreadable.match(a) and not unreadable.match(b)]
    return len(pairs) > 0 and all(a == b for a, b in pairs)
