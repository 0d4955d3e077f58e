"""What a visit may hold: ways, topics, the elders' checklist (唐山、房山; domain.md §4.2). Pure tables.

Invariant: everything here is offered, nothing is required: a visit of an unchanged family is one tap.
"""

from __future__ import annotations

from datetime import timedelta

HOW = {"door": "入户", "phone": "电话", "video": "视频", "chance": "偶遇", "unreached": "没有见到"}
#: Topics in the order in which they are offered.
TOPICS = {
    "fraud": "防诈骗", "fire": "防火和用电", "flood": "防汛避险", "medical": "医保缴费", "pension": "养老待遇", "farming": "农事", "road": "道路建设", "land": "征迁和土地", "waste": "垃圾分类",
    "work": "就业", "school": "上学", "village": "村里的事", "policy": "惠民政策", "verify": "核对信息",
}
#: Of whom the checklist asks: people of this age.
ELDER_FROM = 60
CHECKLIST = {
    "ability": "表达、行动、反应", "illness": "疾病和用药", "mind": "精神", "money": "经济和待遇", "kin": "子女看望", "home": "住房和水电气安全", "needs": "需求",
}
STATES = {"well": "好", "watch": "要留意", "help": "要帮忙"}
#: Within this an author puts right what he wrote; afterwards he adds.
AMEND_DAYS = 7
#: Papers of longer ago are a book of the village, not a visit that somebody waits for.
OLDEST = timedelta(days=366)
#: A clock that goes a little fast is no error.
FAST = timedelta(minutes=5)
MOST_WORDS, MOST_NOTE, MOST_COMPANIONS, MOST_SENTENCE = 2000, 200, 60, 200
#: Most doors of one helper (domain.md §4.1).
MOST_DOORS = 30
