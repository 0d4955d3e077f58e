"""Code tables of national standards, and the words departments write instead of codes.

Invariant: `to_code` answers only with a code of its table, and None for what it does not know; it never picks "other". Labels are those
of the standard. A number stored as a number that two editions read differently is refused (`RELATION`: 2 is a son by the
one-digit table and the head of the household where Excel cut the zero off 02).

The tables are data for forms, for cleaning in Python and in SQL (`words` is the whole dictionary of a table).
Source: domain.md §1.1–1.5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from minqing.lib import cells
from minqing.lib.codes_relation import RELATION_ALIASES, RELATION_CODES, RELATION_SHORT

#: Removed before words are compared: spaces, brackets and punctuation say nothing in a code cell.
NOISE = r"[\s()\[\]【】（）.,，。、;；:：'\"“”·]+"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code: the label of the standard and, where short, an English one."""

    code: str
    label: str
    english: str = ""


@dataclass(frozen=True, slots=True)
class CodeTable:
    """A table of codes. `aliases` maps words to codes, `short` one-digit forms of two-digit codes."""

    name: str
    standard: str
    entries: tuple[Entry, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    short: Mapping[str, str] = field(default_factory=dict)
    #: Endings people leave out or add: 汉 and 汉族.
    endings: tuple[str, ...] = ()
    #: True when small whole numbers from numeric cells have two readings.
    ambiguous_numbers: bool = False
    #: Code → the coarser one that reports use (81 小学毕业 → 80); codes without an entry are coarse already.
    coarser: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Build the dictionary once: codes, labels with and without endings, aliases."""
        words: dict[str, str] = {}
        for entry in self.entries:
            for word in (entry.code, entry.label, *(entry.label.removesuffix(end) for end in self.endings)):
                words.setdefault(tidy(word), entry.code)
            for end in self.endings:
                words.setdefault(tidy(entry.label) + end, entry.code)
        for alias, code in {**self.short, **self.aliases}.items():
            words[tidy(alias)] = code
        unknown = {code for code in words.values() if code not in {entry.code for entry in self.entries}}
        if unknown:
            raise ValueError(f"{self.name}: aliases of unknown codes {sorted(unknown)}")
        object.__setattr__(self, "words", MappingProxyType(words))

    def to_code(self, value: object) -> str | None:
        """The code that a word, a variant or a code means; None for empty and unknown cells."""
        numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
        word = tidy(cells.text(value))
        if not word or (numeric and self.ambiguous_numbers and len(word) < self.width):
            return None
        if word in self.words:
            return self.words[word]
        if word.isascii() and word.isdigit():
            # 1.0, 01 and 1 are one code where no shorter table says otherwise.
            padded = word.lstrip("0").rjust(self.width, "0")
            return self.words.get(padded)
        return None

    def label(self, code: str) -> str:
        """The Chinese label; the code itself where it is not of this table, so that a page never shows nothing."""
        return next((entry.label for entry in self.entries if entry.code == code), code)

    def english(self, code: str) -> str:
        """The English label, or the Chinese one where no short one exists."""
        return next((entry.english or entry.label for entry in self.entries if entry.code == code), code)

    def name_in(self, language: str, code: str) -> str:
        """The label in a language ("en", "zh-hans"); Chinese for all others."""
        return self.english(code) if language.startswith("en") else self.label(code)

    def choices_in(self, language: str) -> tuple[tuple[str, str], ...]:
        """(code, label) pairs for forms, in a language."""
        return tuple((entry.code, self.name_in(language, entry.code)) for entry in self.entries)

    def coarse(self, code: str) -> str:
        """The code that tables of figures use for this one."""
        return self.coarser.get(code, code)

    @property
    def width(self) -> int:
        """Length of the table's longest code."""
        return max(len(entry.code) for entry in self.entries)

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """(code, label) pairs for forms."""
        return tuple((entry.code, entry.label) for entry in self.entries)

    def __contains__(self, code: object) -> bool:
        """True for a code of this table."""
        return any(entry.code == code for entry in self.entries)


def tidy(word: str) -> str:
    """A word as it is looked up: no spaces, brackets, punctuation; lower case."""
    return re.sub(NOISE, "", cells.text(word)).lower()


def _entries(text: str) -> tuple[Entry, ...]:
    """Lines of `code|label` or `code|label|english`."""
    return tuple(Entry(*line.strip().split("|")) for line in text.strip().splitlines())


def _pairs(text: str) -> dict[str, str]:
    """`code=word/word/…` separated by spaces → word → code."""
    found: dict[str, str] = {}
    for group in text.split():
        code, _, words = group.partition("=")
        for word in words.split("/"):
            found[word] = code
    return found


SEX = CodeTable(
    "性别",
    "GB/T 2261.1-2003",
    _entries("""
0|未知的性别|unknown
1|男性|male
2|女性|female
9|未说明的性别|not stated
"""),
    _pairs("1=男/m/male/男子 2=女/f/female/女子 0=未知/不详 9=未说明"),
)

MARRIAGE = CodeTable(
    "婚姻状况",
    "GB/T 2261.2-2003",
    _entries("""
10|未婚|single
20|已婚|married
21|初婚|first marriage
22|再婚|remarried
23|复婚|remarried to former spouse
30|丧偶|widowed
40|离婚|divorced
90|未说明的婚姻状况|not stated
"""),
    _pairs(
        "10=未/未婚者/单身 20=已/有配偶/结婚/已结婚/在婚 30=丧/丧偶者/丧配/鳏寡/寡 40=离/离异/已离婚/离婚未再婚 90=未说明/未知/不详/其他"
    ),
    short={"1": "10", "2": "20", "3": "30", "4": "40", "9": "90"},
    coarser={"21": "20", "22": "20", "23": "20"},
)

EMPLOYMENT = CodeTable(
    "从业状况",
    "GB/T 2261.4-2003",
    _entries("""
11|国家公务员|civil servant
13|专业技术人员|professional
17|职员|clerk
21|企业管理人员|manager
24|工人|worker
27|农民|farmer
31|学生|student
37|现役军人|soldier
51|自由职业者|freelancer
54|个体经营者|self-employed
70|无业人员|not employed
80|退(离)休人员|retired
90|其他|other
"""),
    _pairs(
        "11=公务员/干部 13=专业技术/教师/医生/技术人员 17=办事员/文员 21=管理人员/企业主 24=职工/务工/打工/外出务工/工/民工 "
        "27=务农/粮农/菜农/在家务农/农/农业/林农/果农/种植/养殖 31=在校学生/在读/学 37=军人/现役/服役 51=自由职业/灵活就业 "
        "54=个体经营/个体经商/个体/个体户/经商/个体工商户/自营 70=无业/待业/失业/无/家务/家庭主妇/学龄前 80=退休/离休/离退休/退休人员/退离休人员"
    ),
)

_NATIONS = """汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇
柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙
鄂伦春 赫哲 门巴 珞巴 基诺"""
_NATION_ENGLISH = """Han Mongol Hui Tibetan Uyghur Miao Yi Zhuang Bouyei Korean Manchu Dong Yao Bai Tujia Hani Kazakh Dai Li Lisu Va She Gaoshan Lahu Sui
Dongxiang Naxi Jingpo Kirgiz Tu Daur Mulao Qiang Blang Salar Maonan Gelao Xibe Achang Pumi Tajik Nu Uzbek Russian Ewenki De'ang Bonan Yugur Gin Tatar
Derung Oroqen Hezhen Monba Lhoba Jino"""
NATION = CodeTable(
    "民族",
    "GB/T 3304-1991",
    tuple(
        Entry(f"{number:02d}", f"{name}族", english)
        for number, (name, english) in enumerate(zip(_NATIONS.split(), _NATION_ENGLISH.split(), strict=True), start=1)
    )
    + (Entry("97", "其他", "other"), Entry("98", "外国血统中国籍人士", "of foreign descent")),
    _pairs(
        "36=毛难/毛难族 46=崩龙/崩龙族 22=畬/畬族/佘族/畲民 05=维/维族 02=蒙/蒙族 10=朝/鲜族 97=其它/未识别/穿青人 98=外国血统"
    ),
    endings=("族",),
)

EDUCATION = CodeTable(
    "文化程度",
    "GB/T 4658-2006",
    _entries("""
10|研究生教育|postgraduate
11|博士研究生毕业|doctor
12|博士研究生结业|doctor, finished without diploma
13|博士研究生肄业|doctor, not finished
14|硕士研究生毕业|master
15|硕士研究生结业|master, finished without diploma
16|硕士研究生肄业|master, not finished
17|研究生班毕业|postgraduate class, completed
18|研究生班结业|postgraduate class, finished without diploma
19|研究生班肄业|postgraduate class, not finished
20|大学本科教育|bachelor
21|大学本科毕业|bachelor, completed
22|大学本科结业|bachelor, finished without diploma
23|大学本科肄业|bachelor, not finished
28|大学普通班毕业|university general class, completed
30|大学专科教育|junior college
31|大学专科毕业|junior college, completed
32|大学专科结业|junior college, finished without diploma
33|大学专科肄业|junior college, not finished
40|中等职业教育|vocational secondary
41|中等专科毕业|vocational secondary, completed
42|中等专科结业|vocational secondary, finished without diploma
43|中等专科肄业|vocational secondary, not finished
44|职业高中毕业|vocational high school, completed
45|职业高中结业|vocational high school, finished without diploma
46|职业高中肄业|vocational high school, not finished
47|技工学校毕业|technical school, completed
48|技工学校结业|technical school, finished without diploma
49|技工学校肄业|technical school, not finished
50|技工学校（旧）|technical school
60|普通高级中学教育|senior secondary
61|普通高中毕业|senior secondary, completed
62|普通高中结业|senior secondary, finished without diploma
63|普通高中肄业|senior secondary, not finished
70|初级中学教育|junior secondary
71|初中毕业|junior secondary, completed
73|初中肄业|junior secondary, not finished
80|小学教育|primary
81|小学毕业|primary, completed
83|小学肄业|primary, not finished
90|其他|other
99|未说明|not stated
"""),
    _pairs(
        "10=研究生/硕士及以上 11=博士/博士研究生 14=硕士/硕士研究生/研究生毕业 20=本科/大学本科/大学/大本/全日制本科/大学教育/学士 "
        "21=本科毕业/大学毕业 30=大专/专科/大学专科/高职/高职高专/大学专科和专科学校 31=大专毕业/专科毕业 "
        "40=中专/中专中技/中专技校/中等专科/中等专业/中技/职业高中/职高/技校/中等专业学校/中等职业学校/中等专业学校或中等技术学校/中等专科或中等技术学校 41=中专毕业 "
        "44=职高毕业 47=技校毕业 60=高中/普通高中/高级中学/普高 61=高中毕业 63=高中肄业 "
        "70=初中/初级中学/普通初中/中学 71=初级中学毕业 73=初中未毕业 80=小学/初小/高小/小学文化 83=小学未毕业/小学在读 "
        "90=文盲/半文盲/文盲或半文盲/文盲半文盲/不识字或识字很少/未上学/学龄前/其它/扫盲班/学前教育/幼儿园/无 99=不详/未知"
    ),
    coarser={
        str(code): f"{code // 10}0" for code in (*range(11, 20), 21, 22, 23, 28, 31, 32, 33, *range(41, 50), 61, 62, 63)
    }
    | {"50": "40", "71": "70", "73": "70", "81": "80", "83": "80"},
    short={digit: f"{digit}0" for digit in "12346789"},
)

POLITICS = CodeTable(
    "政治面貌",
    "GB/T 4762-1984",
    _entries("""
01|中共党员|Communist Party member
02|中共预备党员|probationary Party member
03|共青团员|Youth League member
04|民革党员|Revolutionary Committee of the Kuomintang
05|民盟盟员|Democratic League
06|民建会员|National Construction Association
07|民进会员|Association for Promoting Democracy
08|农工党党员|Peasants' and Workers' Democratic Party
09|致公党党员|Zhi Gong Party
10|九三学社社员|Jiusan Society
11|台盟盟员|Taiwan Democratic Self-Government League
12|无党派民主人士|non-party personage
13|群众|no party
"""),
    _pairs(
        "01=党员/中共正式党员/正式党员/共产党员/中国共产党党员/中共 02=预备党员/中国共产党预备党员 03=团员/共青团/中国共产主义青年团团员 "
        "04=民革/民革会员 05=民盟 06=民建 07=民进 08=农工党/农工民主党党员 09=致公党 10=九三学社/九三 11=台盟 12=无党派/无党派人士 13=群/无/普通群众/一般群众"
    ),
)

RELATION = CodeTable(
    "与户主关系",
    "GB/T 4761-2008",
    tuple(Entry(code, label, english) for code, label, english in RELATION_CODES),
    RELATION_ALIASES,
    short=RELATION_SHORT,
    ambiguous_numbers=True,
)
#: A cell that says somebody is the head: the table's words for 本人 and 户主, and the two codes in full.
HEAD_WORDS = frozenset(word for word, code in RELATION.words.items() if code in ("01", "02") and not word.isascii()) | {"01", "02"}

DISABILITY = CodeTable(
    "残疾类别",
    "GB/T 26341-2010",
    _entries("""
1|视力|visual
2|听力|hearing
3|言语|speech
4|肢体|physical
5|智力|intellectual
6|精神|mental
7|多重|multiple
"""),
    _pairs(
        "1=视力残/盲/盲人 2=听力残/聋/聋人 3=言语残/语言/哑 4=肢体残/肢残 5=智力残/智障/弱智 6=精神残/精神病 7=多重残/综合/多种"
    ),
    endings=("残疾",),
)

DISABILITY_GRADE = CodeTable(
    "残疾等级",
    "GB/T 26341-2010",
    _entries("""
1|一级|grade 1
2|二级|grade 2
3|三级|grade 3
4|四级|grade 4
"""),
    _pairs("1=壹/一/1级/壹级/i/ⅰ 2=贰/二/2级/贰级/ii/ⅱ 3=叁/三/3级/叁级/iii/ⅲ 4=肆/四/4级/肆级/iv/ⅳ"),
)

DOCUMENT = CodeTable(
    "证件类型",
    "GA/T 517-2004",
    _entries("""
111|居民身份证|resident identity card
112|临时居民身份证|temporary identity card
113|户口簿|household register
114|军官证|officer's card
115|武警警官证|armed police card
335|机动车驾驶证|driving licence
414|普通护照|passport
511|台湾居民来往大陆通行证|Taiwan travel permit
516|港澳居民来往内地通行证|Hong Kong and Macau travel permit
553|外国人永久居留身份证|permanent resident card
554|外国人居留证|residence permit for foreigners
810|香港居民居住证|Hong Kong residence permit
820|澳门居民居住证|Macau residence permit
830|台湾居民居住证|Taiwan residence permit
"""),
    _pairs(
        "111=身份证/居民身份证户口簿/二代证/一代证/居民身份证或户口簿/sfz/01 113=户口本/户口薄/出生医学证明 414=护照/外国护照/中国护照 "
        "511=台胞证/台湾通行证 516=回乡证/港澳通行证/港澳居民通行证 553=外国人永久居留证/永久居留证/外国人永久居留身份证 554=外国人居留许可 "
        "810=港澳居民居住证/香港居住证 820=澳门居住证 830=台湾居住证/台湾居民居住证"
    ),
)

REGISTRATION = CodeTable(
    "户口性质",
    "本地",
    _entries("""
1|农业户口（旧）|agricultural (old)
2|非农业户口（旧）|non-agricultural (old)
3|居民户口|resident
"""),
    _pairs(
        "1=农业/农业户口/农村/农业家庭户口/农/农村居民 2=非农/非农业/非农业户口/城镇/非农业家庭户口/城镇居民 3=居民/统一登记/居民家庭户/居民户/家庭户口"
    ),
)
HOUSEHOLD = CodeTable(
    "户类型", "本地", _entries("1|家庭户|family\n2|集体户|collective"), _pairs("1=家庭/家庭户口 2=集体/集体户口")
)
RESIDENCE_MATCH = CodeTable(
    "人户一致标识",
    "GB/T 31000-2015；03 本地",
    _entries("01|人户一致|living where registered\n02|人户不一致|living elsewhere\n03|空挂|registered only"),
    _pairs("01=一致/是/人在户在/人户合一 02=不一致/否/人户分离/户在人不在/人在户不在 03=空挂户/挂户"),
)
LEFT_BEHIND = CodeTable(
    "留守类型",
    "GB/T 31000-2015",
    _entries("01|留守老人|elder\n02|留守妇女|woman\n03|留守儿童|child"),
    _pairs("01=老人 02=妇女 03=儿童"),
)
INFLOW = CodeTable(
    "流入原因",
    "GB/T 31000-2015",
    _entries("""
01|务工|work
02|务农|farming
03|经商|business
04|学习培训|study
05|婚嫁|marriage
06|随迁|with family
07|治病疗养|health care
08|投亲靠友|with relatives
09|工作调动|transfer
99|其他|other
"""),
    _pairs(
        "01=打工/就业/工作 03=做生意/商 04=学习/就学/上学/求学/培训/读书 05=婚姻/结婚 06=随亲属/家属随迁/随同/照顾家人 07=就医/看病/治病 08=投靠/投亲 09=调动 99=其它"
    ),
)
DWELLING = CodeTable(
    "住所类型",
    "GB/T 31000-2015",
    _entries("""
01|自购房|owned
02|租赁房|rented
03|寄居|lodging
04|借住|borrowed
05|单位宿舍|staff dormitory
06|临时性宿舍|temporary dormitory
07|农民工公寓|workers' flats
99|其他|other
"""),
    _pairs(
        "01=自购/自有/自建/自建房/购房 02=租赁/租房/出租房/租住/租 03=寄住/寄宿 04=借/借居 05=宿舍/集体宿舍/内部宿舍 06=工棚/工地/临时 99=其它"
    ),
)
OCCUPANCY = CodeTable(
    "居住情况",
    "本地；参照 GB/T 31000",
    _entries("01|自住|own use\n02|租住|let\n03|寄住|lodgers\n04|空置|empty\n05|经营|business\n99|其他|other"),
    _pairs("01=自用/自己住/常住 02=出租/租 03=借住 04=空关/空房/闲置/无人居住/空 05=商用/店面"),
)
LETTING = CodeTable(
    "出租用途",
    "GB/T 31000-2015",
    _entries(
        "01|宿舍|dormitory\n02|住房|dwelling\n03|商铺|shop\n04|办公|office\n05|仓库|store\n06|厂房|factory\n99|其他|other"
    ),
    _pairs("02=居住/住宅/住/自住 03=店面/商业/商用/经营 04=办公室 05=仓储 06=生产/加工"),
)
HAZARD = CodeTable(
    "隐患类型",
    "GB/T 31000-2015",
    _entries("00|无|none\n01|治安|public order\n02|消防|fire\n03|矛盾纠纷|dispute\n04|劳资纠纷|wages\n99|其他|other"),
    _pairs("00=没有/无隐患 02=火灾/用电 03=纠纷"),
)
ENTERPRISE = CodeTable(
    "企业类型",
    "GB/T 31000-2015",
    _entries(
        "01|内资企业|domestic\n02|外资企业|foreign\n03|个体工商户|self-employed\n04|农民专业合作社|cooperative\n99|其他|other"
    ),
    _pairs("01=内资/有限责任公司/企业 02=外资 03=个体/个体户 04=合作社/专业合作社"),
)

#: Every table by the name that mappings of department files use.
TABLES: Mapping[str, CodeTable] = MappingProxyType(
    {
        "sex": SEX,
        "marriage": MARRIAGE,
        "employment": EMPLOYMENT,
        "nation": NATION,
        "education": EDUCATION,
        "politics": POLITICS,
        "relation": RELATION,
        "disability": DISABILITY,
        "disability_grade": DISABILITY_GRADE,
        "document": DOCUMENT,
        "registration": REGISTRATION,
        "household": HOUSEHOLD,
        "residence_match": RESIDENCE_MATCH,
        "left_behind": LEFT_BEHIND,
        "inflow": INFLOW,
        "dwelling": DWELLING,
        "occupancy": OCCUPANCY,
        "letting": LETTING,
        "hazard": HAZARD,
        "enterprise": ENTERPRISE,
    }
)
