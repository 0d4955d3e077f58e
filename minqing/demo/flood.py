"""The demonstration's fair weather: two shelters, two danger zones, ten households on the plan; a drill that went well; 梅 is asked along to a door.

Invariant: made through the actions that people use, by those who may.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from minqing.archives.actions import members
from minqing.archives.models import Household
from minqing.commands.acting import acting_as
from minqing.contact.actions import flood, waiting
from minqing.contact.models import Shelter, TransferLine
from minqing.demo.cast import PENGLI
from minqing.service.actions.volunteers import leads_of

NEEDS = (("walk",), (), ("hearing",), (), ("walk", "oxygen"))


def prepare(homes: Sequence[Household], at: datetime) -> None:
    """Nothing where the village has shelters already."""
    with acting_as("xiang", purpose="demo") as xiang:
        if Shelter.objects.filter(area_code=PENGLI).exists():
            return
        colleagues = {name: pk for pk, name in leads_of(PENGLI, xiang)}
        hall = flood.save_shelter(village=PENGLI, shape=flood.ShelterShape("村文化礼堂", "彭里村中心路1号", 120, "郑书香", "15400000033", key_holder="严文"), by=xiang, at=at)
        school = flood.save_shelter(village=PENGLI, shape=flood.ShelterShape("彭里小学", "彭里村学校路8号", 80, "何代", "15400000034", keeper=colleagues.get("何代")), by=xiang, at=at)
        slope = flood.save_zone(village=PENGLI, name="屋后山滑坡点", why="slide", note="小时雨量 30 毫米就要走", by=xiang, at=at)
        low = flood.save_zone(village=PENGLI, name="溪边低洼地", why="low", by=xiang, at=at)
        for n, home in enumerate(homes[:10]):
            whom = [flood.Whom(m.person_id, NEEDS[n % 5] if k == 0 else ()) for k, m in enumerate(members.living(home)[:3])]
            way = flood.Way(shelter=(hall if n % 3 else school).pk, zone=(slope if n % 2 else low).pk, fetcher=colleagues[("周春梅", "姜晓兰")[n % 2]] if n % 3 else None, by_name="" if n % 3 else "邻居周志伟", vehicle="面包车" if n % 4 == 0 else "")
            flood.set_household(household=home, whom=whom, way=way, by=xiang, at=at)
        drill = flood.start(village=PENGLI, level="yellow", reason="入冬前演练：屋后山有落石", zones=[slope.pk], drill=True, by=xiang, at=at - timedelta(hours=3))
        for n, line in enumerate(TransferLine.objects.filter(event=drill).values_list("pk", flat=True)):
            flood.mark(id=uuid.uuid4(), line=line, state="arrived", happened=at - timedelta(hours=2, minutes=n), by=xiang, at=at)
        flood.all_home(event=drill.pk, shelter=None, by=xiang, at=at - timedelta(hours=1))
        flood.close(event=drill.pk, record="演练一小时到齐，下次早半小时开小学的门", by=xiang, at=at)
        waiting.ask(household=homes[11], need="dialect", asked=colleagues["周春梅"], words="星期四晚上七点，一起去", by=xiang, at=at)
