"""What we want to know of the outbox: lists by way and state, one message's story, what waits for a person's hands.

Invariant: read only, within the caller's scope; a list holds names, ways and states and never the words of a message.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from minqing.access.models import Appointment, Staff
from minqing.access.queries import running
from minqing.notify.models import Message, Step
from minqing.notify.rules.routing import Channel
from minqing.notify.rules.states import State

PAGE = 50
#: Most rows of a list that is worked by hand; the rest comes when these are done.
BY_HAND = 100
#: Counted up to this and shown as "300+": a county's outbox is not counted for a badge.
MOST_COUNTED = 300
HAND_CHANNELS = (Channel.VOICE, Channel.LETTER, Channel.PERSON, Channel.POSTER, Channel.LOUDSPEAKER)


@dataclass(frozen=True)
class Wanted:
    """Conditions of the list."""

    place: str = ""
    state: str = ""
    channel: str = ""
    before: tuple[datetime, uuid.UUID] | None = None


def within(rows: QuerySet[Message], place: str) -> QuerySet[Message]:
    return rows.filter(grid_code__gte=place, grid_code__lt=place + ":") if place else rows


def page(wanted: Wanted) -> tuple[list[Message], bool]:
    """Newest first; whether there are older ones."""
    rows = within(Message.objects.all(), wanted.place)
    if wanted.state == "open":
        rows = rows.filter(state__in=[State.WAITING, State.SENDING])
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    if wanted.before:
        at, number = wanted.before
        rows = rows.filter(Q(made_at__lt=at) | Q(made_at=at, id__lt=number))
    found = list(rows.defer("phone_cipher", "values_cipher").order_by("-made_at", "-id")[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


@dataclass(frozen=True)
class Counts:
    """What waits, by channel; what was given up; each at most MOST_COUNTED."""

    by_channel: dict[str, int]
    given_up: int

    def __getitem__(self, channel: str) -> int:
        return self.by_channel.get(channel, 0)


def counts(place: str = "") -> Counts:
    """One statement over what waits (a partial index), bounded."""
    rows = within(Message.objects.filter(state__in=[State.WAITING, State.GIVEN_UP, State.HANDED]), place)
    rows = rows.filter(Q(state__in=[State.WAITING, State.GIVEN_UP]) | Q(state=State.HANDED, channel=Channel.LETTER))
    some = rows.values("id")[: MOST_COUNTED * len(Channel)]
    found = Message.objects.filter(pk__in=some).values("channel", "state").annotate(n=Count("id"))
    by_channel: dict[str, int] = {}
    given_up = 0
    for row in found:
        if row["state"] == State.GIVEN_UP:
            given_up += row["n"]
        else:
            by_channel[row["channel"]] = by_channel.get(row["channel"], 0) + row["n"]
    return Counts(by_channel, given_up)


def by_hand(channels: Iterable[str], *, place: str = "", states: Iterable[str] = (State.WAITING,)) -> list[Message]:
    """What waits for a person, in walking order."""
    rows = within(Message.objects.filter(channel__in=list(channels), state__in=list(states)), place)
    return list(rows.order_by("-urgent", "grid_code", "walk_key", "name", "id")[:BY_HAND])


def one(number: uuid.UUID) -> Message | None:
    return Message.objects.filter(pk=number).first()


def story(message: Message) -> list[Step]:
    """Every move, oldest first."""
    return list(Step.objects.filter(message=message).order_by("at", "id"))


def of_person(person: uuid.UUID, *, limit: int = 30) -> list[Message]:
    return list(Message.objects.filter(person=person).defer("phone_cipher", "values_cipher").order_by("-made_at", "-id")[:limit])


def helpers_at(code: str, *, at: datetime) -> list[Staff]:
    """Who may be asked to go to a door there: helpers and officers of the grid, its micro-grids, its village."""
    posts = Appointment.objects.filter(running(at)).filter(role__in=["helper", "grid_officer", "village_clerk", "village_secretary", "agent"])
    posts = posts.filter(Q(area_code__gte=code[:15], area_code__lt=code[:15] + ":") | Q(area_code=code[:12]))
    return list(Staff.objects.filter(pk__in=posts.values("staff"), left_at=None).order_by("name")[:30])


def names_of(staff: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    return dict(Staff.objects.filter(pk__in={s for s in staff if s}).values_list("id", "name"))
