"""Jobs of access. Each calls one action."""

from __future__ import annotations

from procrastinate.contrib.django import app

from minqing.access.actions import seal


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="access.seal", pass_context=False)
def seal_audit(timestamp: int) -> None:
    """Every minute: seal what was written and has ended. `timestamp` is the minute procrastinate meant."""
    seal.seal()
