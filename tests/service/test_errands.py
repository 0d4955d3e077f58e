"""An errand: who runs it and sees it, what the file hands over and to whom, papers and money that come out even."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from minqing.access.models import AuditEntry
from minqing.archives.actions import subjects
from minqing.archives.models import Resident
from minqing.service.actions import callbacks, enclosures, errands, handling, materials, moving
from minqing.service.actions.matters import Who
from minqing.service.models import Assignment, Benefit, Errand, Matter, MoneyLine, Seat
from minqing.service.queries import errands as lists
from minqing.service.refusals import Missing, NeedsReason, NotHere, NotYours, Refused
from minqing.service.rules import ledger
from minqing.service.rules.ledger import Line
from minqing.service.rules.states import State
from tests.archives import village
from tests.people import TOWN
from tests.service.doors import ask
from tests.service.errand_people import AT, ON, disabled, opened, running, staff, wish, xu

LATER = AT + timedelta(hours=2)


def fields(name_of_matter, *names, using="default"):
    with connections[using].cursor() as cursor:
        cursor.execute("select field, value from access.fields_for_errand(%s, %s)", [name_of_matter, list(names)])
        return dict(cursor.fetchall())


def refused(world, name, statement, *parameters):
    """Whether the database refuses somebody a statement."""
    with world.acting(name), pytest.raises(DatabaseError), transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute(statement, list(parameters))
    return True


def test_from_the_door_to_the_file(world):
    village.grids()
    with world.acting("香") as xiang:
        person = xu(xiang)
        m = opened(xiang, person)
        errand = errands.of(m, xiang)
        assert (errand.matter.state, errand.matter.category, errand.person_id) == (State.PROCESSING, "elder_card", person.pk)
        assert errand.matter.title == "代办：老年优待证"
        assert errand.matter.limit_days == Decimal(10), "the department's five days and the desk's own five"
        assert errands.runners(errand, xiang)[0].name == "何代", "agents of the village first"
        errands.assign(matter=m, staff=staff("代"), by=xiang, at=AT)
        with pytest.raises(Refused, match="已经交给别人"):
            errands.assign(matter=m, staff=staff("文"), by=xiang, at=AT)
    with world.acting("代") as dai:
        assert [r.who for r in lists.listed(dai, AT, only_mine=True)] == ["徐*根"]
        with pytest.raises(NotYours, match="我来办"):
            errands.collected(matter=m, by=dai, at=AT)
        errands.accept(matter=m, by=dai, at=AT)
        paper = materials.receive(matter=m, what="户口本", form="original", pages=1, giver="徐后根", by=dai, at=AT)
        assert (paper.number, materials.giver_of(paper)) == (1, "徐后根")
        errands.submitted(matter=m, to="街道便民中心", number="LD-7", by=dai, at=AT)
        e = errands.of(m, dai)
        assert e.department_due_at is not None and e.collected_at is not None
        assert lists.rows_of([m.pk], dai, AT)[0].department_left == 7, "five working days from Tuesday, in calendar days"
        errands.fetched(matter=m, by=dai, at=LATER)
        with pytest.raises(Refused, match="1 份原件没有退还"):
            errands.delivered(matter=m, to="self", name="徐后根", words="", by=dai, at=LATER)
        materials.give_back(paper=paper.pk, to="self", by=dai, at=LATER)
        errands.delivered(matter=m, to="self", name="徐后根", words="优待证已送到", by=dai, at=LATER)
        assert not Matter.objects.filter(pk=m.pk).exists(), "delivered: he sees it no more"
    with world.acting("文") as wen:
        done = callbacks.call_back(matter=moving.get(m, wen), channel="phone", reached=True, solved="yes", satisfied="yes", by=wen, at=LATER)
        assert done.state == State.CLOSED and done.handler == staff("代")
    with world.acting("香"):
        got = Benefit.objects.get(person_id=person.pk)
        assert (got.item, got.got_on, got.matter_id) == ("elder_card", ON, m.pk)
    with world.acting("兰"):
        assert not Benefit.objects.exists(), "level 4: not for the officer"


def test_a_refusal_has_a_reason_and_comes_back(world):
    village.grids()
    with world.acting("香") as xiang:
        m = opened(xiang, xu(xiang))
        errands.assign(matter=m, staff=staff("代"), by=xiang, at=AT)
    with world.acting("代") as dai:
        with pytest.raises(Missing, match="为什么办不了"):
            errands.refuse(matter=m, words="", by=dai, at=AT)
        errands.refuse(matter=m, words="这周要去杭州看病", by=dai, at=AT)
        assert not Errand.objects.exists() and not Seat.objects.filter(matter=m.pk).exists()
        with pytest.raises(NotHere):
            errands.accept(matter=m, by=dai, at=AT)
    with world.acting("香") as xiang:
        assert lists.unassigned(xiang).count() == 1
        assert [a.answer for a in Assignment.objects.filter(matter=m)] == ["refused"]
        errands.assign(matter=m, staff=xiang.id, by=xiang, at=AT)
        assert errands.of(m, xiang).agent_state == "accepted", "oneself needs no asking"
        with pytest.raises(NotYours, match="不能回访"):
            handling_reply(m, xiang)


def handling_reply(m, me):
    errands.delivered(matter=m, to="family", name="徐小明", words="", by=me, at=LATER)
    callbacks.call_back(matter=moving.get(m, me), channel="phone", reached=True, solved="yes", satisfied="yes", by=me, at=LATER)


def test_the_desk_takes_it_back(world):
    m, _person = running(world)
    with world.acting("香") as xiang:
        with pytest.raises(Missing):
            errands.recall(matter=m, words="", by=xiang, at=AT)
        errands.recall(matter=m, words="他住院了", by=xiang, at=AT)
    with world.acting("代") as dai:
        assert lists.listed(dai, AT, only_mine=True) == []
        assert not Matter.objects.filter(pk=m.pk).exists()


def test_not_right_the_first_time_is_done_again(world):
    m, _person = running(world)
    with world.acting("代") as dai:
        errands.delivered(matter=m, to="self", name="徐后根", words="", by=dai, at=LATER)
    with world.acting("文") as wen:
        callbacks.call_back(matter=moving.get(m, wen), channel="phone", reached=True, solved="no", satisfied="no", words="名字印错了", by=wen, at=LATER)
        errands.again(matter=m, by=wen, at=LATER)
        errands.assign(matter=m, staff=staff("代"), by=wen, at=LATER)
    with world.acting("代") as dai:
        errands.accept(matter=m, by=dai, at=LATER)
        e = errands.of(m, dai)
        assert (e.matter.state, e.delivered_at, e.agent_state) == (State.PROCESSING, None, "accepted")


def test_the_same_errand_runs_once(world):
    m, person = running(world)
    with world.acting("文") as wen, pytest.raises(Refused, match=m.number):
        opened(wen, person)


def test_it_could_not_be_done_is_an_answer_too(world):
    m, _person = running(world)
    with world.acting("代") as dai:
        with pytest.raises(Missing):
            errands.failed(matter=m, words="不行", by=dai, at=LATER)
        row = errands.failed(matter=m, words="街道说他已经办过一张，在家里抽屉，请找一找", by=dai, at=LATER)
        assert (row.state, row.outcome) == (State.REPLIED, "impossible")


# --- what the file hands over ----------------------------------------------------------------------------------------------------


def test_the_form_is_filled_with_sources_and_asks_only_what_is_missing(world):
    m, person = running(world)
    with world.acting("代") as dai:
        assert not Resident.objects.exists(), "an agent opens no file"
        lines = {line.label: line for line in materials.form_of(errands.of(m, dai), dai)}
        assert lines["姓名"].value == "徐后根" and lines["姓名"].source == "走访或本人陈述" and lines["姓名"].on
        assert lines["证件号码"].value.startswith("33089919661115") and lines["联系电话"].value == "15400000060"
        assert [label for label, line in lines.items() if line.asked] == ["户籍地址", "现住址", "紧急联系人", "紧急联系人电话"]
        with pytest.raises(Refused, match="还没有问到"):
            materials.answer(matter=m, said={"现住址": "彭里村上塘6号"}, confirmed=True, by=dai, at=AT)
        said = {"现住址": "彭里村上塘6号", "户籍地址": "同上", "紧急联系人": "徐小明", "紧急联系人电话": "无", "姓名": "别人", "银行密码": "123"}
        e = materials.answer(matter=m, said=said, confirmed=True, by=dai, at=AT)
        assert set(materials.answers_of(e)) == {"现住址", "户籍地址", "紧急联系人", "紧急联系人电话", "_on"}, "nothing else is kept"
        text = materials.spoken(materials.form_of(e, dai))
        assert "姓名：徐后根。" in text and "1540 0000 060" in text and "有没有错" in text
        held = {h.name: h.held for h in materials.asked_for(e, [], dai, ON)[0]}
        assert held["身份证、户口本、市民卡或驾驶证（任一份）"].startswith("走访或本人陈述") and held["一寸彩色照片"] == ""
    with world.acting("审"):
        entries = AuditEntry.objects.filter(what="crossing.errand_fields")
        assert entries.exists() and all(entry.persons == [person.pk] for entry in entries)


@pytest.mark.parametrize("name", ["芳", "兰", "强", "敏", "琴", "国", "建", "梅", "数"])
def test_nobody_else_gets_a_field(world, name):
    m, _person = running(world)
    assert refused(world, name, "select * from access.fields_for_errand(%s, %s)", m.pk, ["resident.name"])
    with world.acting(name), connection.cursor() as cursor:
        cursor.execute("select * from access.fields_shown_for_errand(%s, %s)", [m.pk, ["resident.name"]])
        assert cursor.fetchall() == []


def test_an_agent_gets_no_field_beyond_the_item_and_none_before_he_says_yes(world):
    m, _person = running(world)
    for beyond in (["resident.marriage"], ["disability.certificate.grade"], ["resident.name", "resident.political"], ["resident.sources"], ["household.difficulties"]):
        assert refused(world, "代", "select * from access.fields_for_errand(%s, %s)", m.pk, beyond)
    with world.acting("代"):
        assert fields(m.pk, "resident.name") == {"resident.name": "徐后根"}
    with world.acting("香") as xiang:
        errands.recall(matter=m, words="换人来办", by=xiang, at=AT)
        errands.assign(matter=m, staff=staff("代"), by=xiang, at=AT)
    assert refused(world, "代", "select * from access.fields_for_errand(%s, %s)", m.pk, ["resident.name"])


def test_an_ended_errand_hands_over_nothing(world):
    m, _person = running(world)
    with world.acting("代") as dai:
        errands.delivered(matter=m, to="self", name="徐后根", words="", by=dai, at=LATER)
    for name in ("代", "香", "文"):
        assert refused(world, name, "select * from access.fields_for_errand(%s, %s)", m.pk, ["resident.name"])


def test_level_four_fields_come_only_with_an_item_whose_basis_names_them(world):
    m, person = running(world, "disability_allowance")
    with world.acting("香") as xiang:
        disabled(xiang, person)
        assert moving.get(m, xiang).title == "代办一件事", "a list does not say which"
    with world.acting("代") as dai:
        lines = {line.label: line for line in materials.form_of(errands.of(m, dai), dai)}
        assert (lines["残疾等级"].value, lines["残疾等级"].sensitive) == ("二级", True)
        assert lines["救助类别"].asked


def test_free_sql_names_no_other_person_for_an_errand(world):
    """Parties may be corrected by who sits there; the errand's person may not."""
    m, _person = running(world)
    with world.acting("香") as xiang:
        other = village.person(xiang, "徐邻居", "1960-01-01", "1")
    with world.acting("代"), connections["default"].cursor() as cursor:
        cursor.execute("update service_party set person_id = %s where matter_id = %s", [other.pk, m.pk])
        assert fields(m.pk, "resident.name") == {"resident.name": "徐后根"}
    assert refused(world, "代", "update service_errand set person_id = %s where matter_id = %s", other.pk, m.pk)
    assert refused(world, "代", "insert into service_errand (id, matter_id, item_id, person_id, agent_state, submitted_to, department_number, delivered_to, made_by, made_at, version)"
                   " select gen_random_uuid(), matter_id, item_id, %s, 'none', '', '', '', made_by, made_at, 1 from service_errand", other.pk)


def test_the_window_opens_no_file_but_does_the_errand_of_whose_card_it_held(world):
    village.grids()
    number = village.number(village.date.fromisoformat("1966-11-15"), "1")
    with world.acting("香") as xiang:
        person = xu(xiang, id_number=number)
    with world.acting("敏") as clerk:
        assert not Resident.objects.exists()
        at_window = {"channel": "window", "place": person_place()}
        with pytest.raises(Refused, match="当面核对身份证"):
            errands.open_errand(wish=wish(person, **at_window), by=clerk, at=AT)
        found = subjects.look(number=number, by=clerk, at=AT)
        m = errands.open_errand(wish=wish(person, **at_window), by=clerk, at=AT).matter
        assert found.person == person.pk
        assert moving.get(m, clerk).home_desk == TOWN + "/CK"
        lines = {line.label: line.value for line in materials.form_of(errands.of(m, clerk), clerk)}
        assert lines["姓名"] == "徐后根"
        assert not Resident.objects.exists()


def person_place():
    return "330881002205"


def test_whoever_is_kin_is_not_asked(world):
    village.grids()
    with world.acting("香") as xiang:
        m = opened(xiang, xu(xiang))
    with world.acting("香") as xiang:
        e = errands.of(m, xiang)
        e.matter.barred = [staff("代")]
        assert "何代" not in [r.name for r in errands.runners(e, xiang)]


# --- papers --------------------------------------------------------------------------------------------------------------------


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(out, "JPEG")
    return out.getvalue()


def test_a_scan_is_level_four_opened_with_a_reason_under_the_lookers_name(world):
    m, person = running(world)
    with world.acting("代") as dai:
        paper = materials.receive(matter=m, what="身份证复印件", form="copy", pages=1, giver="徐后根", scan=picture(), by=dai, at=AT)
        assert paper.attachment is not None
        kept = enclosures.path_of(paper.attachment.pk)
        assert b"JFIF" not in kept.read_bytes(), "encrypted at rest"
        with pytest.raises(NeedsReason, match="为什么要看"):
            materials.look_at_scan(paper=paper.pk, reason="看", by=dai, at=AT)
        shown = materials.look_at_scan(paper=paper.pk, reason="核对证件有效期", by=dai, at=AT)
        with Image.open(io.BytesIO(shown)) as image:
            assert len(image.convert("RGB").getcolors(100000)) > 10, "the mark is on it"
    with world.acting("芳") as fang, pytest.raises(NotHere):
        materials.look_at_scan(paper=paper.pk, reason="想看看是谁的", by=fang, at=AT)
    with world.acting("审"):
        entry = AuditEntry.objects.get(what="errand.paper")
        assert (entry.reason, entry.persons) == ("核对证件有效期", [person.pk])
    kept.unlink()


def test_receipts_are_numbered_and_given_back_once(world):
    m, _person = running(world)
    with world.acting("代") as dai:
        made = [materials.receive(matter=m, what=f"材料{n}", form="copy", pages=1, giver="徐后根", by=dai, at=AT) for n in (1, 2, 3)]
        assert [p.number for p in made] == [1, 2, 3]
        materials.give_back(paper=made[0].pk, to="self", by=dai, at=AT)
        with pytest.raises(Refused, match="已经退还"):
            materials.give_back(paper=made[0].pk, to="self", by=dai, at=AT)
        with pytest.raises(Missing):
            materials.receive(matter=m, what="户口本", form="original", pages=0, giver="徐后根", by=dai, at=AT)


# --- money ---------------------------------------------------------------------------------------------------------------------


def test_money_is_signed_by_two_and_settled_before_delivery(world):
    m, _person = running(world)
    with world.acting("代") as dai:
        with pytest.raises(Missing, match="两位小数"):
            materials.pay(matter=m, kind="paid", amount="12.345", what="工本费", by=dai, at=AT)
        paid = materials.pay(matter=m, kind="paid", amount="20", what="工本费", by=dai, at=AT)
        with pytest.raises(NotYours, match="不能自己"):
            materials.countersign(line=paid.pk, by=dai, at=AT)
        with pytest.raises(Refused, match="第二人签字"):
            errands.delivered(matter=m, to="self", name="徐后根", words="", by=dai, at=LATER)
    with world.acting("香") as xiang:
        materials.countersign(line=paid.pk, by=xiang, at=AT)
    with world.acting("代") as dai:
        with pytest.raises(Refused, match="还欠代付款 20.00 元"):
            errands.delivered(matter=m, to="self", name="徐后根", words="", by=dai, at=LATER)
        with pytest.raises(Refused, match="还欠代付款"):
            errands.refuse(matter=m, words="我不想办了", by=dai, at=LATER)
        taken = materials.pay(matter=m, kind="taken", amount="¥25.00", what="还工本费", by=dai, at=LATER)
        back = materials.reverse(line=taken.pk, why="记多了五元", by=dai, at=LATER)
        right = materials.pay(matter=m, kind="taken", amount="20.00", what="还工本费", by=dai, at=LATER)
        with pytest.raises(Refused, match="已经冲销过"):
            materials.reverse(line=taken.pk, why="再冲一次", by=dai, at=LATER)
    with world.acting("香") as xiang:
        for line in (taken, back, right):
            materials.countersign(line=line.pk, by=xiang, at=LATER)
        assert materials.owed(materials.lines_of(m)) == Decimal("0.00")
    with world.acting("代") as dai:
        errands.delivered(matter=m, to="self", name="徐后根", words="", by=dai, at=LATER)


def test_free_sql_rewrites_no_amount_and_signs_for_nobody(world):
    m, _person = running(world)
    with world.acting("代") as dai:
        line = materials.pay(matter=m, kind="paid", amount="20", what="工本费", by=dai, at=AT)
    assert refused(world, "代", "update service_moneyline set amount = 1 where id = %s", line.pk)
    assert refused(world, "代", "delete from service_moneyline where id = %s", line.pk)
    with world.acting("代"), connections["default"].cursor() as cursor:
        cursor.execute("update service_moneyline set second = %s, second_at = now() where id = %s", [staff("香"), line.pk])
        assert cursor.rowcount == 0, "who wrote it signs it for nobody"
    assert refused(world, "香", "update service_moneyline set second = %s, second_at = now() where id = %s", staff("文"), line.pk)
    assert refused(world, "代", "insert into service_moneyline (id, matter_id, number, kind, amount, what, at, made_by, reverses_id) values (gen_random_uuid(), %s, 9, 'paid', 5, 'x', now(), %s, %s)", m.pk, staff("代"), line.pk)
    with world.acting("代"):
        assert MoneyLine.objects.get(pk=line.pk).amount == Decimal("20.00")


AMOUNTS = st.decimals(min_value="0.01", max_value="50000", places=2)


@given(st.lists(st.tuples(st.sampled_from(sorted(ledger.SIGNS)), AMOUNTS, st.booleans())))
def test_amounts_always_balance(entries):
    """Whatever is written and taken back: the balance is the exact sum, a line and its reversal are nothing, and paying what is owed settles."""
    lines = [Line(kind, amount) for kind, amount, _back in entries]
    reversals = [Line(kind, amount, reversal=True) for kind, amount, back in entries if back]
    standing = [Line(kind, amount) for kind, amount, back in entries if not back]
    total = ledger.balance([*lines, *reversals])
    assert total == ledger.balance(standing) == sum((ledger.effect(x) for x in standing), Decimal(0))
    assert ledger.balance(lines + [Line(x.kind, x.amount, True) for x in lines]) == 0
    settle = [Line("taken", total)] if total > 0 else [Line("given", -total)] if total < 0 else []
    assert ledger.balance([*standing, *settle]) == 0
    assert total == total.quantize(ledger.CENT)


@given(AMOUNTS)
def test_an_amount_reads_back_as_written(amount):
    assert ledger.read(f"{amount}元") == amount


@pytest.mark.parametrize("text", ["", "0", "-3", "十块", "1.234", "NaN", "Infinity", "50000.01", "1e9"])
def test_what_is_no_amount_is_none(text):
    assert ledger.read(text) is None


def test_an_agent_of_another_village_is_nobody_here(world):
    """芳 runs the next village: neither asked, nor seeing, nor able to take a seat."""
    m, _person = running(world)
    with world.acting("香") as xiang:
        errands.recall(matter=m, words="换人来办", by=xiang, at=AT)
        with pytest.raises(Missing, match="在名单里选"):
            errands.assign(matter=m, staff=staff("芳"), by=xiang, at=AT)
    assert refused(world, "芳", "select access.give_seat(%s, '', 'agent', %s)", m.pk, staff("芳"))
    assert refused(world, "芳", "select access.start_errand(%s, %s, null, null)", m.pk, m.pk)
    with world.acting("芳") as fang:
        for attempt in (lambda: errands.accept(matter=m, by=fang, at=AT), lambda: errands.collected(matter=m, by=fang, at=AT), lambda: handling.sign(matter=m, by=fang, at=AT)):
            with pytest.raises(NotHere):
                attempt()


def test_what_was_asked_for_another_becomes_the_others_errand(world):
    """The daughter rings for her father: his file fills the form, not hers; of somebody without a file nobody's does."""
    village.grids()
    with world.acting("香") as me:
        father = xu(me)
        home = father.memberships.get(ends_on=None).household
        daughter = village.person(me, "徐小妹", "1992-03-04", "2", home)
        for other, whose in ((Who(name=father.name, person=father.pk, role="for"), father.pk), (Who(name="邻居老人", role="for"), None), (None, daughter.pk)):
            m = ask(me, "想办老年优待证，走不动", kind="errand", requester=Who(name=daughter.name, phone="15412345678", person=daughter.pk), others=(other,) if other else ()).matter
            errands.arrange(matter=m, item=wish(father).item, by=me, at=AT)
            assert Errand.objects.get(matter=m).person_id == whose
