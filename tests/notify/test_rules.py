"""The rules of the outbox as truth tables: moves, quiet hours, ways, texts."""

from __future__ import annotations

from datetime import date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from minqing.gateways import voice
from minqing.notify.rules import hours, routing, states, templates
from minqing.notify.rules.routing import Channel, Kind, Marks, Reach
from minqing.notify.rules.states import Move, State

ZONE = ZoneInfo("Asia/Shanghai")

# --- states -----------------------------------------------------------------------------------------------------------

#: state → what each move makes of it, in the order of COLUMNS; "-" = does not happen.
COLUMNS = (Move.CLAIM, Move.HAND, Move.RETRY, Move.FAIL, Move.TURN, Move.GIVE_UP, Move.DELIVER, Move.CANCEL)
TABLE = {
    State.WAITING:   "sending   handed waiting failed -       -        delivered cancelled",
    State.SENDING:   "sending   handed waiting failed -       -        delivered cancelled",
    State.HANDED:    "-         -      -       failed -       -        delivered cancelled",
    State.FAILED:    "-         -      -       -      waiting given_up -         -",
    State.GIVEN_UP:  "-         -      -       -      waiting -        delivered cancelled",
    State.DELIVERED: "-         -      -       -      -       -        -         -",
    State.CANCELLED: "-         -      -       -      -       -        -         -",
}


@pytest.mark.parametrize(("state", "move"), list(product(State, Move)))
def test_every_move_from_every_state(state, move):
    expected = TABLE[state].split()[COLUMNS.index(move)]
    if expected == "-":
        with pytest.raises(states.NoSuchMove):
            states.after(state, move)
    else:
        assert states.after(state, move) == expected


def test_every_state_has_moves_or_is_final_and_none_is_silent():
    for state in State:
        leaves = [m for m in Move if (state, m) in states.MOVES]
        assert bool(leaves) != (state in states.FINAL), state
        assert state in states.LABELS and state in states.TONES


def test_a_gateway_that_is_down_is_tried_five_times_and_outlived_for_a_night():
    pauses = [states.pause_after(n) for n in range(1, 8)]
    assert pauses[5:] == [None, None] and all(pauses[:5])
    assert pauses[:5] == sorted(pauses[:5])
    assert sum(p.total_seconds() for p in pauses[:5]) > 10 * 3600


def test_the_next_channel_is_the_one_after_and_the_last_has_none():
    assert states.next_channel(["sms", "voice", "person"], "sms") == "voice"
    assert states.next_channel(["sms", "voice", "person"], "person") == ""
    assert states.next_channel([], "sms") == ""


# --- quiet hours ------------------------------------------------------------------------------------------------------

def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


HOLIDAYS = {date(2026, 10, d) for d in range(1, 8)}


def rests(day: date) -> bool:
    """National Day 2026: 1–7 October rest, Saturday 10 October is worked."""
    return day in HOLIDAYS or (day.weekday() >= 5 and day != date(2026, 10, 10))


@pytest.mark.parametrize(("moment", "first"), [
    ("2026-09-29T20:59", "2026-09-29T20:59"),  # a minute before the night
    ("2026-09-29T21:00", "2026-09-30T08:00"),  # over midnight into a working day
    ("2026-09-29T23:59", "2026-09-30T08:00"),
    ("2026-09-30T00:00", "2026-09-30T08:00"),
    ("2026-09-30T07:59", "2026-09-30T08:00"),
    ("2026-09-30T08:00", "2026-09-30T08:00"),  # the end is no longer quiet
    ("2026-09-30T12:00", "2026-09-30T14:00"),  # noon rest
    ("2026-09-30T13:59", "2026-09-30T14:00"),
    ("2026-09-30T14:00", "2026-09-30T14:00"),
    ("2026-09-30T21:30", "2026-10-01T09:00"),  # into a holiday: its own, later morning
    ("2026-10-01T08:30", "2026-10-01T09:00"),
    ("2026-10-03T14:10", "2026-10-03T14:30"),  # longer noon on days off
    ("2026-10-03T20:40", "2026-10-04T09:00"),
    ("2026-10-07T20:45", "2026-10-08T08:00"),  # out of the holiday: a working day's morning
    ("2026-10-10T08:10", "2026-10-10T08:10"),  # a Saturday that is worked
    ("2026-10-11T08:10", "2026-10-11T09:00"),  # a Sunday that is not
    ("2026-12-31T22:00", "2027-01-01T08:00"),  # over the end of the year
])
def test_nobody_is_disturbed_at_night_at_noon_and_on_holiday_mornings(moment, first):
    assert hours.not_before(at(moment), hours.quiet(), rests=rests) == at(first)


def test_an_urgent_message_waits_for_nobody():
    assert hours.not_before(at("2026-10-01T03:00"), hours.quiet(), urgent=True, rests=rests) == at("2026-10-01T03:00")


def test_a_moment_in_another_zone_is_the_same_moment():
    utc = datetime(2026, 9, 29, 13, 30, tzinfo=ZoneInfo("UTC"))  # 21:30 here
    assert hours.not_before(utc, hours.quiet(), rests=rests) == at("2026-09-30T08:00")


def test_no_quiet_hours_and_touching_ones():
    assert hours.not_before(at("2026-09-30T03:00"), hours.quiet("", ""), rests=rests) == at("2026-09-30T03:00")
    assert hours.not_before(at("2026-09-30T11:30"), hours.quiet("11:00-12:00,12:00-13:00", ""), rests=rests) == at("2026-09-30T13:00")


@pytest.mark.parametrize("text", ["21-8", "25:00-08:00", "21:00-21:00", "夜里"])
def test_a_setting_that_nobody_can_read_is_a_sentence(text):
    with pytest.raises(hours.Unreadable, match="安静时段"):
        hours.read(text)


def test_quiet_all_day_is_a_sentence_and_not_a_loop():
    with pytest.raises(hours.Unreadable, match="全天"):
        hours.not_before(at("2026-09-30T11:30"), hours.quiet("00:00-12:00,12:00-00:00", "00:00-12:00,12:00-00:00"), rests=rests)


# --- ways -------------------------------------------------------------------------------------------------------------

FULL = Reach(name="姜水仙", phone="15412345678", home_phone="16412345678", address="彭里村上塘43号")
S, V, L, P = Channel.SMS, Channel.VOICE, Channel.LETTER, Channel.PERSON


@pytest.mark.parametrize(("reach", "marks", "kind", "channels"), [
    (FULL, Marks(), Kind.OWN, (S, V, P)),
    (Reach(phone="0570-4012345"), Marks(), Kind.OWN, (V, P)),                            # no text message reaches a landline
    (Reach(home_phone="16412345678", address="x"), Marks(), Kind.OWN, (V, P)),           # no telephone of her own
    (Reach(address="彭里村"), Marks(), Kind.OWN, (L, P)),                                # no telephone at all
    (Reach(), Marks(), Kind.OWN, (P,)),                                                  # nothing known: somebody goes there
    (FULL, Marks(not_home=True), Kind.OWN, (S, V, P)),                                   # her own telephone is hers
    (Reach(phone="15412345678", phone_shared=True, address="x"), Marks(not_home=True), Kind.OWN, (P,)),
    (Reach(home_phone="16412345678", address="x"), Marks(not_home=True), Kind.OWN, (P,)),
    (Reach(address="x"), Marks(not_home=True), Kind.OWN, (P,)),                          # no letter at the door either
    (FULL, Marks(opted_out=frozenset({"policy"})), Kind.POLICY, ()),
    (FULL, Marks(opted_out=frozenset({"policy"})), Kind.NEWS, (S, V, P)),
    (FULL, Marks(opted_out=frozenset({"own"})), Kind.OWN, (P,)),                         # her own matter is never lost
    (FULL, Marks(silent=True), Kind.OWN, ()),
    (Reach(phone="15412345678", alive=False), Marks(), Kind.OWN, ()),
    (Reach(phone="15412345678", no_messages=True), Marks(), Kind.OWN, (P,)),
    (Reach(phone="15412345678", no_messages=True), Marks(), Kind.REMINDER, ()),
    (FULL, Marks(silent=True, not_home=True), Kind.REMINDER, ()),
])
def test_which_way_somebody_is_told(reach, marks, kind, channels):
    way = routing.find_way(reach, marks, kind=kind, mobile=reach.phone.startswith("1"))
    assert way.channels == channels
    assert bool(way.why) == (not channels)


def test_nobody_loses_a_right_for_want_of_a_telephone():
    """Whatever is known of a living person, a notice about his own matter ends with somebody who goes there."""
    for phone, shared, home, address, no_messages in product(("", "15412345678"), (False, True), ("", "16412345678"), ("", "上塘"), (False, True)):
        for not_home, opted in product((False, True), (frozenset(), frozenset({"own"}), frozenset({"own", "policy"}))):
            way = routing.find_way(Reach(phone=phone, phone_shared=shared, home_phone=home, address=address, no_messages=no_messages), Marks(False, not_home, opted), kind=Kind.OWN)
            assert way.channels and way.channels[-1] == Channel.PERSON


def test_not_at_home_never_uses_the_households_telephone_or_the_door():
    for phone, shared, home, address in product(("", "15412345678"), (False, True), ("", "16412345678"), ("", "上塘")):
        way = routing.find_way(Reach(phone=phone, phone_shared=shared, home_phone=home, address=address), Marks(not_home=True), kind=Kind.OWN)
        assert not way.home_phone and way.phone in ("", "15412345678") and L not in way.channels
        assert not (shared and way.phone)


# --- texts ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("template", templates.TEMPLATES.values(), ids=lambda t: t.code)
def test_every_text_declares_its_fields_and_fits(template):
    for text in filter(None, (template.text, template.letter, template.english)):
        assert templates.names_in(text) <= set(template.fields)
    assert templates.names_in(template.text + template.letter) == set(template.fields)
    assert templates.parts("【连心民情】" + templates.fill(template, template.samples)) <= 2
    assert template.channels and template.label


@pytest.mark.parametrize("template", templates.TEMPLATES.values(), ids=lambda t: t.code)
def test_what_is_about_one_person_is_never_public_and_never_leaves_by_the_webhook(template):
    if set(template.channels) & (routing.PUBLIC | {Channel.WEBHOOK}):
        assert not template.personal
        assert not set(template.channels) & set(routing.TO_ONE)


def test_no_text_names_what_only_a_purpose_opens():
    words = ("低保", "特困", "残疾", "精神", "孕", "慢病", "失能", "优抚", "救助", "补贴")
    for template in templates.TEMPLATES.values():
        text = template.text + template.letter + "".join(template.samples.values())
        assert not [w for w in words if w in text], template.code


def test_length_is_counted_as_the_network_does():
    assert (templates.parts("字" * 70), templates.parts("字" * 71), templates.parts("字" * 134), templates.parts("字" * 135)) == (1, 2, 2, 3)
    assert templates.units("𡒄") == 2 and templates.parts("𡒄" * 35) == 1 and templates.parts("𡒄" * 36) == 2


def test_long_words_give_way_numbers_and_days_do_not():
    template = templates.TEMPLATES["matter.answer"]
    values = {**template.samples, "answer": "换" * 400}
    cut = templates.shorten(template, values, room=3 * templates.PART - 6)
    text = templates.fill(template, cut)
    assert templates.units(text) <= 3 * templates.PART - 6
    assert template.samples["no"] in text and template.samples["phone"] in text and "…" in text


def test_missing_and_unknown_values_are_sentences():
    template = templates.TEMPLATES["matter.receipt"]
    with pytest.raises(templates.Wrong, match="还缺：日期"):
        templates.check(template, {**template.samples, "day": " "})
    with pytest.raises(templates.Wrong, match="没有这样的内容：secret"):
        templates.check(template, {**template.samples, "secret": "x"})


def test_braces_in_peoples_words_are_words():
    template = templates.TEMPLATES["matter.progress"]
    text = templates.fill(template, {**template.samples, "answer": "{no.__class__} {0} 看过。"})
    assert "{no.__class__} {0} 看过。" in text and "。。" not in text


def test_numbers_are_read_as_names():
    assert voice.speakable("编号SQ20261125-0001") == "编号SQ二零二六幺幺二五，零零零幺"
    assert "零五七零，四零幺二三四五" in voice.speakable("请打0570-4012345。")
    assert voice.speakable("2026-12-01 08:30 开会，共 3 户") == "二零二六年12月1日 8点30分 开会，共 3 户"
    assert voice.speakable("您的事（SQ20261125-0001）：好了") == "您的事，SQ二零二六幺幺二五，零零零幺：好了"
    rows = voice.as_csv([voice.Call("1", "=cmd", "15400000000", "话", "")]).decode("utf-8-sig")
    assert "'=cmd" in rows
