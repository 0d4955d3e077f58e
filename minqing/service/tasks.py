"""Jobs of matters: the clock, each minute."""

from django.utils import timezone
from procrastinate.contrib.django import app

from minqing.service.actions import clock


@app.periodic(cron="* * * * *")
@app.task(name="minqing.service.clock", queueing_lock="clock")
def run_clock(timestamp: int) -> None:
    clock.run(now=timezone.now)
