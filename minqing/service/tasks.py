"""Jobs of matters: the clock and the telephone, each minute; whom policies find, each evening."""

from django.utils import timezone
from procrastinate.contrib.django import app

from minqing.service.actions import calls, clock, evening


@app.periodic(cron="* * * * *")
@app.task(name="minqing.service.clock", queueing_lock="clock")
def run_clock(timestamp: int) -> None:
    clock.run(now=timezone.now)


@app.periodic(cron="20 11 * * *")  # UTC: 19:20 in Shanghai
@app.task(name="minqing.service.evening", queueing_lock="evening")
def run_evening(timestamp: int) -> None:
    evening.run(now=timezone.now)


@app.periodic(cron="* * * * *")
@app.task(name="minqing.service.calls", queueing_lock="calls")
def run_calls(timestamp: int) -> None:
    calls.run(now=timezone.now)
