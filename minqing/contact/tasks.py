"""Jobs of contact: days with bookings, told each minute and laid out each week; the past month's analyses, drafted on the 1st."""

from django.utils import timezone
from procrastinate.contrib.django import app

from minqing.contact.actions import analysis, day_clock


@app.periodic(cron="* * * * *")
@app.task(name="minqing.contact.days_tell", queueing_lock="days_tell")
def tell_days(timestamp: int) -> None:
    day_clock.tell(now=timezone.now)


@app.periodic(cron="30 20 * * 0")  # UTC: 04:30 on Monday in Shanghai
@app.task(name="minqing.contact.days_lay", queueing_lock="days_lay")
def lay_days(timestamp: int) -> None:
    day_clock.lay(now=timezone.now)


@app.periodic(cron="10 22 * * *")  # UTC: 06:10 in Shanghai; from the 2nd on there is nothing left to draft, unless the machine was off on the 1st
@app.task(name="minqing.contact.analysis", queueing_lock="analysis")
def draft_analyses(timestamp: int) -> None:
    analysis.draft_all(now=timezone.now)
