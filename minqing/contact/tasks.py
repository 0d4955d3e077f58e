"""Jobs of contact: days with bookings, told each minute and laid out each week."""

from django.utils import timezone
from procrastinate.contrib.django import app

from minqing.contact.actions import day_clock


@app.periodic(cron="* * * * *")
@app.task(name="minqing.contact.days_tell", queueing_lock="days_tell")
def tell_days(timestamp: int) -> None:
    day_clock.tell(now=timezone.now)


@app.periodic(cron="30 20 * * 0")  # UTC: 04:30 on Monday in Shanghai
@app.task(name="minqing.contact.days_lay", queueing_lock="days_lay")
def lay_days(timestamp: int) -> None:
    day_clock.lay(now=timezone.now)
