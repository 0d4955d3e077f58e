"""Which way a person is told: a table of channels, and the order in which they are tried. Pure.

Invariants: whoever has no telephone loses nothing: every notice about one's own matter ends, at the latest, with a person at the
door; who asked not to be called at home is reached on a telephone of his own or in person and alone, by nothing else; the
dead are told nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    SMS = "sms"
    VOICE = "voice"
    LETTER = "letter"
    PERSON = "person"
    POSTER = "poster"
    LOUDSPEAKER = "loudspeaker"
    WEBHOOK = "webhook"


LABELS = {
    Channel.SMS: "短信", Channel.VOICE: "打电话", Channel.LETTER: "送信", Channel.PERSON: "当面告知", Channel.POSTER: "张贴", Channel.LOUDSPEAKER: "广播", Channel.WEBHOOK: "系统对接",
}
ICONS = {
    Channel.SMS: "message-circle", Channel.VOICE: "phone", Channel.LETTER: "file-text", Channel.PERSON: "walk", Channel.POSTER: "note", Channel.LOUDSPEAKER: "volume", Channel.WEBHOOK: "link",
}
#: Worked by the machine each minute; the others wait for a person.
BY_MACHINE = frozenset({Channel.SMS, Channel.WEBHOOK})
#: Heard or read by everybody: no name, no address, nothing about one person.
PUBLIC = frozenset({Channel.POSTER, Channel.LOUDSPEAKER})
TO_ONE = (Channel.SMS, Channel.VOICE, Channel.LETTER, Channel.PERSON)


class Kind(StrEnum):
    """What a notice is about: what a person may do without, and what nobody may lose."""

    OWN = "own"            # one's own matter: receipt, progress, answer, call-back
    REMINDER = "reminder"  # something of one's own falls due
    POLICY = "policy"      # a policy that may concern one
    NEWS = "news"          # meetings, activities
    WORK = "work"          # to staff: something waits for them


KIND_LABELS = {Kind.OWN: "自己的事", Kind.REMINDER: "到期提醒", Kind.POLICY: "政策告知", Kind.NEWS: "会议与活动", Kind.WORK: "工作提示"}
#: What one may do without. A notice about one's own matter is never lost: opted out, it is told in person.
MAY_OPT_OUT = (Kind.REMINDER, Kind.POLICY, Kind.NEWS)


@dataclass(frozen=True, slots=True)
class Reach:
    """How somebody may be reached, as the area that knows him says. Empty = not known.

    `phone` is his own; `phone_shared`: other people of the household answer it too; `home_phone` is somebody else's of the household.
    """

    name: str = ""
    phone: str = ""
    phone_shared: bool = False
    home_phone: str = ""
    address: str = ""
    walk_key: str = ""
    grid: str = ""
    language: str = "zh-hans"
    alive: bool = True
    no_messages: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """What a person has asked for; `silent` stands for the dead."""

    silent: bool = False
    not_home: bool = False
    opted_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Way:
    """The channels in order and the telephone for the first two; no channel = not told at all, and `why`."""

    channels: tuple[Channel, ...]
    phone: str = ""
    home_phone: bool = False
    why: str = ""


DEAD = "已去世，不再发通知。"
DECLINED = "本人不接收这一类通知。"


def find_way(reach: Reach, marks: Marks, *, kind: Kind, allowed: tuple[Channel, ...] = TO_ONE, mobile: bool = True) -> Way:
    """The way to one person. `mobile`: whether his telephone takes text messages."""
    if marks.silent or not reach.alive:
        return Way((), why=DEAD)
    declined = kind in marks.opted_out or (reach.no_messages and kind != Kind.OWN)
    if declined and kind != Kind.OWN:
        return Way((), why=DECLINED)
    own = reach.phone and not (marks.not_home and reach.phone_shared)
    channels: list[Channel] = []
    phone, home = "", False
    if declined or (reach.no_messages and kind == Kind.OWN):
        channels = [Channel.PERSON]  # no messages, but nobody loses a right
    elif own:
        phone = reach.phone
        channels = [Channel.SMS, Channel.VOICE, Channel.PERSON] if mobile else [Channel.VOICE, Channel.PERSON]
    elif marks.not_home:
        channels = [Channel.PERSON]
    elif reach.home_phone:
        phone, home = reach.home_phone, True
        channels = [Channel.VOICE, Channel.PERSON]
    elif reach.address:
        channels = [Channel.LETTER, Channel.PERSON]
    else:
        channels = [Channel.PERSON]
    kept = tuple(c for c in channels if c in allowed or c == Channel.PERSON)
    return Way(kept, phone if {Channel.SMS, Channel.VOICE} & set(kept) else "", home and Channel.VOICE in kept)


#: What whoever calls or goes there must know, without saying why.
NOT_HOME_CAUTION = "只告诉本人：不打家里的电话，不留条子，不告诉家人和邻居。不是本人接听，就说打错了。"
HOME_PHONE_CAUTION = "这是家里的电话：请本人来听，只对本人说内容。"
