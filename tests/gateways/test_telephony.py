"""What telephone systems say, read into events: Zammad's shape, hidden numbers, masks, the simulator's own requests."""

from __future__ import annotations

import pytest

from minqing.gateways import telephony
from minqing.gateways.telephony.simulator import SCENES, Simulator, over_http, play
from minqing.lib import phones


def read(**fields: object) -> telephony.Event:
    given = {"event": "newCall", "callId": "a-1", "from": "15412340365", "to": "4888365", "direction": "in"} | fields
    return telephony.read({k: v if isinstance(v, list) else [str(v)] for k, v in given.items()})


@pytest.mark.parametrize(("said", "number"), [
    ("15412340365", "15412340365"), ("+86 154 1234 0365", "15412340365"), ("8615412340365", "15412340365"), ("0570-4888365", "0570-4888365"), ("4888365", "0570-4888365"), ("anonymous", ""), ("", ""), ("Withheld", ""), ("隐藏", ""), ("4915112345678", "4915112345678"), ("7", ""),
])
def test_numbers_come_in_one_form_and_hidden_ones_as_none(said, number):
    assert phones.dialled(read(**{"from": said}).number) == number


@pytest.mark.parametrize(("number", "shown"), [("15412340365", "154 **** 0365"), ("0570-4888365", "0570-***8365"), ("8001", "8001"), ("4915112345678", "*********5678")])
def test_masks_leave_the_tail(number, shown):
    assert phones.masked(number) == shown


def test_ours_and_theirs_follow_the_direction():
    out = read(direction="out", **{"from": "8001", "to": "15412340365"})
    assert (out.number, out.line, out.extensions) == ("15412340365", "8001", ("8001",))
    both = read(event="answer", answeringNumber="8001", user=["8002", "8001"])
    assert both.extensions[:2] == ("8001", "8002")


def test_json_and_forms_say_the_same():
    body = b'{"event": "newCall", "callId": "a-1", "from": "15412340365", "to": "4888365", "direction": "in", "user": ["8001", null, {}], "extra": {"deep": 1}}'
    assert telephony.read(telephony.fields_of("application/json", body, {})) == read(user=["8001"])
    assert telephony.fields_of("application/x-www-form-urlencoded", b"", {"user[]": ["1", "2"]}) == {"user": ["1", "2"]}


@pytest.mark.parametrize("fields", [{"event": "x"}, {"callId": "\x00"}, {"callId": "a" * 81}, {"direction": "both"}, {"event": "rate", "digits": "9"}, {"event": "voicemail"}, {"event": "recording"}])
def test_bad_requests_raise_a_sentence(fields):
    with pytest.raises(telephony.Bad, match="[\u4e00-\u9fff]"):
        read(**fields)


@pytest.mark.parametrize("scene", SCENES)
def test_the_simulator_says_what_the_interface_understands(scene):
    heard: list[telephony.Event] = []

    def send(fields: dict[str, str]) -> tuple[int, str]:
        heard.append(telephony.read({k: [v] for k, v in fields.items()}))
        return 200, ""

    steps = list(play(Simulator(send), scene, number="15412340365", values={"extension": "8001", "forward": "15400000011", "text": "水管坏了"}, haste=0))
    assert [h.name for h in heard] == ["newCall" if s == "ring" else s for s, _status, _answer in steps]
    assert len({h.call_id for h in heard}) == 1


def test_a_simulator_without_a_call_and_a_wrong_address_say_so():
    with pytest.raises(ValueError, match="还没有来电"):
        Simulator(lambda fields: (200, "")).hangup()
    with pytest.raises(ValueError, match="地址"):
        over_http("ftp://x")
