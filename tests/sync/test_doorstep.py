"""What is taken down at the door or on the road, with photos and recordings; what is asked there (minqing/sync/README.md)."""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from minqing.archives.models import Household, Resident
from minqing.contact.actions import doors
from minqing.service.models import Attachment, Matter, Party
from minqing.sync.actions import blobs, operations
from minqing.sync.models import Operation
from minqing.sync.rules import protocol
from tests.sync.village import LAN, Phone, found, op

NOW = timezone.now()
#: The first bytes of what MediaRecorder gives in Chromium, and no picture.
SOUND = b"\x1aE\xdf\xa3" + b"\x42\x86\x81\x01" * 60


@pytest.fixture
def homes(world):
    return found(NOW)


@pytest.fixture
def phone(homes, world):
    made = Phone("兰", NOW)
    with world.acting("兰") as me:
        made.register(me)
        made.pull(me)
    return made


def sent(me, content: bytes, media: str) -> uuid.UUID:
    number = uuid.uuid4()
    blobs.announce(id=number, size=len(content), sha256=hashlib.sha256(content).hexdigest(), media=media, by=me, at=NOW)
    for no in range(-(-len(content) // protocol.PART)):
        blobs.put(blob=number, no=no, content=content[no * protocol.PART:(no + 1) * protocol.PART], by=me)
    operations.resume(by=me, at=NOW)
    return number


def test_of_several_who_ask_the_first_chosen_is_answered_and_all_are_named(phone, homes, world):
    with world.acting("兰") as me:
        order = [homes["彭大火"], homes["彭大林"], homes["彭大水"]]
        one = op("matter.open", None, at=NOW, data={"place": LAN, "words": "机耕路断了两天", "spot": "门前垄", "persons": list(map(str, order)), "names": [{"name": "过路的老王", "phone": "15400005555"}]})
        order = [homes[n] for n in ("彭大木", "彭大林")]
        one["data"]["persons"] = list(map(str, order))
        result = phone.push(me, [one])[0]
        made = Matter.objects.get(pk=result["ref"]["matter"])
        parties = list(Party.objects.filter(matter=made))
    assert (made.spot, result["s"], len(result["ref"]["word"])) == ("门前垄", "applied", 6)
    assert [p.person_id for p in parties if p.role == "requester"] == [order[0]]
    assert {p.person_id for p in parties if p.role == "for"} == {order[1], None}
    assert len(parties) == 3


def test_who_is_no_longer_in_the_scope_is_not_left_out_silently(phone, homes, world):
    with world.acting("兰") as me:
        one = op("matter.open", homes["7700"], at=NOW, data={"words": "屋后的路灯坏了三天", "persons": [str(homes["彭大林"]), str(homes["彭大火"])]})
        result = phone.push(me, [one])[0]
        assert result["s"] == "refused" and "不在您的范围内" in result["msg"]
        many = op("matter.open", homes["7700"], at=NOW, data={"words": "屋后的路灯坏了三天", "names": [{"name": f"王{i}"} for i in range(7)]})
        assert phone.push(me, [many])[0]["s"] == "refused"
        assert Operation.objects.get(pk=one["id"]).content is not None


def test_a_recording_of_a_helper_is_kept_with_the_matter_and_something_else_is_not(homes, world):
    with world.acting("梅") as me:
        helper = me.id
    with world.acting("香") as me:
        doors.give(household=homes["7700"], helper=helper, by=me, at=NOW)
    mine = Phone("梅", NOW)
    with world.acting("梅") as me:
        mine.register(me)
        mine.pull(me)
        check = op("helper.check", uuid.UUID(next(iter(mine.rows))), at=NOW, data={"check": str(uuid.uuid4()), "answer": "something", "words": "（录音，请听附件）"})
        attach = op("photo.attach", uuid.UUID(check["id"]), at=NOW, needs=[check["id"]], data={"blob": str(uuid.uuid4()), "name": "录音"})
        results = mine.push(me, [check, attach])
        assert [r["s"] for r in results] == ["applied", "waiting"]
        wrong = op("photo.attach", uuid.UUID(check["id"]), at=NOW, data={"blob": str(sent(me, b"MZ" + b"x" * 300, "audio/webm")), "name": "录音"})
        assert mine.push(me, [wrong])[0]["s"] == "refused"
        good = op("photo.attach", uuid.UUID(check["id"]), at=NOW, data={"blob": str(sent(me, SOUND, "audio/webm;codecs=opus")), "name": "录音"})
        assert mine.push(me, [good])[0]["s"] == "applied"
        kept = Attachment.objects.get(matter=results[0]["ref"]["matter"])
        assert (kept.kind, kept.media) == ("voice", "audio/webm")


def test_what_is_said_about_staff_takes_no_recording_along_and_says_so(phone, homes, world):
    with world.acting("兰") as me:
        said = op("matter.open", homes["7700"], at=NOW, data={"kind": "complaint", "words": "村书记收钱不办事", "persons": [str(homes["彭大林"])]})
        attach = op("photo.attach", uuid.UUID(said["id"]), at=NOW, needs=[said["id"]], data={"blob": str(sent(me, SOUND, "audio/webm"))})
        results = phone.push(me, [said, attach])
    assert [r["s"] for r in results] == ["applied", "refused"]
    assert "专门的人" in results[1]["msg"]


def test_the_copy_says_what_is_to_be_asked_and_no_number(phone, homes, world):
    old = str(timezone.localdate(NOW) - timedelta(days=900))
    with world.acting("香"):
        head = Resident.objects.get(pk=homes["彭大林"])
        head.workplace = "绿源合作社"
        head.sources = {**head.sources, "phone": {"from": "V", "on": old}, "workplace": {"from": "V", "on": str(timezone.localdate(NOW)), "others": [{"from": "03", "on": old, "value": "在外务工"}]}}
        head.save(update_fields=["workplace", "sources"])
        Household.objects.filter(pk=homes["7701"]).update(caution="有狗", sources={"caution": {"from": "V", "on": str(timezone.localdate(NOW))}})
    with world.acting("兰") as me:
        phone.pull(me)
    asked = phone.rows[str(homes["7700"])][1]["ask"]
    assert asked == [[-1, "caution", "还不知道"], [0, "phone", f"还是{old}记的"], [0, "workplace", "人社写的是“在外务工”", "绿源合作社"]]
    assert "ask" not in phone.rows[str(homes["7701"])][1]


def test_a_copy_of_an_earlier_program_is_fetched_once_more(phone, world, monkeypatch):
    monkeypatch.setattr("minqing.sync.queries.SHAPE", 99)
    before = phone.digest
    with world.acting("兰") as me:
        phone.pull(me)
        assert phone.digest != before
        assert set(phone.call(me)) == {"cursor", "digest", "lease", "now"}
        whole = Phone("兰", NOW)
        whole.register(me)
        body = json.dumps(whole.call(me), ensure_ascii=False, separators=(",", ":")).encode()
    assert len(gzip.compress(body)) < 2_000 * len(phone.rows)
