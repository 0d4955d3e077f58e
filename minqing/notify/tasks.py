"""The jobs of the outbox: each minute what is due is sent."""

from django.utils import timezone
from procrastinate.contrib.django import app

from minqing.notify.actions import sending


@app.periodic(cron="* * * * *")
@app.task(name="minqing.notify.send", queueing_lock="notify.send")
def send_due(timestamp: int) -> None:
    sending.send_due(now=timezone.now)
