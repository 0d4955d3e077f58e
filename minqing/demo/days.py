"""Days with bookings of the demonstration: eight weeks of Tuesdays with two offices asked, a leader's day that is booked, an evening with doors.

Invariant: made through the actions that people use, by those who may; once, however often the demonstration is built.
"""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta

from django.utils import timezone

from minqing.access.models import Organisation, Staff
from minqing.archives.models import Household
from minqing.commands.acting import acting_as
from minqing.contact.actions import bookings, days
from minqing.contact.actions.bookings import Result, Wish
from minqing.contact.actions.days import Shape
from minqing.contact.models import ContactDay
from minqing.demo.cast import CAST, PENGLI, TOWN

OFFICES = ("江山市自然资源和规划局", "江山市住房和城乡建设局")


def staff(name: str) -> uuid.UUID:
    return uuid.UUID(str(Staff.objects.get(number=CAST[name].number).pk))


def prepare(at: datetime) -> None:
    """Nothing where a day is arranged already, or where nobody lives yet."""
    today = timezone.localdate(at)
    with acting_as("wen", purpose="demo") as wen:
        homes = list(Household.objects.filter(grid_code__startswith=PENGLI + "001", voided_at=None, kind="family").exclude(head_name="").order_by("sort_key")[:6])
        if len(homes) < 6 or ContactDay.objects.filter(area_code=PENGLI).exists():
            return
        days.lay_out(area=PENGLI, kind="joint", by=wen, at=at)
        tuesday = ContactDay.objects.filter(area_code=PENGLI, kind="joint", starts_at__gt=at).order_by("day")[0]
        for office in Organisation.objects.filter(name__in=OFFICES):
            days.ask(day=tuesday, office=office.pk, by=wen, at=at)
        for n, (home, about) in enumerate(zip(homes[:2], ("宅基地四至", "危房改造怎么报"), strict=True)):
            bookings.book(id=uuid.uuid4(), day=tuesday, wish=Wish(home.head_name, f"1540000051{n}", home.door, about, slot=tuesday.starts_at + timedelta(minutes=15 * n)), by=wen, at=at)
        evening = days.make(kind="evening", area=PENGLI, shape=Shape(today + timedelta(days=1), time(18, 30), time(21), "村委会门口"), by=wen, at=at)
        for name in ("香", "兰"):
            days.ask(day=evening, staff=staff(name), by=wen, at=at)
        for home in homes[2:]:
            bookings.book_door(id=uuid.uuid4(), day=evening, household=home.pk, by=wen, at=at)
        days.announce(day=evening, by=wen, at=at)
    with acting_as("shou", purpose="demo") as shou:
        ride = days.make(kind="leader", area=TOWN, shape=Shape(today + timedelta(days=3), time(8, 30), time(11, 30), "街道办事处一楼", "饮水和道路", 30, 1, staff("国")), by=shou, at=at)
        days.announce(day=ride, by=shou, at=at)
    said = (("qin", "phone", "周志伟", "16400000511", "自来水常停"), ("min", "window", "徐水仙", "16400000512", "村口的路不平"))
    made = []
    for n, (who, via, name, phone, about) in enumerate(said):
        with acting_as(who, purpose="demo") as me:
            made.append(bookings.book(id=uuid.uuid4(), day=ride, wish=Wish(name, phone, about=about, place=PENGLI, slot=ride.starts_at + timedelta(minutes=30 * n), via=via), by=me, at=at))
    with acting_as("guo", purpose="demo") as guo:
        bookings.settle(booking=made[0], result=Result("later", "已请水务站去看，先查村里的总阀", on=today + timedelta(days=10)), by=guo, at=at)
