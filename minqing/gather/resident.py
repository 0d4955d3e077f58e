"""What gathering declares to the rest: the batches of somebody whose post ends that did not come to their end.

Invariant: a batch runs with the rights of the one who began it and never changes hands (`keep` on gather_batch.by); whoever
takes it over uploads the files again. What is decided here stands in the audit entry of the end of the post.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.handover import OpenThing
from minqing.access.models import Appointment
from minqing.access.rules.roles import ROLES, Right
from minqing.access.scope import Me
from minqing.archives.merging import Move
from minqing.gather.models import Question


class Batches:
    """Batches that wait, run or were interrupted."""

    key = "batch"

    def of(self, *, appointment: Appointment, by: Me, at: datetime) -> Iterable[OpenThing]:
        if appointment.role_id not in ROLES or Right.GATHER not in ROLES[appointment.role_id].rights:
            return
        with connections[by.using].cursor() as cursor:
            cursor.execute("select batch, area_code, made_at from access.open_batches_of(%s, %s)", [appointment.staff_id, appointment.area_code])
            rows = cursor.fetchall()
        for batch, area, made_at in rows:
            day = f"{timezone.localtime(made_at):%Y-%m-%d %H:%M}"
            yield OpenThing(self.key, str(batch), _("%(day)s 开始、还没有完成的一批归集（接手的人要重新上传）") % {"day": day}, area)

    def pass_on(self, *, thing: str, to: uuid.UUID | None, reason: str, by: Me, at: datetime) -> None:
        """Nothing to change: the decision is in the audit entry that staff.end writes."""


def open_question_about_both(kept: uuid.UUID, other: uuid.UUID) -> str:
    """A row that may be the one or the other is answered first: joining would answer it without anybody's word."""
    found = Question.objects.filter(persons__contains=[kept, other]).exclude(state="answered").first()
    return _("有一个核对问题正问着这两份档案里的哪一份（%s）。请先回答那个问题。") % found.sentence[:60] if found else ""


OPEN_THINGS = (Batches(),)
OBJECTIONS = (open_question_about_both,)
MOVES = (Move("gather_statement", "person_id"), Move("gather_question", "persons"), Move("gather_judgement", "right_person"))
