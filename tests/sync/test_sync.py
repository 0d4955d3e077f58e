"""What a phone sends is done once; what it may hold comes, and goes (minqing/sync/README.md)."""

from __future__ import annotations

import hashlib
import io
import random
import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from minqing.access.models import AuditEntry
from minqing.archives.actions import households, proposals
from minqing.archives.models import Household, Proposal, Resident
from minqing.contact.actions import doors
from minqing.contact.models import Visit
from minqing.service.models import Attachment, Matter
from minqing.sync import queries, vault
from minqing.sync.actions import blobs, devices, doing, operations
from minqing.sync.models import Blob, Device, Operation, Part
from minqing.sync.refusals import Unfit
from minqing.sync.rules import protocol
from tests.sync.village import LAN, Phone, found, op, words

NOW = timezone.now()


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


def test_the_first_pull_holds_the_grid_and_nothing_else(phone, homes, world):
    assert {data["number"] for _rev, data in phone.rows.values()} == {"7700", "7701", "7702"}
    head = phone.rows[str(homes["7700"])][1]["members"][0]
    assert (head["name"], head["py"], head["phone"]) == ("彭大林", "pengdalin pdl", "****1000")


def test_an_idle_pull_is_small_and_writes_nothing(phone, world):
    with world.acting("兰") as me:
        answer = phone.call(me)
    assert set(answer) == {"cursor", "digest", "lease", "now"}
    assert len(str(answer)) <= 200


def test_a_pull_is_logged_once_for_a_phone_and_a_scope(homes, world):
    def logged():
        with world.acting("审"):
            return AuditEntry.objects.filter(what="device.pull").count()

    before, made = logged(), Phone("兰", NOW)
    with world.acting("兰") as me:
        made.register(me)
        made.pull(me)
        made.cursor = ""
        made.pull(me)
    assert logged() == before + 1


def test_a_word_at_the_door_is_written_and_the_same_operation_again_is_not(phone, homes, world):
    one = words(homes["7700"], "", "有狗，敲东门", at=NOW)
    with world.acting("兰") as me:
        first = phone.push(me, [one])
        row = Household.objects.get(pk=homes["7700"])
        version = row.version
        second = phone.push(me, [one])
    assert (first[0]["s"], first[0]["fields"], row.caution) == ("applied", {"caution": "applied"}, "有狗，敲东门")
    assert second == [{**first[0], "again": True}]
    with world.acting("兰") as me:
        assert Household.objects.get(pk=homes["7700"]).version == version
        other = phone.push(me, [{**one, "data": {"fields": {"caution": {"from": "", "to": "别的话"}}}}])[0]
        assert (other["s"], other["code"]) == ("refused", "other_content")
        assert Household.objects.get(pk=homes["7700"]).caution == "有狗，敲东门"
        assert Operation.objects.get(pk=one["id"]).content is None  # what is done is not kept a second time


def test_fields_changed_by_two_merge_and_one_field_changed_by_two_becomes_a_question(phone, homes, world):
    home = homes["7700"]
    with world.acting("香") as me:
        households.set_words(household=home, caution="耳背，大声叫", by=me, at=NOW)
    one = op("household.words", home, at=NOW, data={"fields": {"caution": {"from": "", "to": "有狗"}, "wishes": {"from": "", "to": "想装扶手"}}})
    with world.acting("兰") as me:
        result = phone.push(me, [one])[0]
        row = Household.objects.get(pk=home)
        assert (result["s"], result["fields"]) == ("conflict", {"caution": "conflict", "wishes": "applied"})
        assert (row.caution, row.wishes) == ("耳背，大声叫", "想装扶手")
        phone.pull(me)
        ask = phone.asks[0]
        assert (ask["mine"], ask["theirs"], ask["who"]) == ("有狗", "耳背，大声叫", "郑书香")
    with world.acting("香"):
        question = Proposal.objects.get(kind="conflict", household=home)
        assert "“有狗”" in question.sentence and "“耳背，大声叫”" in question.sentence
    with world.acting("兰") as me:
        assert phone.push(me, [op("conflict.choose", uuid.UUID(ask["id"]), at=NOW, data={"choice": "both"})])[0]["s"] == "applied"
        assert Household.objects.get(pk=home).caution == "耳背，大声叫；有狗"
        phone.pull(me)
        assert phone.asks == []


@pytest.mark.parametrize(("choice", "stands", "state"), [("mine", "有狗", "done"), ("theirs", "耳背", "dismissed")])
def test_either_value_of_a_question_can_be_chosen(phone, homes, world, choice, stands, state):
    home = homes["7700"]
    with world.acting("香") as me:
        households.set_words(household=home, caution="耳背", by=me, at=NOW)
    with world.acting("兰") as me:
        phone.push(me, [words(home, "", "有狗", at=NOW)])
        question = Proposal.objects.get(kind="conflict", household=home)
        phone.push(me, [op("conflict.choose", question.pk, at=NOW, data={"choice": choice})])
        assert Household.objects.get(pk=home).caution == stands
        assert Proposal.objects.get(pk=question.pk).state == state


def test_a_question_whose_value_has_changed_again_is_not_answered_blindly(phone, homes, world):
    home = homes["7700"]
    with world.acting("香") as me:
        households.set_words(household=home, caution="耳背", by=me, at=NOW)
    with world.acting("兰") as me:
        phone.push(me, [words(home, "", "有狗", at=NOW)])
        question = Proposal.objects.get(kind="conflict", household=home)
    with world.acting("香") as me:
        households.set_words(household=home, caution="狗已送走", by=me, at=NOW)
    with world.acting("兰") as me:
        result = phone.push(me, [op("conflict.choose", question.pk, at=NOW, data={"choice": "mine"})])[0]
        assert (result["s"], Household.objects.get(pk=home).caution) == ("refused", "狗已送走")


def test_a_phone_number_is_corrected_and_a_name_is_asked_of_its_department(phone, homes, world):
    person = homes["彭大林"]
    with world.acting("香"):
        row = Resident.objects.get(pk=person)
        row.sources = {**row.sources, "name": {"from": "01", "on": "2026-01-01"}}
        row.save(update_fields=["sources"])
    one = op("person.fields", person, at=NOW, data={"fields": {"phone": {"from": "****1000", "to": "15400009999"}, "name": {"from": "彭大林", "to": "彭大琳"}}})
    with world.acting("兰") as me:
        result = phone.push(me, [one])[0]
        row = Resident.objects.get(pk=person)
        assert (result["s"], result["fields"]) == ("applied", {"phone": "applied", "name": "review"})
        assert (row.phone_tail, row.name) == ("9999", "彭大林")
        again = phone.push(me, [op("person.fields", person, at=NOW, data={"fields": {"phone": {"from": "****1000", "to": "15400008888"}}})])[0]
        assert again["fields"] == {"phone": "conflict"}
        assert proposals.asked(Proposal.objects.get(kind="conflict", person=person))["to"] == "15400008888"
        assert "15400008888" not in Proposal.objects.get(kind="conflict", person=person).sentence


def test_a_matter_is_taken_down_at_the_door_once(phone, homes, world):
    one = op("matter.open", homes["7700"], at=NOW, data={"kind": "help", "words": "屋后的路灯坏了三天", "persons": [str(homes["彭大林"])]})
    with world.acting("兰") as me:
        first = phone.push(me, [one])[0]
        assert phone.push(me, [one])[0]["ref"] == first["ref"]
        made = Matter.objects.get(pk=first["ref"]["matter"])
        assert (made.place_code, made.channel) == (LAN, "door")
        phone.pull(me)
    assert [m["number"] for m in phone.rows[str(homes["7700"])][1]["matters"]] == [made.number]


def test_an_operation_waits_for_the_one_it_needs_and_is_then_done(phone, homes, world):
    first = words(homes["7700"], "", "有狗", at=NOW)
    second = words(homes["7700"], "有狗", "狗已送走", at=NOW, needs=[first["id"]])
    with world.acting("兰") as me:
        assert phone.push(me, [second])[0]["s"] == "waiting"
        assert Household.objects.get(pk=homes["7700"]).caution == ""
        assert phone.push(me, [first])[0]["s"] == "applied"
        assert Household.objects.get(pk=homes["7700"]).caution == "狗已送走"
        assert phone.push(me, [second])[0]["s"] == "applied"


def test_both_in_one_call_and_in_the_wrong_order(phone, homes, world):
    first = words(homes["7700"], "", "有狗", at=NOW)
    second = words(homes["7700"], "有狗", "狗已送走", at=NOW, needs=[first["id"]])
    with world.acting("兰") as me:
        assert [r["s"] for r in phone.push(me, [second, first])] == ["applied", "applied"]


def test_what_hangs_on_a_refused_operation_is_refused_and_keeps_its_words(phone, homes, world):
    first = words(homes["7703"], "", "有狗", at=NOW)  # 强's
    second = words(homes["7700"], "", "门朝南", at=NOW, needs=[first["id"]])
    with world.acting("兰") as me:
        results = phone.push(me, [second, first, words(homes["7701"], "", "慢点敲", at=NOW)])
        assert [r["s"] for r in results] == ["refused", "refused", "applied"]
        assert results[0]["code"] == "parent"
        assert {o["id"] for o in phone.call(me)["waiting"]} == {first["id"], second["id"]}
        phone.push(me, [op("discard", uuid.UUID(first["id"]), at=NOW)])
        assert {o["id"] for o in phone.call(me)["waiting"]} == {second["id"]}


def test_a_kind_of_a_newer_phone_is_kept_and_done_when_the_server_knows_it(phone, homes, world, monkeypatch):
    one = op("household.sing", homes["7700"], at=NOW, data={"song": "茉莉花"})
    with world.acting("兰") as me:
        assert phone.push(me, [one])[0]["s"] == "later"
        monkeypatch.setitem(doing.KINDS, "household.sing", doing.KINDS["access"])
        phone.call(me)
        assert Operation.objects.get(pk=one["id"]).state == "applied"


def test_a_fault_of_ours_keeps_nothing_and_stops_nobody(phone, homes, world, monkeypatch):
    def fault(given, on):
        households.set_words(household=homes["7700"], caution="halb", by=on.by, at=on.now)
        raise ZeroDivisionError

    monkeypatch.setitem(doing.KINDS, "fault", fault)
    one = op("fault", homes["7700"], at=NOW)
    with world.acting("兰") as me:
        results = phone.push(me, [one, words(homes["7701"], "", "慢点敲", at=NOW), {"id": "nonsense"}, op("x", at=NOW, data={"a": "\x00"})])
        assert [r["s"] for r in results] == ["error", "applied", "refused", "refused"]
        assert Household.objects.get(pk=homes["7700"]).caution == ""
        assert not Operation.objects.filter(pk=one["id"]).exists()


#: What a phone of another version, or somebody's script, may write where something else belongs.
ODD = (None, True, 7, -1.5, "", "x", "«", [], [1], ["x", {}], {}, {"a": 1}, {"a": {"b": []}}, [{}], [{"words": 7}], [{"field": [], "value": {}}], {"caution": "x"}, {"caution": {"from": [], "to": {}}}, "2026-13-45", "\ud83d")


@pytest.mark.parametrize("kind", sorted(protocol.SHAPES))
def test_whatever_an_operation_holds_it_is_done_or_refused_and_its_words_are_kept(kind, phone, homes, world):
    """Never `error`: that a phone would send again for ever."""
    chance, names = random.Random(kind), sorted(protocol.SHAPES[kind])
    with world.acting("兰") as me:
        for n in range(60):
            data = {name: chance.choice([*ODD, str(uuid.uuid4()), str(homes["7700"]), [str(homes["彭大林"])], "door", "村口的灯坏了"]) for name in names if chance.random() < 0.8}
            one = op(kind, chance.choice([homes["7700"], homes["彭大林"], uuid.uuid4(), None]), at=NOW, data=data)
            result = phone.push(me, [one])[0]
            assert result["s"] != "error", (n, data)
            if result["s"] == "refused" and result["code"] != "malformed":
                assert vault.decrypt_json(vault.CONTENT, uuid.UUID(one["id"]), Operation.objects.get(pk=one["id"]).content)["data"] == data
                assert any("\u4e00" <= c <= "\u9fff" for c in result["msg"])


def test_a_clock_that_is_a_day_fast_does_not_move_what_happened_into_tomorrow(phone, homes, world, monkeypatch):
    seen = []
    monkeypatch.setitem(doing.KINDS, "look", lambda given, on: seen.append(on.happened) or doing.Done())
    phone.fast = timedelta(days=1)
    with world.acting("兰") as me:
        phone.push(me, [op("look", at=NOW + timedelta(hours=22))])  # two hours ago by a clock a day fast
    assert seen == [NOW - timedelta(hours=2)]


def test_a_household_that_moves_away_leaves_the_phone_and_its_unsent_words_are_kept(phone, homes, world):
    with world.acting("香") as me:
        households.move(household=homes["7700"], grid=LAN[:-1] + "2", on=timezone.localdate(NOW), by=me, at=NOW)
    with world.acting("兰") as me:
        phone.pull(me)
        assert str(homes["7700"]) not in phone.rows and len(phone.rows) == 2
        result = phone.push(me, [words(homes["7700"], "", "有狗", at=NOW)])[0]
        assert (result["s"], "不在您的范围内" in result["msg"]) == ("refused", True)


def test_a_stopped_phone_is_told_to_empty_itself_and_a_strangers_is_nobodys(phone, homes, world):
    with world.acting("强") as me, pytest.raises(Unfit):
        devices.mine(phone.id, me)
    with world.acting("兰") as me:
        devices.close(device=phone.id, state="lost", by=me, at=NOW)
        assert set(phone.call(me)) == {"wipe", "now"}


def test_who_looks_after_a_whole_town_takes_no_files_along(world, homes):
    with world.acting("数") as me:
        made = Phone("数", NOW)
        made.register(me)
        with pytest.raises(Unfit) as wide:
            made.call(me)
    assert wide.value.code == "too_wide"


def test_a_photo_comes_in_parts_in_any_order_and_is_attached_once(phone, homes, world):
    out = io.BytesIO()
    Image.effect_noise((900, 700), 90).convert("RGB").save(out, "JPEG", quality=95)
    photo = out.getvalue()
    number = uuid.uuid4()
    opened = op("matter.open", homes["7700"], at=NOW, data={"kind": "help", "words": "屋后的路灯坏了三天"})
    attach = op("photo.attach", uuid.UUID(opened["id"]), at=NOW, needs=[opened["id"]], data={"blob": str(number), "name": "路灯.jpg"})
    pieces = [photo[i:i + protocol.PART] for i in range(0, len(photo), protocol.PART)]
    assert len(pieces) > 1
    with world.acting("兰") as me:
        assert [r["s"] for r in phone.push(me, [opened, attach])] == ["applied", "waiting"]
        made = blobs.announce(id=number, size=len(photo), sha256=hashlib.sha256(photo).hexdigest(), media="image/jpeg", by=me, at=NOW)
        for no in reversed(range(len(pieces))):
            blobs.put(blob=number, no=no, content=pieces[no], by=me)
            blobs.put(blob=number, no=no, content=pieces[no], by=me)
            assert len(blobs.have(made)) == len(pieces) - no
        operations.resume(by=me, at=NOW)
        assert Operation.objects.get(pk=attach["id"]).state == "applied"
        assert Attachment.objects.filter(matter=phone.push(me, [opened])[0]["ref"]["matter"]).count() == 1
        assert Part.objects.filter(blob=number).count() == 0 and Blob.objects.get(pk=number).used_at
    with world.acting("强") as me, pytest.raises(Unfit):
        blobs.put(blob=number, no=0, content=pieces[0], by=me)


def test_a_photo_that_arrived_broken_has_no_parts_and_is_sent_again(phone, homes, world):
    number, right = uuid.uuid4(), b"x" * (protocol.PART + 3)
    with world.acting("兰") as me:
        made = blobs.announce(id=number, size=len(right), sha256=hashlib.sha256(right).hexdigest(), media="image/jpeg", by=me, at=NOW)
        blobs.put(blob=number, no=0, content=b"y" * protocol.PART, by=me)
        blobs.put(blob=number, no=1, content=b"xxx", by=me)
        assert blobs.have(made) == [] and not blobs.complete(made)
        for no in (0, 1):
            blobs.put(blob=number, no=no, content=right[no * protocol.PART:(no + 1) * protocol.PART], by=me)
        assert blobs.complete(made) and blobs.whole(made) == right


def test_what_waits_and_cannot_be_read_keeps_nobody_from_his_copy(phone, homes, world):
    parent = op("matter.open", homes["7700"], at=NOW, data={"kind": "help", "words": "屋后的路灯坏了三天"})
    bad = op("photo.attach", uuid.UUID(parent["id"]), at=NOW, needs=[parent["id"]], data={"blob": "no number"})
    gone = op("discard", uuid.uuid4(), at=NOW)
    with world.acting("兰") as me:
        assert [r["s"] for r in phone.push(me, [bad, gone])] == ["waiting", "waiting"]
        before = Operation.objects.filter(pk=gone["id"]).values_list("answer", flat=True).get()
        assert "cursor" in phone.call(me)
        assert Operation.objects.filter(pk=gone["id"]).values_list("answer", flat=True).get() == before  # not tried again for nothing
        assert phone.push(me, [parent])[0]["s"] == "applied"
        assert Operation.objects.get(pk=bad["id"]).state == "refused"


def test_a_visit_from_the_phone_is_one_visit_its_wish_a_matter_its_correction_a_change(phone, homes, world):
    data = {"visit": str(uuid.uuid4()), "how": "door", "met": [str(homes["彭大林"])], "words": "今年柑橘不好卖", "wishes": [{"words": "想修门口的路", "person": str(homes["彭大林"])}],
            "corrections": [{"field": "phone", "person": str(homes["彭大林"]), "value": "15400007777", "seen": "****1000"}, {"field": "caution", "value": "有狗", "seen": "没有狗"}]}
    one = op("visit.record", homes["7700"], at=NOW - timedelta(hours=3), data=data)
    with world.acting("兰") as me:
        first = phone.push(me, [one])[0]
        assert (first["s"], set(first["fields"].values())) == ("conflict", {"applied", "conflict"})
        assert phone.push(me, [one])[0]["ref"] == first["ref"]
        assert Visit.objects.filter(household=homes["7700"]).count() == Matter.objects.filter(number=first["ref"]["number"]).count() == 1
        assert Visit.objects.get(pk=data["visit"]).visited_at == NOW - timedelta(hours=3)
        assert Resident.objects.get(pk=homes["彭大林"]).phone_tail == "7777"
        assert Proposal.objects.get(kind="conflict", household=homes["7700"]).field == "caution"


def test_as_ever_in_one_tap_and_taken_back(phone, homes, world):
    number = uuid.uuid4()
    usual = op("visit.usual", homes["7700"], at=NOW, data={"visit": str(number), "how": "door"})
    with world.acting("兰") as me:
        assert phone.push(me, [usual, op("visit.undo", number, at=NOW, needs=[usual["id"]])])[1]["s"] == "applied"
        assert not Visit.objects.filter(pk=number, voided_at=None).exists()


def test_a_helpers_phone_holds_doors_and_no_file(homes, world):
    with world.acting("梅") as me:
        helper = me.id
    with world.acting("香") as me:
        doors.give(household=homes["7700"], helper=helper, by=me, at=NOW)
    made, officer = Phone("梅", NOW), Phone("兰", NOW)
    with world.acting("兰") as me:
        officer.register(me)
        officer.pull(me)
    with world.acting("梅") as me:
        made.register(me)
        made.pull(me)
        assert [(data["name"], data["phone"]) for _rev, data in made.rows.values()] == [("彭大林", "15400001000")]
        answer = made.call(me)
        assert set(answer) == {"cursor", "digest", "lease", "now"}
        door = uuid.UUID(next(iter(made.rows)))
        check = op("helper.check", door, at=NOW, data={"check": str(uuid.uuid4()), "answer": "safe"})
        assert [made.push(me, [check])[0]["s"], made.push(me, [check])[0]["again"]] == ["applied", True]
    with world.acting("兰") as me:  # where a look in counts, the officer's list of what is due has changed
        assert str(homes["7700"]) in {row["id"] for row in officer.call(me)["rows"]}


def test_a_phone_is_given_up_as_lost_at_the_desk_by_its_owner_alone(phone, world):
    """One page shows the phones that carry files; a lost one empties itself at its next contact."""
    desk = {name: Client() for name in ("兰", "强")}
    for name, client in desk.items():
        client.cookies[settings.SESSION_COOKIE] = world.tokens[name]
    address = f"/me/phones/{phone.id}/close/"
    assert address in desk["兰"].get("/me/sessions/").content.decode()
    assert address not in desk["强"].get("/me/sessions/").content.decode()
    assert desk["强"].post(address, {"state": "lost"}).status_code == 404
    assert desk["兰"].post(address, {"state": "sold"}).status_code == 302
    with world.acting("兰"):
        assert Device.objects.get(pk=phone.id).state == "active"
    assert "下一次联网时" in desk["兰"].post(address, {"state": "lost"}, follow=True).content.decode()
    with world.acting("兰") as me:
        assert set(phone.call(me)) == {"wipe", "now"}


def test_a_colleagues_phone_is_stopped_by_who_appoints_there_and_nobody_else(phone, world):
    with world.acting("兰") as me:
        lan = me.id
    for name in ("兰", "强", "审", "数"):
        with world.acting(name) as me:
            assert devices.of_colleague(lan, me) == [], name
            with pytest.raises(Unfit, match="不归您安排"):
                devices.stop(device=phone.id, state="lost", reason="手机丢了", by=me)
    with world.acting("香") as me:
        assert [(p.id, p.state) for p in devices.of_colleague(lan, me)] == [(phone.id, "active")]
        with pytest.raises(Unfit, match="为什么"):
            devices.stop(device=phone.id, state="lost", reason=" ", by=me)
        assert devices.stop(device=phone.id, state="revoked", reason="换了新手机", by=me) == lan
    with world.acting("兰") as me:  # his log-in goes on: the phone alone was stopped
        assert phone.call(me)["wipe"] == "revoked"
    with world.acting("香") as me:
        devices.stop(device=phone.id, state="lost", reason="其实是丢了", by=me)
        with pytest.raises(Unfit):
            devices.stop(device=phone.id, state="revoked", reason="又改口", by=me)
    with pytest.raises(DatabaseError, match="no valid session"), transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("select access.enter(%s, 'x', 'x')", [world.tokens["兰"]])


def test_a_photo_that_nobody_finished_sending_goes_after_thirty_days(phone, homes, world):
    old, new = uuid.uuid4(), uuid.uuid4()
    given = {"size": protocol.PART + 1, "sha256": "0" * 64, "media": "image/jpeg"}
    with world.acting("兰") as me:
        blobs.announce(id=old, by=me, at=NOW - timedelta(days=31), **given)
        blobs.put(blob=old, no=0, content=b"x" * protocol.PART, by=me)
        made = blobs.announce(id=new, by=me, at=NOW, **given)
        blobs.put(blob=new, no=1, content=b"x", by=me)
        blobs.announce(id=new, by=me, at=NOW, **given)
        assert (Part.objects.filter(blob=old).count(), blobs.have(made)) == (0, [1])


def test_a_weeks_photos_that_wait_together_cost_a_handful_of_statements(phone, homes, world):
    """Each photo that comes whole asks all of them again: they are read together, not one by one."""
    opened = op("matter.open", homes["7700"], at=NOW, data={"kind": "help", "words": "屋后的路灯坏了三天"})
    photos = [op("photo.attach", uuid.UUID(opened["id"]), at=NOW, needs=[opened["id"]], data={"blob": str(uuid.uuid4()), "name": "照片"}) for _ in range(40)]
    with world.acting("兰") as me:
        phone.push(me, [opened, *photos])
        with CaptureQueriesContext(connections["default"]) as asked:
            assert operations.resume(by=me, at=NOW) == 0
        assert len(asked) <= 4
        assert len(phone.call(me)["waiting"]) == 40


def test_a_list_of_what_waits_that_was_cut_says_so(phone, homes, world, monkeypatch):
    """A phone lets a photo go when its attaching is named no more: by a cut list it would lose one."""
    monkeypatch.setattr(queries, "MOST_WAITING", 2)
    waits = [op("discard", uuid.uuid4(), at=NOW) for _ in range(3)]
    with world.acting("兰") as me:
        phone.push(me, waits[:1])
        assert "more" not in phone.call(me)
        phone.push(me, waits[1:])
        assert phone.call(me)["more"] is True


def test_a_day_that_no_month_has_is_said(phone, homes, world):
    person = homes["彭大林"]
    with world.acting("兰") as me:
        result = phone.push(me, [op("person.fields", person, at=NOW, data={"fields": {"workplace": {"from": "", "to": "绿源合作社"}}, "on": "2026-11-31"})])[0]
        assert result["s"] == "refused" and "2026-11-31" in result["msg"]


def test_nobody_fills_the_disk_with_photos_that_nothing_uses(phone, homes, world, monkeypatch):
    monkeypatch.setattr(protocol, "MOST_PARTS", 1)
    whole, number = b"x" * (protocol.PART + 3), uuid.uuid4()
    with world.acting("兰") as me:
        made = blobs.announce(id=number, size=len(whole), sha256=hashlib.sha256(whole).hexdigest(), media="image/jpeg", by=me, at=NOW)
        blobs.put(blob=number, no=0, content=whole[:protocol.PART], by=me)
        with pytest.raises(Unfit) as full:
            blobs.put(blob=number, no=1, content=b"xxx", by=me)
        assert (full.value.status, blobs.have(made)) == (507, [0])
        assert blobs.put(blob=number, no=0, content=whole[:protocol.PART], by=me).pk == number  # what is there is there
    with world.acting("强") as me:
        blobs.put(blob=blobs.announce(id=uuid.uuid4(), size=3, sha256=hashlib.sha256(b"xxx").hexdigest(), media="image/jpeg", by=me, at=NOW).pk, no=0, content=b"xxx", by=me)
