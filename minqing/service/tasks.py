"""Jobs of matters: the clock, the telephone and other systems, each minute; whom policies find, each evening; what is erased, each night; what words mean, each month."""

from django.utils import timezone
from procrastinate.contrib.django import app

from minqing.service.actions import (
    calls,
    clock,
    evening,
    exchange_clock,
    learning,
    relatives,
    retention,
    volunteer_clock,
)


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


@app.periodic(cron="* * * * *")  # what is due of it: MINQING_EXCHANGE_EVERY
@app.task(name="minqing.service.exchange", queueing_lock="exchange")
def run_exchange(timestamp: int) -> None:
    exchange_clock.run(now=timezone.now)


@app.periodic(cron="7 * * * *")
@app.task(name="minqing.service.volunteers", queueing_lock="volunteers")
def run_volunteers(timestamp: int) -> None:
    volunteer_clock.run(now=timezone.now)


@app.periodic(cron="40 19 * * *")  # UTC: 03:40 in Shanghai, after the backup
@app.task(name="minqing.service.retention", queueing_lock="retention")
def run_retention(timestamp: int) -> None:
    retention.run(now=timezone.now)


@app.periodic(cron="20 20 1 * *")  # UTC: 04:20 in Shanghai, once a month
@app.task(name="minqing.service.learning", queueing_lock="learning")
def run_learning(timestamp: int) -> None:
    learning.run(now=timezone.now)


@app.periodic(cron="12 * * * *")
@app.task(name="minqing.service.relatives", queueing_lock="relatives")
def run_relatives(timestamp: int) -> None:
    relatives.run(now=timezone.now)
