"""Names that fit their bearers: surnames of western Zhejiang, given names of the decade of birth.

The lists are short on purpose: villages repeat names, and a linkage that was never shown two 周美仙 is untested.
"""

from __future__ import annotations

import random


def words(text: str) -> list[str]:
    """A list written as one line."""
    return text.split()


SEPARATOR = "、"

SURNAMES = words(
    "徐 徐 徐 周 周 毛 毛 姜 姜 郑 郑 王 祝 朱 柴 杨 吴 何 刘 张 陈 余 黄 胡 方 汪 占 蒋 叶 江 严 戴 赖 童 傅"
)
"""Weighted by repetition."""

OUTSIDE_SURNAMES = words("莫 冉 蒙 熊 石 田 龙 罗 韦 覃 彭 向 谭 邓 梁 杜 廖 贺")
"""Of the provinces tenants come from."""

GIVEN: dict[str, list[tuple[int, list[str]]]] = {
    "1": [
        (1958, words("水根 土根 金法 樟树 文祥 裕法 正良 银荣 炳昌 昌根 善兴 有和 树林 春生 开良")),
        (1975, words("建军 志平 国忠 卫东 建设 红星 学良 水强 志华 小平 文华 建明 土峰 荣富 德斌")),
        (1990, words("海峰 志强 小波 剑 毅军 文伟 强 俊良 江峰 晓鹏 斌 建勇 永明 志东 云飞")),
        (2005, words("俊浩 毅杰 思超 俊超 文航 家杰 伟 鑫 涛 佳豪 晨阳 嘉诚 文涛 志远 凯")),
        (9999, words("子轩 奕宇 宇轩 梓超 泽霖 博霖 睿洋 一阳 浩然 沐辰 俊希 奕辰 子墨 语哲 承泽")),
    ],
    "2": [
        (1958, words("美娥 水莲 爱仙 小桂 莲珠 金莲 素囡 兰芳 冬仙 月芬 香菊 凤仙 樟囡 彩珍 银花")),
        (1975, words("春兰 建英 红英 秋香 丽仙 淑莲 美凤 小芳 爱芳 水英 秀珍 雪琴 玉兰 素芬 金菊")),
        (1990, words("晓梅 丽艳 小华 文君 燕娟 慧艳 丽丽 玉燕 婷 春艳 敏 雪莲 芳 晓燕 海燕")),
        (2005, words("佳怡 雅琪 雪琳 静怡 静琳 婷洁 琳 思萱 梦婷 佳妮 璐 雨欣 诗琪 晓萱 倩")),
        (9999, words("可馨 语彤 梓涵 沐曦 若曦 欣诺 诗涵 雨诺 沐晴 若萱 一诺 子涵 芷晴 语桐 悦然")),
    ],
}

HOMOPHONES = {
    "书": "淑", "淑": "书", "文": "雯", "素": "肃", "英": "瑛", "瑛": "英", "建": "健", "健": "建", "梁": "良", "良": "梁",
    "根": "艮", "芳": "方", "红": "洪", "莲": "连", "志": "治", "明": "铭", "秀": "琇", "仙": "先", "娟": "鹃", "军": "君",
    "峰": "锋", "涵": "晗", "怡": "宜", "辉": "晖", "超": "潮", "燕": "艳", "珍": "真",
}  # fmt: skip
"""Character → another of the same sound, as typed by a tired clerk."""

TRADITIONAL = {
    "军": "軍", "华": "華", "兰": "蘭", "莲": "蓮", "刘": "劉", "张": "張", "陈": "陳", "吴": "吳", "杨": "楊", "郑": "鄭", "国": "國",
    "红": "紅", "丽": "麗", "银": "銀", "树": "樹", "东": "東", "强": "強", "飞": "飛", "建": "建", "严": "嚴", "黄": "黃", "余": "餘",
}  # fmt: skip


def given_name(chance: random.Random, sex: str, birth_year: int) -> str:
    """A given name of the decade; ``sex`` is "1" (male) or "2" (female)."""
    for until, names in GIVEN[sex]:
        if birth_year < until:
            return chance.choice(names)
    raise ValueError(birth_year)


def surname(chance: random.Random, *, outside: bool = False) -> str:
    """A surname of the county, or of elsewhere."""
    return chance.choice(OUTSIDE_SURNAMES if outside else SURNAMES)


def homophone(name: str) -> str | None:
    """The name with one given-name character replaced by one of the same sound, or None where the table has none."""
    for at in range(len(name) - 1, 0, -1):
        other = HOMOPHONES.get(name[at])
        if other and other != name[at]:
            return name[:at] + other + name[at + 1 :]
    return None


def traditional(name: str) -> str | None:
    """The name in traditional characters, or None where nothing changes."""
    other = "".join(TRADITIONAL.get(c, c) for c in name)
    return other if other != name else None


CHARACTERS: dict[str, list[tuple[int, int, str, str]]] = {
    "1": [
        (0, 1958, "水土金文树裕正银昌善春开有世炳", "根法祥良荣昌兴林生法明树有龙财"),
        (1958, 1975, "建志国卫学红小德荣庆立新利忠成", "军平忠东设星良强华明林富春民进"),
        (1975, 1990, "海志小毅文俊建永云江晓国振宏立", "峰强波军伟良勇明飞鹏斌辉锋涛平"),
        (1990, 2005, "俊毅思家文佳晨嘉志浩宇鑫子凯杰", "浩杰超航豪阳诚涛远凯翔宇轩磊鹏"),
        (2005, 9999, "子奕宇梓泽博睿一浩沐俊语承景铭", "轩宇超霖阳洋然辰希墨哲泽睿川航"),
    ],
    "2": [
        (0, 1958, "美水爱小莲金素兰冬月香凤樟彩银", "娥莲仙桂珠囡芳芬菊花英妹珍凤秀"),
        (1958, 1975, "春建红秋丽淑美小爱水秀雪玉素金", "兰英香仙莲凤芳琴珍芬菊梅娟华萍"),
        (1975, 1990, "晓丽小文慧玉春敏雪海燕红艳建爱", "梅艳华君娟燕莲芳萍霞琴英丽红琳"),
        (1990, 2005, "佳雅雪静思梦雨诗晓丹欣紫婷怡璐", "怡琪琳婷洁萱妮欣雯颖倩莹娜瑶玥"),
        (2005, 9999, "可语梓沐若欣诗雨一子芷悦依佳心", "馨彤涵曦诺晴萱桐然怡妍熙琪瑶汐"),
    ],
}
"""(born since, until, first characters, second characters): for whole cities, where lists of names would repeat."""
