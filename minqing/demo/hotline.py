"""The demonstration's hotline: a line with its token, some answers, somebody on duty, some villagers who call.

Invariant: made once, by the actions that people use; the file with token and telephones is readable by its owner alone and exists in
demonstrations only, whose people are fictitious.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from minqing.archives import vault
from minqing.archives.models import Resident
from minqing.commands.acting import acting_as
from minqing.demo.cast import COUNTY
from minqing.service.actions import rota, simulating
from minqing.service.rules import desks

#: Read by the page «模拟来电» and by `minqing cti-simulate`.
FILE = simulating.FILE
NUMBER = "0570-4888365"
ANSWERS = (
    ("医保异地就医怎么备案", ["异地看病", "异地备案", "异地就医"], "打开浙里办，搜“异地就医备案”，填看病的城市和时间，当天生效；不会用手机的，带身份证到便民服务中心窗口办。", "江山市医保局，2026年10月核实"),
    ("农村危房改造谁能申请", ["危房", "房子要塌"], "六类家庭可以申请，房屋先由镇里请人鉴定。先到村里报名，村里三天内来看。", "江山市住建局，2026年9月核实"),
    ("山洪和地质灾害怎么报", ["落石", "滑坡", "边坡", "塌方"], "人先离开危险的屋子。有人受伤打 120，被困打 119；我马上通知村书记和镇里。避险安置点在村文化礼堂。", "江山市自然资源和规划局，2026年6月"),
    ("高龄津贴没有到账怎么办", ["高龄", "津贴", "没到账"], "津贴每月 15 日前后发到社保卡。超过月底没到的，报姓名和村，我转民政核实，两个工作日答复。", "江山市民政局，2026年8月核实"),
)


def prepare(at: datetime) -> None:
    path = settings.HOME / FILE
    if path.exists():
        return
    with acting_as("zong", purpose="demo") as zong:
        token = rota.open_line(area=COUNTY, name="365 热线", number=NUMBER, by=zong, at=at).token
    with acting_as("qin", purpose="demo") as qin:
        for question, keywords, answer, source in ANSWERS:
            rota.write_answer(area=COUNTY, question=question, keywords=keywords, answer=answer, source=source, by=qin, at=at)
    with acting_as("wen", purpose="demo") as wen:
        clerk = wen.id
    today = timezone.localdate(at)
    with acting_as("qin", purpose="demo") as qin:
        rota.plan(desk=desks.of(COUNTY, desks.HOTLINE), staff=clerk, kind="night", first=today, last=today + timedelta(days=6), phone="15400000011", by=qin, at=at)
    with acting_as("xiang", purpose="demo"):
        found = [(r.name, vault.decrypt("archives_resident.phone_cipher", r.pk, r.phone_cipher)) for r in Resident.objects.filter(alive=True, voided_at=None, phone_cipher__isnull=False).order_by("birth_date")[:12]]
    callers = [{"label": name, "phone": phone} for name, phone in found if phone][:4]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump({"token": token, "line": NUMBER, "callers": callers}, file, ensure_ascii=False)
