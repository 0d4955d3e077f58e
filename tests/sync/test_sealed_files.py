"""Photos and recordings of a phone whose store is gone: sealed to the server's key, sent in parts without a log-in, attached when their author
has confirmed what they belong to."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from minqing.service.models import Attachment, Matter
from minqing.sync import queries, vault
from minqing.sync.actions import blobs, boxes, operations, sealed_files
from minqing.sync.models import Operation, SealedFile, SealedPart
from minqing.sync.rules import protocol
from tests.contracts.foreign import superuser
from tests.people import TOKENS, World
from tests.sync.village import Phone, op


def picture(n: int = 0) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((900 + n, 700), 90).convert("RGB").save(out, "JPEG", quality=92)
    return out.getvalue()


class Sealed:
    """One photo as a phone keeps it: bytes under a key of its own, the key sealed to the server."""

    def __init__(self, phone: Phone, content: bytes, media: str = "image/jpeg") -> None:
        self.phone, self.id, self.key = phone, uuid.uuid4(), os.urandom(32)
        self.bytes = vault.seal_file(self.key, self.id, content, nonce=os.urandom(12))
        self.sha256 = hashlib.sha256(content).hexdigest()
        said = {"schema": 1, "blob": str(self.id), "key": base64.b64encode(self.key).decode(), "size": len(content), "sha256": self.sha256, "type": media}
        self.header = vault.seal(vault.seal_key()[1], phone.id, json.dumps(said).encode(), nonce=os.urandom(12))

    def announce(self, **other: Any) -> Any:
        return Client().post("/phone/api/sealed/files", {
            "device": str(self.phone.id), "id": str(self.id), "box": base64.b64encode(self.header).decode(), "size": len(self.bytes), "sha256": hashlib.sha256(self.bytes).hexdigest(), **other}, content_type="application/json")

    def part(self, no: int, content: bytes | None = None) -> Any:
        at = no * protocol.PART
        return Client().put(f"/phone/api/sealed/files/{self.phone.id}/{self.id}/{no}", self.bytes[at:at + protocol.PART] if content is None else content, content_type="application/octet-stream")

    @property
    def parts(self) -> int:
        return -(-len(self.bytes) // protocol.PART)

    def sent(self) -> None:
        assert self.announce().status_code == 200
        for no in reversed(range(self.parts)):
            answer = self.part(no)
        assert answer.json()["complete"] is True


@pytest.fixture
def phone(standing):
    made, now = standing
    phone = Phone("兰", now)
    with World.acting("兰") as me:
        phone.register(me)
    phone.home, phone.person = made["7700"], made["彭大林"]
    return phone


def matter(phone: Phone, words: str = "后山滑坡，石头滚到门口") -> dict[str, Any]:
    return op("matter.open", phone.home, at=phone.at, data={"kind": "help", "words": words, "persons": [str(phone.person)]})


def attach(parent: dict[str, Any], photo: Sealed) -> dict[str, Any]:
    return op("photo.attach", uuid.UUID(parent["id"]), at=photo.phone.at, needs=[parent["id"]], data={"blob": str(photo.id), "name": "照片"})


def boxed(phone: Phone, *ops: dict[str, Any]) -> uuid.UUID:
    number = uuid.uuid4()
    plain = json.dumps({"schema": 1, "clock": phone.at.isoformat(), "ahead": 0, "ops": ops}, ensure_ascii=False).encode()
    sealed = vault.seal(vault.seal_key()[1], phone.id, plain, nonce=os.urandom(12))
    answer = Client().post("/phone/api/sealed", {"device": str(phone.id), "id": str(number), "box": base64.b64encode(sealed).decode()}, content_type="application/json")
    assert answer.status_code == 200
    return number


def left() -> tuple[int, int]:
    with superuser() as root:
        return root.execute("select (select count(*) from sync_sealedpart), (select count(*) from sync_sealedfile where header is not null)").fetchone()


def test_a_photo_sent_without_a_log_in_is_attached_when_its_author_has_confirmed_its_matter(phone):
    photo = Sealed(phone, content := picture())
    photo.sent()
    assert photo.parts > 1 and photo.announce().json() == {"s": "kept", "have": list(range(photo.parts)), "parts": photo.parts, "complete": True}
    opened = matter(phone)
    box = boxed(phone, opened, attach(opened, photo))
    with World.acting("强") as me:
        assert boxes.waiting(me) == [] and not SealedFile.objects.exists() and not SealedPart.objects.exists()
    with World.acting("兰") as me:
        assert not Matter.objects.exists()
        assert boxes.waiting(me)[0]["files"] == [1, 1]
        assert [r["s"] for r in boxes.confirm(box=box, yes=True, by=me, at=phone.at)] == ["applied", "applied"]
        made = Attachment.objects.get(matter=Matter.objects.get())
        assert made.kind == "photo"
        assert boxes.confirm(box=box, yes=True, by=me, at=phone.at) == []
    assert left() == (0, 0) and content[:10] not in photo.bytes
    assert photo.announce().json()["s"] == photo.part(0).json()["s"] == "gone"  # the phone need not keep it any longer


def test_parts_that_come_after_the_word_of_their_author_are_attached_with_his_next_contact(phone):
    photo, opened = Sealed(phone, picture()), matter(phone)
    assert photo.announce().json()["have"] == [] and photo.part(0).json() == {"s": "kept", "have": [0], "parts": photo.parts, "complete": False}
    box = boxed(phone, opened, attach(opened, photo))
    with World.acting("兰") as me:
        assert boxes.waiting(me)[0]["files"] == [0, 1]
        assert [r["s"] for r in boxes.confirm(box=box, yes=True, by=me, at=phone.at)] == ["applied", "waiting"]
    assert photo.announce().json()["have"] == [0]  # it goes on where it broke off
    photo.sent()
    with World.acting("兰") as me:
        assert "waiting" not in phone.call(me)
        assert Attachment.objects.filter(matter=Matter.objects.get()).count() == 1
    assert left() == (0, 0)


def test_a_photo_whose_operation_was_sent_under_his_name_needs_no_second_word(phone):
    """The matter had arrived when the store was emptied; only the photo had not."""
    photo, opened = Sealed(phone, picture()), matter(phone)
    with World.acting("兰") as me:
        assert [r["s"] for r in phone.push(me, [opened, attach(opened, photo)])] == ["applied", "waiting"]
    photo.sent()
    with World.acting("兰") as me:
        phone.call(me)
        assert Attachment.objects.count() == 1
        # the phone, opened after all, hears that it need not send it
        again = blobs.announce(id=photo.id, size=len(picture()), sha256=photo.sha256, media="image/jpeg", by=me, at=phone.at)
        assert blobs.held(again) == list(range(blobs.parts_of(again)))


def test_what_is_not_his_goes_at_once_and_what_is_given_up_later_as_well(phone):
    one, two, first, second = Sealed(phone, picture()), Sealed(phone, picture(1)), matter(phone), matter(phone, "井盖裂了，怕孩子掉下去")
    one.sent()
    two.sent()
    box, other = boxed(phone, first, attach(first, one)), attach(second, two)
    with World.acting("兰") as me:
        assert boxes.confirm(box=box, yes=False, by=me, at=phone.at) == []
        assert {f.pk: f.state for f in SealedFile.objects.all()} == {one.id: "discarded", two.id: "kept"}
        assert [r["s"] for r in phone.push(me, [other])] == ["waiting"]
        phone.push(me, [op("discard", uuid.UUID(other["id"]), at=phone.at)])
        assert not Matter.objects.exists() and not SealedPart.objects.exists()
        assert Operation.objects.get(pk=other["id"]).state == "discarded"
    assert left() == (0, 0)


def test_what_does_not_open_is_said_and_its_matter_stands(phone):
    photo, stranger, opened = Sealed(phone, picture()), Sealed(phone, picture(2)), matter(phone)
    photo.header = stranger.header  # the key of another file
    photo.sent()
    box = boxed(phone, opened, attach(opened, photo))
    with World.acting("兰") as me:
        done = boxes.confirm(box=box, yes=True, by=me, at=phone.at)
        assert [r["s"] for r in done] == ["applied", "refused"] and "打不开" in done[1]["msg"]
        assert Matter.objects.count() == 1 and not Attachment.objects.exists()


def test_a_whole_that_is_not_what_was_announced_has_no_parts_and_is_sent_again(phone):
    photo = Sealed(phone, picture())
    photo.announce()
    photo.part(0, b"x" * protocol.PART)
    for no in range(1, photo.parts):
        answer = photo.part(no)
    assert answer.json() == {"s": "kept", "have": [], "parts": photo.parts, "complete": False}
    photo.sent()


def test_what_nobody_in_particular_may_put_down(phone):
    photo = Sealed(phone, picture())
    assert photo.announce(device=str(uuid.uuid4())).json()["error"] == "no_device" and photo.part(0).status_code == 404
    assert photo.announce(size=protocol.MOST_BLOB + 100_000).status_code == 413 and photo.announce(sha256="zz").status_code == 413
    photo.announce()
    assert photo.announce(size=len(photo.bytes) - 1).json()["error"] == "other_content"
    assert photo.part(0, b"short").json()["error"] == "part" and photo.part(photo.parts, b"x").json()["error"] == "part"
    with superuser() as root:
        root.execute("insert into sync_sealedfile (id, device_id, staff, received_at, size, header, digest, state) select gen_random_uuid(), device_id, staff, now(), 100, header, digest, 'kept' from sync_sealedfile, generate_series(1, 199)")
    assert Sealed(phone, picture()).announce().json()["error"] == "full"
    assert photo.part(0).status_code == 200  # what is begun is finished


def test_after_thirty_days_what_nothing_waits_for_goes_and_what_is_unfinished_stays_welcome(phone):
    done, asked, begun, opened = Sealed(phone, picture()), Sealed(phone, picture(1)), Sealed(phone, picture(2)), matter(phone)
    done.sent()
    begun.announce()
    begun.part(0)
    with superuser() as root:
        root.execute("update sync_sealedfile set received_at = received_at - interval '31 days'")
    Sealed(phone, picture(3)).announce()
    with World.acting("兰"):
        assert {f.pk: f.state for f in SealedFile.objects.filter(pk__in=[done.id, begun.id])} == {done.id: "discarded", begun.id: "kept"}
        assert not SealedPart.objects.exists()
    begun.sent()  # the phone had it all the time
    asked.sent()
    boxed(phone, opened, attach(opened, asked))
    with superuser() as root:
        root.execute("update sync_sealedfile set received_at = received_at - interval '31 days'")
    Sealed(phone, picture(3)).announce()
    with World.acting("兰") as me:  # a box waits for its author: so do its photos
        assert SealedFile.objects.get(pk=asked.id).state == "kept"
        assert queries.waiting(me)[0]["s"] == "confirm"
        assert sealed_files.whole_ones() == {asked.id, begun.id}
        operations.resume(by=me, at=phone.at + timedelta(days=40))
        assert not Attachment.objects.exists()


def test_at_the_desk_its_author_says_what_is_his(phone):
    photo, opened = Sealed(phone, picture()), matter(phone)
    photo.sent()
    box, other = boxed(phone, opened, attach(opened, photo)), boxed(phone, matter(phone, "不知道谁写的"))
    desk, stranger = Client(), Client()
    for client, name in ((desk, "兰"), (stranger, "强")):
        client.cookies[settings.SESSION_COOKIE] = TOKENS[name]
    assert "份手机封着传来的内容等您确认" in desk.get("/").content.decode()
    page = desk.get("/me/sessions/").content.decode()
    assert "1 个，已到 1 个" in page and "滑坡" not in page and "不知道谁写的" not in page
    assert stranger.post(f"/me/boxes/{box}/", {"confirm": "yes"}).status_code == 404 and "封着" not in stranger.get("/me/sessions/").content.decode()
    assert desk.post(f"/me/boxes/{box}/", {"confirm": "perhaps"}).status_code == 404
    for number, word in ((box, "yes"), (other, "no")):
        assert desk.post(f"/me/boxes/{number}/", {"confirm": word}).status_code == 302
    assert "封着传来的" not in desk.get("/").content.decode()
    with World.acting("兰"):
        assert Attachment.objects.filter(matter=Matter.objects.get()).count() == 1
