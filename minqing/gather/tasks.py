"""Jobs of gathering: three-line tasks that call one action."""

import uuid

from django.utils import timezone
from procrastinate.contrib.django import app

from minqing.gather.actions import batches, undo


@app.task(name="minqing.gather.run", retry=2)
def run(batch: str, **_: object) -> None:
    batches.run(uuid.UUID(batch), now=timezone.now)


@app.task(name="minqing.gather.undo")
def undo_batch(batch: str, **_: object) -> None:
    undo.undo(uuid.UUID(batch), now=timezone.now)
