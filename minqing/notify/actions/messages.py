"""Telling somebody something: one message for one event, the way chosen by rule, and what becomes of it by people's hands.

Invariants: asked twice, told once (unique event and recipient; two callers at once write one row); what a person has asked for
is honoured before the message can be seen in any list; nobody is told by a public channel what is about one person; every move
goes through rules/states.py and leaves a step and an entry of the audit.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.db import connections, transaction
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Staff
from minqing.access.scope import Me
from minqing.access.words import lasting
from minqing.lib import phones
from minqing.notify import directory, vault
from minqing.notify.actions import marks
from minqing.notify.models import Message, Step
from minqing.notify.refusals import NotHere, Refused
from minqing.notify.rules import hours, routing, states, templates
from minqing.notify.rules.routing import Channel, Kind, Reach, Way
from minqing.notify.rules.states import Move, State
from minqing.notify.rules.templates import Template


def tell(
    *, event: str, grid: str, template: str, values: Mapping[str, str], by: Me, at: datetime, person: uuid.UUID | None = None, household: uuid.UUID | None = None, staff: uuid.UUID | None = None,
    phone: str = "", name: str = "", address: str = "", channel: str = "", desk: str = "", urgent: bool | None = None, alone: bool = False, language: str = "",
) -> Message | None:
    """Write one message of an event to one recipient; the one that is there already when it was told before.

    `event` names what happened ("matter.answer:<id>"). `phone`, `name`, `address`: what the person said on this occasion; what is not said is
    asked of the area that keeps his file. `desk`: where the matter lies. `alone`: nobody else may learn of it (不要打家里). `channel`: a public one or the webhook.
    None where there is nobody to send it to (no webhook configured), or the event was told outside the caller's scope.
    """
    text = template_of(template)
    wanted = "hook" if channel == Channel.WEBHOOK else f"area:{grid}:{channel}" if channel in routing.PUBLIC else recipient_of(person, household, staff, phone)
    if wanted == "hook" and not settings.WEBHOOK_URL:
        return None
    try:
        kept = templates.check(text, values)
    except templates.Wrong as wrong:
        raise Refused(_(str(wrong))) from wrong
    with transaction.atomic(using=by.using):
        told = Message.objects.using(by.using).filter(event=event, recipient=wanted).first()
        if told is not None:
            return told
        if channel:
            reach, way = Reach(), straight(text, channel)
        else:
            reach = reach_of(person, household, staff, using=by.using, said=Reach(name=name, phone=phone, address=address, language=language))
            found = marks.of(person, using=by.using) if person else routing.Marks()
            alone = alone or found.not_home
            found = routing.Marks(found.silent, alone, found.opted_out)
            way = routing.find_way(reach, found, kind=text.kind, allowed=text.channels, mobile=phones.is_mobile(reach.phone) and settings.SMS != "off")
        row = compose(text, kept, reach, way, grid=grid, at=at, urgent=text.urgent if urgent is None else urgent, using=by.using)
        row.event, row.recipient, row.desk, row.person, row.household, row.staff, row.alone, row.made_by = event, wanted, desk, person, household, staff, alone, by.signs
        return write(row, way, by=by, at=at)


def recipient_of(person: uuid.UUID | None, household: uuid.UUID | None, staff: uuid.UUID | None, phone: str) -> str:
    """Who is told, as a key. Somebody who is in no file is whoever has that telephone. Raises Refused for nobody."""
    for word, who in (("person", person), ("household", household), ("staff", staff)):
        if who:
            return f"{word}:{who}"
    if phone:
        return f"phone:{vault.phone_key(phone)}"
    raise Refused(_("没有写通知谁：请选一个人，或写电话号码。"))


def template_of(code: str) -> Template:
    text = templates.TEMPLATES.get(code)
    if text is None or code in templates.NOT_KEPT:
        raise Refused(_("没有“%s”这段通知用语。") % code)
    return text


def straight(text: Template, channel: str) -> Way:
    """A public channel or the webhook. Raises Refused where the words are about one person."""
    if channel not in text.channels:
        raise Refused(_("“%(text)s”不能用“%(channel)s”的方式告知。") % {"text": _(text.label), "channel": _(routing.LABELS.get(Channel(channel), channel))})
    if channel in routing.PUBLIC and text.personal:
        raise Refused(_("“%s”写的是某个人的事，不能张贴，也不能广播。") % _(text.label))
    return Way((Channel(channel),))


def reach_of(person: uuid.UUID | None, household: uuid.UUID | None, staff: uuid.UUID | None, *, using: str, said: Reach) -> Reach:
    """What is known of how to reach somebody; what he said on this occasion counts before the file."""
    if staff:
        colleague = Staff.objects.using(using).filter(pk=staff).first()
        known = Reach(name=colleague.name, phone=colleague.work_phone) if colleague else Reach()
    else:
        known = directory.find(person=person, household=household, using=using) or Reach()
    return Reach(
        name=said.name or known.name, phone=said.phone or known.phone, phone_shared=known.phone_shared and not (said.phone and said.phone != known.phone), home_phone=known.home_phone,
        address=said.address or known.address, walk_key=known.walk_key, grid=known.grid, language=said.language or known.language, alive=known.alive, no_messages=known.no_messages,
    )


def quiet_rules() -> hours.Quiet:
    return hours.quiet(settings.QUIET, settings.QUIET_DAYS_OFF)


def compose(text: Template, kept: Mapping[str, str], reach: Reach, way: Way, *, grid: str, at: datetime, urgent: bool, using: str) -> Message:
    """The row of a message, not yet written."""
    number = uuid.uuid4()
    open_values, personal = templates.split(text, kept)
    channel = way.channels[0] if way.channels else text.channels[0]
    machine = channel in routing.BY_MACHINE
    return Message(
        id=number, grid_code=grid, name=reach.name[:50], address=reach.address[:200], walk_key=reach.walk_key[:120], kind=text.kind, template=text.code, values=open_values,
        values_cipher=vault.encrypt_values(number, personal), phone_cipher=vault.encrypt(vault.PHONE, number, way.phone) if way.phone else None, phone_tail=way.phone[-4:],
        home_phone=way.home_phone, phone_shared=reach.phone_shared and bool(way.phone) and not way.home_phone, language=reach.language, urgent=urgent, channel=channel, route=[c.value for c in way.channels],
        not_before=hours.not_before(at, quiet_rules(), urgent=urgent or not machine or channel == Channel.WEBHOOK, rests=functools.partial(directory.rests, using=using)), made_at=at,
        state=State.WAITING if way.channels else State.CANCELLED, last_error=way.why, closed_at=None if way.channels else at,
    )


def write(row: Message, way: Way, *, by: Me, at: datetime) -> Message | None:
    """Write the row unless another caller was quicker; then that one's."""
    Message.objects.using(by.using).bulk_create([row], ignore_conflicts=True)
    stands = Message.objects.using(by.using).filter(event=row.event, recipient=row.recipient).first()
    if stands is None or stands.pk != row.pk:
        return stands
    step(stands, "made", by=by, at=at, sentence=way.why)
    audit.record("notice.tell", persons=[row.person] if row.person else [], households=[row.household] if row.household else [], detail={"message": str(row.pk), "template": row.template, "channel": row.channel}, using=by.using)
    if row.person and row.state == State.WAITING:
        honour(stands, using=by.using)
    return stands


def honour(message: Message, *, using: str) -> None:
    """What the person has asked for anywhere holds here too."""
    with connections[using].cursor() as cursor:
        cursor.execute("select access.honour_marks(%s)", [message.pk])
        if cursor.fetchone()[0]:
            message.refresh_from_db(using=using)


def step(message: Message, move: str, *, by: Me, at: datetime, sentence: str = "") -> None:
    Step.objects.using(by.using).create(message=message, at=at, move=move, channel=message.channel, sentence=sentence[:200], by=by.signs)


# --- by people's hands ------------------------------------------------------------------------------------------------


def locked(message: Message | uuid.UUID, by: Me) -> Message:
    """The row as it stands now, for this transaction. Raises NotHere."""
    number = message.pk if isinstance(message, Message) else message
    row = Message.objects.using(by.using).select_for_update(of=("self",)).filter(pk=number).first()
    if row is None:
        raise NotHere(_("没有这条通知，或不由您办理。"))
    return row


def moved(row: Message, move: Move, *, by: Me, at: datetime, sentence: str = "", what: str) -> Message:
    """Carry out one move of the table; raises Refused where the message has moved on meanwhile."""
    try:
        row.state = states.after(row.state, move)
    except states.NoSuchMove as refused:
        raise Refused(_("这条通知现在是“%s”，不能这样办；请刷新后再看。") % _(states.LABELS[refused.state])) from refused
    if row.state in states.FINAL or row.state == State.GIVEN_UP:
        row.closed_at, row.claimed_at, row.wait_until = at, None, None
    step(row, move, by=by, at=at, sentence=sentence)
    audit.record(what, persons=[row.person] if row.person else [], households=[row.household] if row.household else [], detail={"message": str(row.pk), "channel": row.channel}, using=by.using)
    return row


def _within(by: Me, do: Callable[[], Message]) -> Message:
    with transaction.atomic(using=by.using):
        row = do()
        row.save(using=by.using)
        return row


def deliver(*, message: Message | uuid.UUID, by: Me, at: datetime, note: str = "") -> Message:
    """Somebody says that it arrived: reached by telephone, the letter handed over, the poster up, the words read out."""
    def do() -> Message:
        row = moved(locked(message, by), Move.DELIVER, by=by, at=at, sentence=note, what="notice.delivered")
        row.delivered_at, row.delivered_by, row.last_error = at, by.id, ""
        return row
    return _within(by, do)


def said_in_person(*, message: Message | uuid.UUID, by: Me, at: datetime, note: str = "") -> Message:
    """Somebody has told the person face to face, whatever the channel was to be."""
    def do() -> Message:
        row = locked(message, by)
        if row.channel in routing.PUBLIC or row.channel == Channel.WEBHOOK:
            raise Refused(_("这条不是告诉某个人的，不用当面告知。"))
        row = moved(row, Move.DELIVER, by=by, at=at, sentence=note or lasting("已当面告知"), what="notice.delivered")
        if row.channel != Channel.PERSON and row.assigned is None:
            row.channel = Channel.PERSON
        row.delivered_at, row.delivered_by, row.last_error = at, by.id, ""
        return row
    return _within(by, do)


def not_reached(*, message: Message | uuid.UUID, why: str, by: Me, at: datetime) -> Message:
    """Nobody answered, nobody was there: once more, and after the third time the next way."""
    def do() -> Message:
        row = locked(message, by)
        if row.channel in routing.BY_MACHINE:
            raise Refused(_("这条由系统发送，不用登记。"))
        row.attempts += 1
        if row.attempts >= states.BY_PERSON:
            return onward(moved(row, Move.FAIL, by=by, at=at, sentence=why, what="notice.failed"), why, by=by, at=at)
        row = moved(row, Move.RETRY, by=by, at=at, sentence=why, what="notice.failed")
        row.last_error = why[:200]
        return row
    return _within(by, do)


def failed(*, message: Message | uuid.UUID, why: str, by: Me, at: datetime) -> Message:
    """This way does not lead there: the next one at once, or given up where there is none."""
    def do() -> Message:
        return onward(moved(locked(message, by), Move.FAIL, by=by, at=at, sentence=why, what="notice.failed"), why, by=by, at=at)
    return _within(by, do)


def onward(row: Message, why: str, *, by: Me, at: datetime) -> Message:
    """The next channel of the route after a failure."""
    following = states.next_channel(row.route, row.channel)
    row.last_error, row.claimed_at, row.wait_until = why[:200], None, None
    if not following:
        row.state, row.closed_at = states.after(row.state, Move.GIVE_UP), at
        step(row, Move.GIVE_UP, by=by, at=at)
        return row
    row.state, row.channel, row.attempts, row.not_before = states.after(row.state, Move.TURN), following, 0, at
    step(row, Move.TURN, by=by, at=at)
    return row


def try_in_person(*, message: Message | uuid.UUID, by: Me, at: datetime) -> Message:
    """Given up, but somebody will go there (again)."""
    def do() -> Message:
        row = moved(locked(message, by), Move.TURN, by=by, at=at, what="notice.assign")
        row.channel, row.attempts, row.closed_at, row.not_before = Channel.PERSON, 0, None, at
        row.route = [*[c for c in row.route if c != Channel.PERSON], Channel.PERSON.value]
        return row
    return _within(by, do)


def cancel(*, message: Message | uuid.UUID, why: str, by: Me, at: datetime) -> Message:
    """It need not be told any more. Not possible once somebody has it."""
    if len(why.strip()) < 2:
        raise Refused(_("请写明为什么不再通知。"))

    def do() -> Message:
        row = locked(message, by)
        if row.state == State.SENDING:
            raise Refused(_("这条正在发送，请过一分钟再看。"))
        row = moved(row, Move.CANCEL, by=by, at=at, sentence=why, what="notice.cancel")
        row.last_error = why[:200]
        return row
    return _within(by, do)


def assign(*, message: Message | uuid.UUID, to: uuid.UUID | None, by: Me, at: datetime) -> Message:
    """Ask somebody (the household's helper, an officer) to tell the person. He sees this errand and nothing else of the file."""
    def do() -> Message:
        row = locked(message, by)
        if row.channel != Channel.PERSON or row.state != State.WAITING:
            raise Refused(_("只有待当面告知的，才能请人去告知。"))
        if row.alone and to and to != by.id:
            raise Refused(_("这件事只能单独告诉本人，请您自己去说，不托别人。"))
        row.assigned = to
        step(row, "assign", by=by, at=at)
        audit.record("notice.assign", persons=[row.person] if row.person else [], detail={"message": str(row.pk), "to": str(to or "")}, using=by.using)
        return row
    return _within(by, do)


def printed(*, messages: Iterable[Message | uuid.UUID], by: Me, at: datetime) -> list[Message]:
    """Letters and posters that were printed are on their way; delivered is only what somebody says so of."""
    done = []
    with transaction.atomic(using=by.using):
        for message in messages:
            row = locked(message, by)
            if row.channel not in (Channel.LETTER, Channel.POSTER) or row.state not in (State.WAITING, State.HANDED):
                raise Refused(_("有的已经办过了，请刷新后再打印。"))
            if row.state == State.WAITING:
                row = moved(row, Move.HAND, by=by, at=at, sentence=lasting("已打印"), what="notice.print")
                row.handed_at = at
                row.save(using=by.using)
            done.append(row)
    return done


def phone_for_call(*, message: Message | uuid.UUID, by: Me, at: datetime) -> str:
    """The whole number, for the person who is about to call. Audited each time. Raises NotHere and Refused."""
    row = Message.objects.using(by.using).filter(pk=message.pk if isinstance(message, Message) else message).first()
    if row is None:
        raise NotHere(_("没有这条通知，或不由您办理。"))
    if row.channel != Channel.VOICE or row.state != State.WAITING:
        raise Refused(_("这条不在打电话的名单上。"))
    audit.record("notice.call", persons=[row.person] if row.person else [], detail={"message": str(row.pk)}, using=by.using)
    return vault.decrypt(vault.PHONE, row.pk, row.phone_cipher)


def values_of(message: Message) -> dict[str, str]:
    """Every value of a message, personal ones decrypted."""
    return {**message.values, **vault.decrypt_values(message.pk, message.values_cipher)}


def is_own(message: Message) -> bool:
    """About the person's own matter: it may not get lost."""
    return message.kind == Kind.OWN
