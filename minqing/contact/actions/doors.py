"""A helper (连心服务员) gets doors and looks in: 平安, 有事, 联系不上. A call and a paper card count the same.

Invariants: the id of a check is the caller's, the same check twice is one; "有事" is a matter of the village with a number, so that
nobody has to remember it; a helper never opens a file.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connections, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Appointment, Staff
from minqing.access.scope import Me
from minqing.archives.actions import members
from minqing.archives.models import Household
from minqing.contact import vault
from minqing.contact.actions.visits import check_time
from minqing.contact.models import Door, DoorCheck
from minqing.contact.queries import doors as own
from minqing.contact.refusals import Missing, NotHere, Refused, SentTwice
from minqing.contact.rules import asking
from minqing.service.actions import matters


@transaction.atomic
def give(*, household: Household | uuid.UUID, helper: uuid.UUID | None, by: Me, at: datetime) -> Door | None:
    """Who looks in at this household from now on; None = nobody."""
    home = members.household_of(household, by)
    standing = Door.objects.select_for_update(of=("self",)).filter(household=home, ended_at=None).first()
    if standing is not None and standing.helper == helper:
        return standing
    if helper is not None:
        posts = [home.grid_code[:n] for n in (15, 17) if n <= len(home.grid_code)]
        if not Appointment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), staff=helper, role="helper", area_code__in=posts).exists():
            raise Missing("helper", _("所选的人不是这个网格的连心服务员，请从列表中选。"))
        if Door.objects.filter(helper=helper, ended_at=None).count() >= asking.MOST_DOORS:
            name = Staff.objects.filter(pk=helper).values_list("name", flat=True).first()
            raise Refused(_("%(name)s已经联系%(most)d户，请另选一位，或先减少他的户数。") % {"name": name or "", "most": asking.MOST_DOORS})
    if standing is not None:
        standing.ended_at = at
        standing.save(update_fields=["ended_at"])
    made = None
    if helper is not None:
        made = Door.objects.create(grid_code=home.grid_code, household=home, helper=helper, starts_at=at, given_by=by.id)
    audit.record("door.give", households=[home.pk], detail={"staff": str(helper or "")})
    return made


@dataclass(frozen=True)
class Checked:
    """`opened`: the matter, where something is the case (only the first time)."""

    check: uuid.UUID
    again: bool = False
    opened: matters.Opened | None = None


@transaction.atomic
def helper_check(*, id: uuid.UUID, door: uuid.UUID, by: Me, at: datetime, answer: str, words: str = "", how: str = "door", checked_at: datetime | None = None) -> Checked:
    """One look in. Raises Missing, Refused, NotHere (not his door), SentTwice."""
    text = words.strip()
    content = {"door": str(door), "answer": answer, "words": text, "how": how, "checked_at": checked_at}
    stood = _stands(id, content)
    if stood is not None:
        return stood
    if answer not in dict(DoorCheck.ANSWERS):
        raise Missing("answer", _("请选择：平安、有事，或联系不上。"))
    if how not in dict(DoorCheck.HOW):
        raise Missing("how", _("请选择怎么看望的：电话、上门，或纸卡。"))
    if answer == "something" and len(text) < 2:
        raise Missing("words", _("有事，请写一句是什么事。"))
    if len(text) > asking.MOST_SENTENCE:
        raise Missing("words", _("“%(label)s”最多%(most)d个字，您写了%(n)d个，请缩短。") % {"label": _("一句话"), "most": asking.MOST_SENTENCE, "n": len(text)})
    check_time(checked_at or at, at)
    place = own.one(door, by)
    if place is None:
        raise NotHere(_("这一户不在您联系的户里。"))
    opened = None
    if answer == "something":
        who = matters.Who(name=place.name, phone=place.phone, address=place.address)
        opened = matters.open_matter(matters.Said(words=text, kind="help", channel="door", place=place.grid, requester=who, on_behalf=True), by=by, at=at)
    matter = opened.matter.pk if opened is not None and not opened.restricted else None
    envelope = vault.encrypt(vault.SAID, id, {"words": text}) if text else None
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("select access.look_in(%s, %s, %s, %s, %s, %s, %s, %s)", [id, door, answer, how, checked_at or at, envelope, matter, vault.digest(id, content)])
    except IntegrityError:
        # sent twice at once: what was opened here goes with this transaction, the other one's stands
        raise Refused(_("同一次看望刚刚已经收到，请刷新后再看。")) from None
    audit.record("door.check", households=[place.household] if place.household else [], detail={"kind": answer})
    return Checked(id, opened=opened)


def _stands(id: uuid.UUID, content: dict[str, object]) -> Checked | None:
    row = DoorCheck.objects.filter(pk=id).first()
    if row is None:
        return None
    if not vault.same(row.pk, content, row.content_digest):
        raise SentTwice(content, {"answer": row.answer, "how": row.how, **vault.decrypt(vault.SAID, row.pk, row.words_cipher)})
    return Checked(row.pk, again=True)
