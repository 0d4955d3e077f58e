"""One form for the many wordings of a heading: 房主居民身份证号, 房主证件号码 and 房主身份证 are one.

A heading is a role or topic and an attribute; the attribute's synonyms become a mark (`#id`, `#phone`, `#date` …).
Invariant: two headings with the same canonical form mean the same within one kind of file; the form is only compared,
never shown.
"""

from __future__ import annotations

import functools
import re

from minqing.gather.engine import templates

#: (expression at the end of a heading, mark), tried in order; the first that matches is cut off.
_ATTRIBUTES: tuple[tuple[str, str], ...] = (
    (r"(?:居民|公民)?(?:有效)?(?:身份证件|身份证|身份|证件)(?:证)?(?:号码|编号|号)$|(?:居民|公民)?身份证$", "#id"),
    (r"(?:的)?(?:联系)?(?:电话|手机|联系方式)(?:号码|号)?$", "#phone"),
    (r"姓名$|名字$", "#name"),
    (r"(?:年月日|日期|时间|年月|年份|日)$", "#date"),
    (r"(?:所在|详细)?(?:地址|住址|详址|居址|住地|所在地)$", "#address"),
    (r"(?:情况|状况|方式|形态|状态)$", "#state"),
    (r"(?:类别|类型|种类|类)$", "#kind"),
    (r"(?:等级|级别)$", "#grade"),
    (r"(?:原因|事由|缘由|事项)$", "#why"),
    (r"(?:金额|金|款)$", "#money"),
    (r"(?:证号|证编号|证号码|证书编号|证书号)$", "#certificate"),
)
_VILLAGE = re.compile(r"^(?:户籍|户口|现住|居住|家庭)?(?:所属|所在)?(?:行政)?(?:村(?:社区|社|居|别|名称?)?|社区|村居名称)(?:名称)?$")
#: (expression, replacement) on the topic before the mark.
_TOPICS: tuple[tuple[str, str], ...] = (
    (r"^(?:是否|有无|是不是)", ""),
    (r"户口|户藉", "户籍"),
    (r"^(?:最近|最后|末次|上次|近期)(?:一次)?", ""),
    (r"^来[一-鿿](?:地|本地|本市|本县)?$", "来本地"),
    (r"何(?:地|处)(?:迁来|迁入)(?:本址|本地)?", "何地迁来"),
    (r"之关系$|的关系$", "关系"),
    (r"^(?:本人|居民|公民|人员|个人)$", ""),
    (r"^(?:现在?|目前|实际|家庭|常|暂|居|住)+$", "住"),
    (r"(?:代码|编码)$", ""),
    # Words for the same party of a house, a tenancy, a business.
    (r"^(?:房主|业主|出租人|房屋所有人|出租方)$", "房东"),
    (r"^(?:承租人|租住人|租户|承租方|租赁人)$", "租客"),
    (r"^(?:产权人|所有权人|使用权人|宅基地使用权人|房屋权利人)$", "权利人"),
    (r"^(?:法定代表人|法人代表|负责人|经营者|企业法人)$", "法人"),
    (r"^(?:赡养人|紧急联系人|联系人|照护人|照料人)$", "监护人"),
)
_BARE_PERSON = re.compile(r"(?:人|员|主|者|代表|对象|户主)$")


@functools.lru_cache(maxsize=8192)
def canonical(label: str) -> str:
    """The compared form of a heading."""
    text = templates.normalise(label)
    if _VILLAGE.match(text):
        return "#village"
    stripped = re.sub(r"(?<=.)(?:代码|编码)$", "", text)
    for pattern, mark in _ATTRIBUTES:
        cut = re.sub(pattern, "", stripped)
        if cut != stripped:
            return _topic(cut) + mark
    topic = _topic(stripped)
    return topic + "#name" if _BARE_PERSON.search(topic) else topic


def _topic(text: str) -> str:
    for pattern, replacement in _TOPICS:
        text = re.sub(pattern, replacement, text)
    return text


def alternatives(label: str) -> tuple[str, ...]:
    """A heading that names two things (户主或权利人, 姓名/名称): itself, then each."""
    parts = [part for part in re.split(r"[或/／|]", label) if part]
    return (label, *parts) if len(parts) > 1 else (label,)
