"""GB/T 4761-2008: relations to the head of the household, in codes and in the words of the county's registers.

Invariant: every word means exactly one code, every code has a sex ("1", "2" or "" for either) and a generation.
A relation is relative to one head: when the head changes, it is derived again from parents and spouses, never translated.

Numbers 91–99 are second-hand (tag R in domain.md §1.5).
"""

from __future__ import annotations

_TABLE = """
01|本人|self||0
02|户主|head||0
10|配偶|spouse||0
11|夫|husband|1|0
12|妻|wife|2|0
20|子|son|1|-1
21|独生子|only son|1|-1
22|长子|eldest son|1|-1
23|次子|second son|1|-1
24|三子|third son|1|-1
25|四子|fourth son|1|-1
26|五子|fifth son|1|-1
27|养子或继子|adopted or step son|1|-1
28|女婿|son-in-law|1|-1
29|其他儿子|other son|1|-1
30|女|daughter|2|-1
31|独生女|only daughter|2|-1
32|长女|eldest daughter|2|-1
33|次女|second daughter|2|-1
34|三女|third daughter|2|-1
35|四女|fourth daughter|2|-1
36|五女|fifth daughter|2|-1
37|养女或继女|adopted or step daughter|2|-1
38|儿媳|daughter-in-law|2|-1
39|其他女儿|other daughter|2|-1
40|孙子、孙女或外孙子、外孙女|grandchild||-2
41|孙子|grandson|1|-2
42|孙女|granddaughter|2|-2
43|外孙子|daughter's son|1|-2
44|外孙女|daughter's daughter|2|-2
45|孙媳妇或外孙媳妇|grandson's wife|2|-2
46|孙女婿或外孙女婿|granddaughter's husband|1|-2
47|曾孙子或外曾孙子|great-grandson|1|-3
48|曾孙女或外曾孙女|great-granddaughter|2|-3
49|其他孙辈|other grandchild||-2
50|父母|parent||1
51|父亲|father|1|1
52|母亲|mother|2|1
53|公公|husband's father|1|1
54|婆婆|husband's mother|2|1
55|岳父|wife's father|1|1
56|岳母|wife's mother|2|1
57|继父或养父|step or adoptive father|1|1
58|继母或养母|step or adoptive mother|2|1
59|其他父母关系|other parent||1
60|祖父母或外祖父母|grandparent||2
61|祖父|father's father|1|2
62|祖母|father's mother|2|2
63|外祖父|mother's father|1|2
64|外祖母|mother's mother|2|2
65|配偶的祖父母或外祖父母|spouse's grandparent||2
66|曾祖父|great-grandfather|1|3
67|曾祖母|great-grandmother|2|3
68|配偶的曾祖父母或外曾祖父母|spouse's great-grandparent||3
69|其他祖父母或外祖父母关系|other grandparent||2
70|兄弟姐妹|sibling||0
71|兄|elder brother|1|0
72|嫂|elder brother's wife|2|0
73|弟|younger brother|1|0
74|弟媳|younger brother's wife|2|0
75|姐姐|elder sister|2|0
76|姐夫|elder sister's husband|1|0
77|妹妹|younger sister|2|0
78|妹夫|younger sister's husband|1|0
79|其他兄弟姐妹|other sibling||0
80|其他|other||
81|伯父|father's elder brother|1|1
82|伯母|wife of father's elder brother|2|1
83|叔父|father's younger brother|1|1
84|婶母|wife of father's younger brother|2|1
85|舅父|mother's brother|1|1
86|舅母|wife of mother's brother|2|1
87|姨父|husband of mother's sister|1|1
88|姨母|mother's sister|2|1
89|姑父|husband of father's sister|1|1
90|姑母|father's sister|2|1
91|堂兄弟、堂姐妹|paternal cousin||0
92|表兄弟、表姐妹|maternal cousin||0
93|侄子|brother's son|1|-1
94|侄女|brother's daughter|2|-1
95|外甥|sister's son|1|-1
96|外甥女|sister's daughter|2|-1
97|其他亲属|other relative||
98|保姆|housekeeper||
99|非亲属|not a relative||
"""
_ROWS = tuple(tuple(line.split("|")) for line in _TABLE.strip().splitlines())

RELATION_CODES: tuple[tuple[str, str, str], ...] = tuple((row[0], row[1], row[2]) for row in _ROWS)
#: Code → sex of the relative ("1", "2"); codes that fit both are missing.
RELATION_SEX: dict[str, str] = {row[0]: row[3] for row in _ROWS if row[3]}
#: Code → generation against the head: 1 parents, 0 own, -1 children; others are missing.
RELATION_GENERATION: dict[str, int] = {row[0]: int(row[4]) for row in _ROWS if row[4]}
#: One-digit table of the same standard. Text only: a numeric 2 may be an 02 that lost its zero.
RELATION_SHORT: dict[str, str] = {
    "0": "02",
    "1": "10",
    "2": "20",
    "3": "30",
    "4": "40",
    "5": "50",
    "6": "60",
    "7": "70",
    "8": "80",
}

_WORDS = """
01=自己/本人或户主
02=户主本人/本户户主/户长/家长/户代表/主
10=爱人/老伴/夫妻/夫或妻/配
11=丈夫/老公/夫君
12=妻子/老婆/媳妇妻/爱妻/内人
20=儿子/小儿子/儿/儿男/男孩/囝/幺儿
21=独子/独生儿子
22=大儿子/大子/长男/长儿/一子/大儿
23=二儿子/二子/次男/二儿/老二
24=三儿子/三男/三儿
25=四儿子/四男/四儿
26=五儿子/五男/五儿
27=养子/继子/义子/过继子/嗣子
28=婿/长婿/次婿/三婿/大女婿/二女婿/三女婿/赘婿/上门女婿/入赘女婿/长女婿/次女婿
29=六子/七子/其他子
30=小女儿/女儿/闺女/囡/女孩/囡儿/小囡/幺女
31=独女/独生女儿
32=大女儿/大女/长囡/一女/大囡
33=二女儿/二女/次囡/二囡
34=三女儿/三囡
35=四女儿/四囡
36=五女儿/五囡
37=养女/继女/义女/过继女
38=媳/媳妇/儿媳妇/长媳/次媳/三媳/大儿媳/二儿媳/三儿媳/大媳/二媳/大媳妇/二媳妇/长子媳/次子媳/子媳/四媳
39=六女/七女/其他女
40=孙辈/孙子女/外孙子女
41=孙/孙儿/长孙/次孙/三孙/大孙子/孙男/长孙子/次孙子
42=孙女儿/长孙女/次孙女/三孙女/孙囡
43=外孙/外孙儿/长外孙/次外孙
44=长外孙女/次外孙女/外孙囡
45=孙媳/孙媳妇/外孙媳/外孙媳妇/长孙媳
46=孙婿/孙女婿/外孙女婿/外孙婿
47=曾孙/曾孙子/重孙/重孙子/外曾孙/外曾孙子/玄孙
48=曾孙女/重孙女/外曾孙女
49=其他孙子女
50=父亲或母亲/双亲
51=父/爸爸/爸/爹/父親
52=母/妈妈/妈/娘/母親
53=公/公爹/丈夫的父亲/夫父
54=婆/婆母/丈夫的母亲/夫母
55=丈人/岳丈/妻父/老丈人
56=丈母/丈母娘/妻母
57=继父/养父/后父
58=继母/养母/后母
60=祖父母/外祖父母/祖辈
61=爷爷/祖/爷/大父
62=奶奶/祖奶/奶/嬷嬷
63=外公/姥爷
64=外婆/姥姥
66=太公/太爷爷/曾祖
67=太婆/太奶奶
70=兄弟/姐妹/兄妹/姐弟/兄弟姊妹
71=哥哥/哥/大哥/二哥/兄长/胞兄
72=嫂子/嫂嫂/大嫂
73=弟弟/弟第/大弟/二弟/小弟/胞弟
74=弟媳妇/弟妇/弟妹
75=姐/大姐/二姐/姊/胞姐/姊姊
77=妹/大妹/二妹/小妹/胞妹
79=内兄/内弟/妻兄/妻弟/妻妹/夫弟/夫兄/小姑/小舅子/大舅子
81=伯/伯伯/大伯
82=伯娘/大妈
83=叔/叔叔/小叔
84=婶/婶婶/婶娘
85=舅/舅舅
86=舅妈
87=姨夫/姨丈
88=姨/姨妈/阿姨
89=姑夫/姑丈
90=姑/姑姑/姑妈
91=堂兄/堂弟/堂姐/堂妹/堂兄弟/堂姐妹
92=表兄/表弟/表姐/表妹/表哥/表兄弟/表姐妹
93=侄/侄儿/侄男/内侄
94=内侄女
95=外甥儿/外甥男
97=亲属/亲戚/其他亲戚/侄媳/侄孙/侄孙女/侄女婿/外甥媳
98=佣人/保母
99=朋友/寄居/寄住/租客/无亲属关系/非亲/同事/集体户成员
"""
RELATION_ALIASES: dict[str, str] = {
    word: code for code, _, words in (line.partition("=") for line in _WORDS.split()) for word in words.split("/")
}
#: 户主之妻, 之长子: many registers name the head before the relation.
_BEFORE = ("之", "户主之", "户主的", "本户户主之")
RELATION_ALIASES |= {
    before + word: code
    for before in _BEFORE
    for word, code in {**{row[1]: row[0] for row in _ROWS}, **RELATION_ALIASES}.items()
    if code not in ("01", "02")
}
#: (code that fits both sexes, sex) → the exact code: a register says 配偶 where another says 妻.
REFINED_BY_SEX: dict[tuple[str, str], str] = {
    ("10", "1"): "11",
    ("10", "2"): "12",
    ("50", "1"): "51",
    ("50", "2"): "52",
}


def refine(code: str, sex: str) -> str:
    """The exact relation once the relative's sex (GB/T 2261.1) is known: 10 and "2" → 12."""
    return REFINED_BY_SEX.get((code, sex), code)
