"""Jobs of access: sealing the audit, each minute."""

from procrastinate.contrib.django import app

from minqing.access.actions import seal


@app.periodic(cron="* * * * *")
@app.task(name="minqing.access.seal", queueing_lock="seal")
def seal_audit(timestamp: int) -> None:
    seal.seal()
