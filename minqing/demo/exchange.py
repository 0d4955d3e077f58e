"""The demonstration's orders of 12345, one row of which cannot be read, and another county with its catalogue and one errand of its own.

Invariant: made once, by the actions that people use; the other county exists nowhere (330899), its key lies in the demonstration alone;
`minqing parcels partner` plays it.
"""

from __future__ import annotations

import json
import os
import uuid
from datetime import datetime

from django.conf import settings

from minqing.commands.acting import acting_as
from minqing.commands.parcelling import FILE
from minqing.gateways import parcels as gateway
from minqing.gateways.parcels.fake import County
from minqing.service.actions import order_files, parcels, partners
from minqing.service.models import PartnerItem

CODE, PORT = "330899", 8899
ORDERS = (
    "工单编号,受理时间,诉求人,联系电话,诉求内容,事发地址,诉求类型,办理时限\n"
    "JS2026112400017,2026-11-24 09:12,毛水木,15412345678,村口的路灯坏了三天，晚上老人看不见路,江山市虎山街道彭里村上塘,求助,2026-12-01 17:30\n"
    "JS2026112400018,2026-11-24 09:40,,,请问城乡居民医保怎么续缴,江山市,咨询,2026-11-27\n"
    "JS2026112400021,2026-11-24 10:05,徐生,15412345679,溪边垃圾好几天没人收,虎山街道江山底村,投诉,2026-12-01\n"
    ",2026-11-24 10:20,,,自来水浑了两天,虎山街道彭里村,求助,\n"
    "JS2026112400029,前天,,,公交站牌倒了,虎山街道,求助,\n"
)
CATALOGUE = (
    "事项编码,办理事项,申请材料,填报信息,承诺办结时限,实施部门\n"
    "MN-001,老年人优待证办理,身份证复印件；一寸照片,申请人姓名、身份证号、户籍地、手机号,5个工作日,模拟县民政局\n"
    "MN-002,高龄津贴,身份证复印件；社保卡,申请人姓名、身份证号,10个工作日,模拟县民政局\n"
    "MN-003,公交爱心卡,身份证,申请人姓名,3个工作日,模拟县公交公司\n"
)
ERRAND = {
    "item": {"code": "elder_card", "name": "老年优待证"}, "person": {"name": "王远"}, "words": "父亲户口还在江山，人住在模拟县，想办老年优待证", "number": "MN2600088", "materials": [], "desk": "模拟县政务服务中心",
    "fields": [{"label": "姓名", "field": "resident.name", "value": "王远"}, {"label": "户籍地", "field": "", "value": "江山市虎山街道彭里村上塘6号"}, {"label": "手机", "field": "", "value": "15412340000"}],
    "consent": {"how": "当面签字", "at": "2026-11-24"},
}


def prepare(at: datetime) -> None:
    path = settings.HOME / FILE
    if path.exists():
        return
    seed = os.urandom(32)
    county = County(gateway.keys_from(seed), CODE, parcels.own_card(), clock=lambda: at)
    with acting_as("zong", purpose="demo") as zong:
        order_files.receive(name="11月24日交办单.csv", content=ORDERS.encode(), system="12345", way="upload", by=zong, at=at)
        row = partners.put(card=county.card.text, name="模拟县政务服务中心", url=f"http://127.0.0.1:{PORT}", receipt_hours=24, by=zong, at=at)
        look = partners.look(row, "模拟县通办目录.csv", CATALOGUE.encode())
        partners.take(partner=row, rows=look.rows, columns=dict(look.headings), by=zong, at=at)
        partners.match(partner=row, answers={PartnerItem.objects.get(partner=row, code="MN-001").pk: "elder_card"}, by=zong, at=at)
        parcels.take(data=county.hand_over(ERRAND, id=uuid.uuid5(uuid.NAMESPACE_URL, "demo")), way="file", by=zong, at=at)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"seed": seed.hex(), "code": CODE, "port": PORT}, file)
