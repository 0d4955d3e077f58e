"""The demonstration's week: people were visited, a lamp is out, two families argue over a field, an errand runs, 梅 looks in at twenty doors, the evening has found whom policies are for.

Invariant: made through the actions that people use, by those who may; once, however often the demonstration is built.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

from minqing.access.scope import Me
from minqing.archives.actions import plots as land
from minqing.archives.models import Household, Membership, Plot, Resident
from minqing.commands.acting import acting_as
from minqing.contact.actions import doors, visits
from minqing.contact.actions.visits import Wish
from minqing.demo import analysis, days, duty, flood, meetings
from minqing.demo.cast import PENGLI
from minqing.service.actions import errands, evening, handling, matters, mediations, plots
from minqing.service.actions.matters import Said, Who
from minqing.service.models import Matter

GRID = PENGLI + "001"
FIELD = "上丘田"
DOORS = 20


def prepare(at: datetime) -> None:
    """Nothing where the field is written down already, or where nobody lives yet."""
    with acting_as("lan", purpose="demo") as lan:
        if Plot.objects.filter(name=FIELD).exists():
            return
        homes = list(Household.objects.filter(grid_code=GRID, voided_at=None, kind="family", state="active").order_by("natural_village", "sort_key", "pk")[:40])
        if len(homes) < 12:
            return
        visited(homes, lan, at)
        lamp = matters.open_matter(Said(words="村口到晒谷场那段的路灯坏了三天，晚上老人看不见路", kind="help", channel="door", place=GRID, category="lamp", spot="村口到晒谷场", requester=asker(homes[2])), by=lan, at=at).matter
    with acting_as("mei", purpose="demo") as mei:
        helper = mei.id
    with acting_as("xiang", purpose="demo") as xiang:
        for home in homes[:DOORS]:
            doors.give(household=home, helper=helper, by=xiang, at=at)
        taken(lamp, xiang, at)
        handling.contact(matter=lamp, how="phone", reached=True, words="说好明天上午带电工来", by=xiang, at=at)
        field_dispute(homes[4], homes[6], xiang, at)
        errand(homes[0], xiang, at)
    evening.run(now=lambda: at, only=[PENGLI])
    flood.prepare(homes, at)
    meetings.prepare(homes, at)
    days.prepare(at)
    duty.prepare(at)
    analysis.prepare(at)


def head(home: Household) -> Resident:
    return Membership.objects.select_related("person").filter(household=home, ends_on=None, voided_at=None).order_by("relation")[0].person


def asker(home: Household, role: str = "requester") -> Who:
    person = head(home)
    return Who(name=person.name, phone="", person=person.pk, role=role)


def visited(homes: list[Household], lan: Me, at: datetime) -> None:
    """兰's evenings of the last week: six families, one with a wish."""
    for n, home in enumerate(homes[:6]):
        when = at - timedelta(days=1 + n // 2, hours=1 + n % 2)
        met = [head(home).pk]
        if n == 3:
            visits.record_visit(id=uuid.uuid4(), household=home, by=lan, at=at, how="door", met=met, topics=("fraud",), words="冬天想有人帮着看看电线", note="下次带防诈骗的单子", visited_at=when,
                                wishes=[Wish("家里电线老化，想请人来看看", person=met[0])])
        else:
            visits.usual(id=uuid.uuid4(), household=home, by=lan, at=at, how="door", met=met, visited_at=when)


def taken(matter: Matter, by: Me, at: datetime) -> Matter:
    """Accepted, sent to the village's own desk and signed for."""
    row = matters.dispatch(matter=matters.accept(matter=matter, by=by, at=at), lead=PENGLI, by=by, at=at)
    return handling.sign(matter=row, by=by, at=at)


def field_dispute(ours: Household, theirs: Household, xiang: Me, at: datetime) -> None:
    """A field with its four neighbours, a dispute about it, both sides willing, the first talk held."""
    plot = land.create(grid=GRID, name=FIELD, by=xiang, at=at, household=ours.pk, code="3308810022050100021", area_mu=Decimal("1.20"), measured_mu=Decimal("1.34"), east="水渠", south="机耕路", west=f"{theirs.head_name}田", north="茶山脚", starts_on=date(1998, 10, 1), ends_on=date(2057, 9, 30))
    dispute = taken(matters.open_matter(Said(words=f"{FIELD}西边的田埂，两家都说对方挖过来了", kind="dispute", channel="duty", place=GRID, category="boundary", spot=FIELD, requester=asker(ours), others=(asker(theirs, "other"),)), by=xiang, at=at).matter, xiang, at)
    plots.link(matter=dispute, plot=plot.pk, by=xiang, at=at)
    row = mediations.start(matter=dispute, by=xiang, at=at)
    for side in mediations.sides(dispute, xiang):
        mediations.consent(mediation_id=row.pk, party=side.pk, agrees=True, how="face", by=xiang, at=at)
    mediations.hold(mediation_id=row.pk, on=at - timedelta(minutes=5), place="村委会", present="两家、郑书香", words="对过承包合同，约好星期六上午一起去量", by=xiang, at=at)


def errand(home: Household, xiang: Me, at: datetime) -> None:
    """Somebody's card is run by 代."""
    person = head(home)
    item = errands.item_for("elder_card", PENGLI, xiang, at)
    made = errands.open_errand(wish=errands.Wish(item=item, place=PENGLI, words="", channel="door", name=person.name, person=person.pk), by=xiang, at=at).matter
    runner = next(r for r in errands.runners(errands.of(made, xiang), xiang) if r.name == "何代")
    errands.assign(matter=made, staff=runner.id, by=xiang, at=at)

