"""What is handed over with a grid, as a list to tick (domain.md §4.1–4.2). Pure.

Invariant: an item names a kind of thing, never a person or a door: those stand in the files.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    label: str
    says: str


ITEMS: tuple[Item, ...] = (
    Item("walk", "一起走了一遍", "自然村、门牌的走法，难找的门一起认过"),
    Item("families", "每户的情况", "翻看了一户一档，上门提示逐户说过"),
    Item("cared", "常去看望的人家", "该走访的日子说过，本人知道换了谁来"),
    Item("matters", "没有办完的事", "逐件说过办到哪一步、答应了谁什么"),
    Item("errands", "在跑的代办", "材料、原件、垫付的钱都点清"),
    Item("promises", "答应过的话", "走访里答应下次带去、下次再问的"),
    Item("helpers", "连心服务员和志愿者", "带着见过面，电话互相留好"),
    Item("groups", "村民群", "微信群的管理交接，旧的退出"),
    Item("papers", "纸质材料", "户情单、回执本、照片，点数交接"),
    Item("keys", "钥匙和物品", "活动室钥匙、雨衣、手电、喇叭，有什么交什么"),
    Item("phone", "手机", "旧手机里的户档已清空，新手机已领取"),
)
LABELS = {i.code: i for i in ITEMS}
MOST_REMARKS, MOST_ITEM, MOST_ITEMS = 1000, 80, 40
