"""Phones without signal, a desk, a grid that is divided anew: whatever happens to the messages, nothing typed is lost, nothing is done
twice, and when the signal is back all copies are what the database holds.

Seeded histories on real PostgreSQL, each of a few steps, a quiet moment after every few; MINQING_HISTORIES says how many (the number of
the seed is in every failure). What the network does: a call is lost, its answer is lost, it comes twice, in another order, the server
dies in it; a phone loses its copy. What is typed: words at the door, visits with and without a wish, a visit taken back, matters.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import random
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from minqing.access.actions import sessions
from minqing.access.models import Account
from minqing.archives.actions import households, proposals
from minqing.archives.models import Act, Change, Household, Proposal
from minqing.contact.models import Visit, VisitMatter
from minqing.service.models import Matter
from minqing.sync import queries, vault
from minqing.sync.actions import boxes, devices, doing
from minqing.sync.models import Operation
from minqing.sync.rules import protocol
from tests.people import CAST, World
from tests.sync.village import LAN, QIANG, Phone, op, shuffled, words

HISTORIES = int(os.environ.get("MINQING_HISTORIES", "2000"))
STEPS = 7
#: Histories between two quiet moments, at which everything is compared.
QUIET = 20


class Died(Exception):
    """The server died in the middle of a call."""


@dataclass
class Field:
    """One run: the phones, the network, what was typed."""

    homes: list[uuid.UUID]
    now: datetime
    chance: random.Random
    phones: list[Phone]
    typed: dict[str, dict[str, Any]] = field(default_factory=dict)
    desk_words: int = 0
    serial: int = 0

    def word(self) -> str:
        self.serial += 1
        return f"第{self.serial}句"

    def write(self, phone: Phone) -> None:
        """Somebody stands at a door."""
        if not phone.rows:
            return
        home, kind = self.chance.choice(sorted(phone.rows)), self.chance.random()
        if kind < 0.6:
            made = self.words(phone, home)
        elif kind < 0.8:
            made = op("visit.usual", uuid.UUID(home), at=self.now + phone.fast, data={"visit": str(uuid.uuid4()), "how": self.chance.choice(["door", "phone"]), "met": []})
        elif kind < 0.88:
            wishes = [{"words": f"{self.word()}，想装一盏路灯", "kind": "help"}] if self.chance.random() < 0.5 else []
            made = op("visit.record", uuid.UUID(home), at=self.now + phone.fast, data={"visit": str(uuid.uuid4()), "how": "door", "met": [], "topics": [], "words": self.word(), "wishes": wishes, "corrections": []})
        elif kind < 0.94:
            made = op("matter.open", uuid.UUID(home), at=self.now + phone.fast, data={"kind": "help", "words": f"{self.word()}，屋后的水沟堵了"})
        else:
            visits = [o for o in phone.outbox if o["kind"] == "visit.usual"]
            if not visits:
                return
            made = op("visit.undo", uuid.UUID(visits[-1]["data"]["visit"]), at=self.now + phone.fast, needs=[visits[-1]["id"]])
        phone.outbox.append(made)
        self.typed[made["id"]] = {"phone": phone, "op": made}

    def words(self, phone: Phone, home: str) -> dict[str, Any]:
        """From what he sees, which may be his own unsent word."""
        name = self.chance.choice(["caution", "wishes"])
        seen, needs = phone.rows[home][1].get(name, ""), []
        for one in phone.outbox:
            if one["target"] == home and name in one["data"].get("fields", {}):
                seen, needs = one["data"]["fields"][name]["to"], [one["id"]]
        return words(uuid.UUID(home), seen, self.word(), at=self.now + phone.fast, name=name, needs=needs)

    def push(self, phone: Phone, luck: str) -> None:
        sent = phone.outbox[:50]
        if luck == "lost" or not sent:
            return
        sent = shuffled(self.chance, sent) if luck == "reordered" else sent
        sent = [self.chance.choice(sent)] if luck == "partly" else sent
        try:
            with World.acting(phone.owner) as me:
                results = phone.push(me, copy.deepcopy(sent))
                if luck == "twice":
                    results = phone.push(me, copy.deepcopy(sent))
                if luck == "died":
                    raise Died
        except Died:
            return
        if luck != "answer lost":
            phone.hear(results)

    def pull(self, phone: Phone, luck: str) -> None:
        with World.acting(phone.owner) as me:
            if luck in ("lost", "answer lost", "died"):
                phone.call(me)
            else:
                phone.pull(me)

    def desk(self) -> None:
        self.desk_words += 1
        with World.acting("香") as me:
            households.set_words(household=self.chance.choice(self.homes), by=me, at=self.now, **{self.chance.choice(["caution", "wishes"]): self.word()})

    def divide(self) -> None:
        """A household goes to the other grid while its officer is away."""
        with World.acting("香") as me:
            home = Household.objects.get(pk=self.chance.choice(self.homes))
            households.move(household=home, grid=QIANG if home.grid_code == LAN else LAN, on=timezone.localdate(self.now), by=me, at=self.now)

    def step(self) -> None:
        phone, what = self.chance.choice(self.phones), self.chance.random()
        luck = self.chance.choice(["well", "well", "lost", "answer lost", "twice", "reordered", "partly", "died"])
        if what < 0.4:
            self.write(phone)
        elif what < 0.65:
            self.push(phone, luck)
        elif what < 0.85:
            self.pull(phone, luck)
        elif what < 0.95:
            self.desk()
        elif what < 0.98:
            self.divide()
        else:
            phone.rows, phone.cursor = {}, ""  # its copy is gone, what was typed is not
        phone.fast = self.chance.choice([phone.fast, phone.fast, timedelta(days=1), timedelta(days=-1), timedelta()])

    def quiet(self) -> None:
        """The signal is back for everybody."""
        for phone in self.phones:
            while phone.outbox:
                self.push(phone, "well")
        for phone in self.phones:
            self.pull(phone, "well")


@dataclass
class Before:
    """What there was at the last quiet moment: what is compared is what has come since."""

    acts: set[uuid.UUID] = field(default_factory=set)
    changes: set[uuid.UUID] = field(default_factory=set)
    visits: set[uuid.UUID] = field(default_factory=set)
    matters: set[uuid.UUID] = field(default_factory=set)
    conflicts: set[uuid.UUID] = field(default_factory=set)


def fresh(seen: set[uuid.UUID], rows: list[Any]) -> list[Any]:
    new = [row for row in rows if row.pk not in seen]
    seen.update(row.pk for row in new)
    return new


def check(run: Field, before: Before) -> None:
    rows: dict[str, Operation] = {}
    for who in ("香", "兰"):
        with World.acting(who):
            rows |= {str(o.pk): o for o in Operation.objects.filter(pk__in=list(run.typed))}
    answers = {key: vault.decrypt_json(vault.ANSWER, o.pk, o.answer) for key, o in rows.items()}
    assert set(rows) == set(run.typed), "an operation was lost or made up"
    for key, one in run.typed.items():
        state = rows[key].state
        assert state in ("applied", "conflict", "refused"), state
        if state == "refused":  # its words are here and there
            assert vault.decrypt_json(vault.CONTENT, rows[key].pk, rows[key].content)["data"] == one["op"]["data"]
            assert key in one["phone"].refused or rows[key].digest
    for phone in run.phones:
        with World.acting(phone.owner) as me:
            now = queries.copy_of(me, queries.codes_of(me), on=timezone.localdate(run.now))
            assert phone.digest == now.digest, "the copy is not what the database holds"
            assert {uuid.UUID(key): data for key, (_rev, data) in phone.rows.items()} == queries.households(now.homes, on=timezone.localdate(run.now))
    with World.acting("香"):
        written = fresh(before.acts, list(Act.objects.filter(kind="household.words", at__gte=run.now).exclude(sentence="")))
        changes = fresh(before.changes, list(Change.objects.filter(table="household", at__gte=run.now)))
        visits = fresh(before.visits, list(Visit.objects.filter(entered_at__gte=run.now)))
        wished = set(VisitMatter.objects.filter(visit__in=[v.pk for v in visits]).values_list("matter_id", flat=True))
        opened = fresh(before.matters, list(Matter.objects.filter(submitted_at__gte=run.now)))
        kept = {proposals.asked(p)["to"] for p in fresh(before.conflicts, list(Proposal.objects.filter(kind="conflict")))}
    done = {key: one["op"] for key, one in run.typed.items() if rows[key].state in ("applied", "conflict")}
    assert len(written) == run.desk_words + sum("applied" in answers[key].get("fields", {}).values() for key in done), "a word was written twice, or not at all"
    made = {one["data"]["visit"] for one in done.values() if one["kind"] in ("visit.usual", "visit.record")}
    assert sorted(str(v.pk) for v in visits) == sorted(made), "a visit stands twice, or not at all"
    assert {str(v.pk) for v in visits if v.voided_at} == {one["target"] for one in done.values() if one["kind"] == "visit.undo"}, "a visit was not taken back, or another was"
    asked = {answers[key]["ref"]["matter"] for key, one in done.items() if one["kind"] == "matter.open"}
    assert len(wished) == sum(len(one["data"]["wishes"]) for one in done.values() if one["kind"] == "visit.record"), "a wish stands twice, or not at all"
    assert {m.pk for m in opened} == wished | {uuid.UUID(m) for m in asked}, "a matter stands twice, or not at all"
    was = {(name, change.after[name]): (change.before or {}).get(name) for change in changes for name in ("caution", "wishes") if name in (change.after or {})}
    for key, answer in answers.items():
        for name, became in answer.get("fields", {}).items():
            typed = run.typed[key]["op"]["data"]["fields"][name]
            assert became != "applied" or was[name, typed["to"]] == typed["from"], "a word that its author had not seen was overwritten"
            assert became != "conflict" or typed["to"] in kept, "a value of two was lost"
    run.typed, run.desk_words = {}, 0


def test_nothing_is_lost_nothing_is_done_twice_and_all_copies_agree(standing):
    made, now = standing
    homes = [made[number] for number in sorted(made) if number.startswith("77")]
    phones = [Phone("兰", now), Phone("兰", now), Phone("香", now)]
    for phone in phones:
        with World.acting(phone.owner) as me:
            phone.register(me)
            phone.pull(me)
    run, before = Field(homes, now, random.Random(0), phones), Before()
    for seed in range(HISTORIES):
        run.chance = random.Random(seed)
        for _ in range(STEPS):
            run.step()
        if seed % QUIET == QUIET - 1 or seed == HISTORIES - 1:
            run.quiet()
            try:
                check(run, before)
            except AssertionError as error:
                raise AssertionError(f"history {seed}: {error}") from error


def in_thread(work):
    """Run in a thread with connections of its own; what it raises is raised here."""
    found: dict[str, Any] = {}

    def run() -> None:
        try:
            found["result"] = work()
        except BaseException as error:  # noqa: BLE001
            found["error"] = error
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()

    def join() -> Any:
        thread.join(30)
        assert not thread.is_alive()
        if "error" in found:
            raise found["error"]
        return found["result"]
    return join


def test_a_write_that_stays_open_while_a_phone_pulls_comes_with_a_later_pull(standing):
    """The trap of cursors by sequence or time: what commits after a younger write is not skipped."""
    made, now = standing
    phone = Phone("兰", now)
    with World.acting("兰") as me:
        phone.register(me)
        phone.pull(me)
    wrote, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with World.acting("香") as me:
            households.set_words(household=made["7700"], caution="慢的", by=me, at=now)
            wrote.set()
            assert may_commit.wait(30)

    join = in_thread(slow)
    assert wrote.wait(30)
    with World.acting("香") as me:  # younger, and committed first
        households.set_words(household=made["7701"], caution="快的", by=me, at=now)
    with World.acting("兰") as me:
        phone.apply(phone.call(me))
    assert [data.get("caution", "") for _rev, data in (phone.rows[str(made[n])] for n in ("7700", "7701"))] == ["", "快的"]
    may_commit.set()
    join()
    with World.acting("兰") as me:
        answer = phone.call(me)  # by the cursor alone, without comparing lists
        phone.apply(answer)
        assert phone.digest == answer["digest"]
    assert phone.rows[str(made["7700"])][1]["caution"] == "慢的"


def test_the_same_operation_twice_at_once_is_done_once(standing):
    made, now = standing
    phone = Phone("兰", now)
    with World.acting("兰") as me:
        phone.register(me)
    one = op("matter.open", made["7700"], at=now, data={"kind": "help", "words": "屋后的路灯坏了三天"})
    first_is_in, go_on = threading.Event(), threading.Event()

    def first() -> Any:
        with World.acting("兰") as me:
            result = phone.push(me, [one])
            first_is_in.set()
            assert go_on.wait(30)
            return result

    def second() -> Any:
        with World.acting("兰") as me:
            return phone.push(me, [one])

    earlier = in_thread(first)
    assert first_is_in.wait(30)
    later = in_thread(second)
    go_on.set()
    a, b = earlier()[0], later()[0]
    assert (a["s"], b["s"], b["again"], a["ref"]) == ("applied", "applied", True, b["ref"])


def fresh_log_in(name: str) -> str:
    """A session of its own: whoever loses his phone in a test does not end the cast's."""
    return sessions.open_session(Account.objects.get(username=CAST[name].username), device="test", origin="127.0.0.1", complete=True).token


def test_whoever_holds_a_lost_phone_writes_nothing_and_is_logged_out_with_the_word_to_empty_it(standing):
    made, now = standing
    phone, held, token = Phone("兰", now), Client(), fresh_log_in("兰")
    held.cookies[settings.SESSION_COOKIE] = token
    with World.acting("兰") as me:
        phone.register(me)
        connections["default"].cursor().execute("update sync_device set state = 'lost' where id = %s", [phone.id])
    call = {"device": str(phone.id), "schema": protocol.SCHEMA, "clock": now.isoformat()}
    sent = held.post("/phone/api/push", {**call, "ops": [words(made["7700"], "", "有狗", at=now)]}, content_type="application/json")
    assert (sent.status_code, sent.json()["results"]) == (200, [])
    with World.acting("兰"):
        assert Operation.objects.filter(device=phone.id).count() == 0
    assert held.post("/phone/api/pull", {**call, "cursor": "", "digest": ""}, content_type="application/json").json()["wipe"] == "lost"
    assert held.post("/phone/api/pull", {**call, "cursor": "", "digest": ""}, content_type="application/json").status_code == 401  # the log-in that the phone carried is over


def test_whoever_gives_up_a_phone_ends_his_other_log_ins(standing):
    _made, now = standing
    phone, elsewhere, here = Phone("兰", now), fresh_log_in("兰"), fresh_log_in("兰")
    with World.acting("兰") as me:
        phone.register(me)
    desk, carried = Client(), Client()
    desk.cookies[settings.SESSION_COOKIE], carried.cookies[settings.SESSION_COOKIE] = here, elsewhere
    assert desk.post(f"/me/phones/{phone.id}/close/", {"state": "lost"}).status_code == 302
    assert desk.get("/me/sessions/").status_code == 200 and carried.get("/me/sessions/").status_code == 302


def test_a_phone_without_a_log_in_is_told_what_became_of_it(standing):
    _made, now = standing
    phone, nobody = Phone("兰", now), Client()
    with World.acting("兰") as me:
        phone.register(me)

    def word(number: Any) -> Any:
        return nobody.post("/phone/api/word", {"device": str(number)}, content_type="application/json").json()["state"]
    assert (word(phone.id), word(uuid.uuid4())) == ("active", "")
    assert nobody.post("/phone/api/word", {"device": "x"}, content_type="application/json").status_code == 400
    with World.acting("香") as me:
        devices.stop(device=phone.id, state="revoked", reason="换了新手机", by=me)
    assert word(phone.id) == "revoked"


def test_a_sealed_box_is_done_when_its_author_has_confirmed_it(standing):
    made, now = standing
    phone = Phone("兰", now)
    with World.acting("兰") as me:
        phone.register(me)
    number, one = uuid.uuid4(), words(made["7700"], "", "有狗", at=now)
    plain = json.dumps({"schema": 1, "clock": now.isoformat(), "ops": [one]}, ensure_ascii=False).encode()
    sealed = vault.seal(vault.seal_key()[1], phone.id, plain, nonce=b"n" * 12)
    visitor = Client()
    sent = {"device": str(phone.id), "id": str(number), "box": base64.b64encode(sealed).decode()}
    for _ in range(2):
        answer = visitor.post("/phone/api/sealed", sent, content_type="application/json")
        assert (answer.status_code, answer.json()) == (200, {"s": "kept"})
    assert visitor.post("/phone/api/sealed", {**sent, "box": base64.b64encode(b"x" * 80).decode()}, content_type="application/json").status_code == 409
    assert visitor.post("/phone/api/sealed", {**sent, "device": str(uuid.uuid4()), "id": str(uuid.uuid4())}, content_type="application/json").status_code == 404
    with World.acting("强") as me:
        assert boxes.waiting(me) == []
    with World.acting("兰") as me:
        assert Household.objects.get(pk=made["7700"]).caution == ""
        assert [o["id"] for o in boxes.waiting(me)[0]["ops"]] == [one["id"]]
        assert boxes.confirm(box=number, yes=True, by=me, at=now)[0]["s"] == "applied"
        assert Household.objects.get(pk=made["7700"]).caution == "有狗"
        assert boxes.confirm(box=number, yes=True, by=me, at=now) == []


def test_a_box_that_comes_days_after_it_was_sealed_tells_when_it_was(standing, monkeypatch):
    made, now = standing
    phone, seen = Phone("兰", now), []
    monkeypatch.setitem(doing.KINDS, "look", lambda given, on: seen.append(on.happened) or doing.Done())
    with World.acting("兰") as me:
        phone.register(me)
    went, day = now - timedelta(days=3), timedelta(days=1)
    # by a clock a day fast that knows it; by a right one; by one that has never heard from the server; by one a week fast
    for fast, said in ((day, {"ahead": 86400}), (day * 0, {"ahead": 0}), (day * 0, {}), (day * 10, {})):
        plain = json.dumps({"schema": 1, "clock": (went + fast).isoformat(), "ops": [op("look", made["7700"], at=went + fast)], **said}).encode()
        number = uuid.uuid4()
        box = base64.b64encode(vault.seal(vault.seal_key()[1], phone.id, plain, nonce=b"n" * 12)).decode()
        assert Client().post("/phone/api/sealed", {"device": str(phone.id), "id": str(number), "box": box}, content_type="application/json").status_code == 200
        with World.acting("兰") as me:
            assert boxes.confirm(box=number, yes=True, by=me, at=now + timedelta(hours=1))[0]["s"] == "applied"
    assert seen[:3] == [went] * 3 and went <= seen[3] <= now + timedelta(hours=1)


def test_the_doors_of_the_protocol(standing):
    """By HTTP, as the phone's program calls it."""
    made, now = standing
    phone = Client(enforce_csrf_checks=True)
    assert phone.get("/phone/api/hello").json()["me"] is None
    assert phone.post("/phone/api/pull", {}, content_type="application/json").status_code == 401
    phone.cookies[settings.SESSION_COOKIE] = fresh_log_in("兰")
    said = phone.get("/phone/api/hello").json()
    assert phone.post("/phone/api/pull", {}, content_type="application/json").status_code == 403  # without the token of hello
    assert (said["me"]["helper"], said["schema"]) == (False, 1)

    def call(path, body, status=200):
        answer = phone.post(f"/phone/api/{path}", body, content_type="application/json", headers={"X-CSRFToken": said["csrf"]})
        assert answer.status_code == status, answer.content
        return answer

    number = str(uuid.uuid4())
    call("pull", {"schema": 1, "device": number}, 403)
    assert call("devices", {"id": number, "name": "兰的手机"}).json()["state"] == "active"
    first = call("pull", {"schema": 1, "device": number}).json()
    assert {row["data"]["number"] for row in first["rows"]} == {"7700", "7701", "7702", "7703"}
    assert set(first["due"]) == {row["id"] for row in first["rows"]}
    idle = call("pull", {"schema": 1, "device": number, "cursor": first["cursor"], "digest": first["digest"]})
    assert len(idle.content) <= 200, idle.content
    one = words(made["7700"], "", "有狗", at=now)
    assert call("push", {"schema": 1, "device": number, "clock": now.isoformat(), "ops": [one]}).json()["results"][0]["s"] == "applied"
    assert call("push", {"schema": 0, "device": number, "clock": now.isoformat(), "ops": [one]}, 409).json()["error"] == "schema"
    changed = call("pull", {"schema": 1, "device": number, "cursor": first["cursor"], "digest": first["digest"]}).json()
    assert [row["id"] for row in changed["rows"]] == [str(made["7700"])]
    away = words(made["7704"], "", "别家的", at=now)  # 强's
    call("push", {"schema": 1, "device": number, "clock": now.isoformat(), "ops": [away]})
    assert phone.get(f"/phone/api/ops/{away['id']}").json()["data"] == away["data"]
    for broken in (b"", b"[]", b"{", "«".encode("utf-16")):
        assert phone.post("/phone/api/pull", broken, content_type="application/json", headers={"X-CSRFToken": said["csrf"]}).json()["error"] == "json"
    assert call(f"devices/{number}/close", {"state": "lost"}).json()["state"] == "lost"
    assert set(call("pull", {"schema": 1, "device": number}).json()) == {"wipe", "now"}
    assert call("pull", {"schema": 1, "device": number}, 401).json()["error"] == "login"  # the log-in it carried is over
