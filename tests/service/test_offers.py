"""Policies find people: who is found and why, who may read why, what people decide of it, and that it can be taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connections, transaction

from minqing.access.models import AuditEntry
from minqing.archives.actions import acts, events, households, kinship, residents
from minqing.archives.models import Proposal, Resident
from minqing.service.actions import callbacks, errands, evening, items, moving, offers
from minqing.service.models import Errand, Matter, Offer, OfferReason
from minqing.service.queries import catalogue
from minqing.service.queries import offers as lists
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import entitlements
from minqing.service.rules.entitlements import Facts, Rule
from minqing.service.rules.states import State
from tests.archives import village
from tests.archives.village import GRID2
from tests.contracts.foreign import superuser
from tests.people import PENGLI, TOWN, World
from tests.service.errand_people import AT, GRID1, ON, disabled, staff, xu

PEOPLE = ("archives_placement", "archives_resident", "archives_household", "archives_membership", "archives_kinship", "archives_change", "archives_act", "archives_proposal", "archives_searchkey", "archives_disability", "notify_mark")
WORK = ("service_offerreason", "service_offer", "service_benefit", "service_errand", "service_assignment", "service_callback", "service_contact", "service_move", "service_party", "service_seat", "service_matter", "archives_proposal")


def clear(*tables):
    """Committed rows are taken away again, triggers off."""
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for table in tables:
            root.execute(f"delete from {table}")  # noqa: S608 - names above


def someone(me, name, born, sex, home, grid):
    """Without a number: look-ups by number are limited."""
    return residents.register(name=name, grid=grid, household=home, birth_date=date.fromisoformat(born), sex=sex, on=date(2026, 11, 21), confirmed=True, by=me, at=AT)


@pytest.fixture(scope="module")
def planted_village(django_db_setup, django_db_blocker):
    """People that the jobs' own connection sees: committed once for the module."""
    with django_db_blocker.unblock(), superuser() as root:
        grids = [r[0] for r in root.execute("select code from access_area").fetchall()]
        try:
            village.grids()
            with World.acting("香") as xiang:
                people = planted(xiang)
                person = xu(xiang, number="81002205099")
                for n, (name, subsidy) in enumerate((("残疾未领", "0"), ("残疾已领", "1"))):
                    home = households.create(grid=GRID1, by=xiang, at=AT, on=ON, number=f"8100220508{n}", address="彭里村上塘9号", door="9号")
                    disabled(xiang, someone(xiang, name, f"197{n}-01-01", "1", home, GRID1), subsidy)
            yield people, person.pk
        finally:
            clear(*WORK, *PEOPLE)
            root.execute("delete from access_area where code <> all (%s)", [grids])


@pytest.fixture
def committed_village(planted_village, committed):
    """(the cast, the people): offers and matters of a test go with it."""
    yield committed, planted_village[0]
    clear(*WORK)
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("update archives_resident set medical_status = '停保' where name = '没参保'")
        root.execute("delete from service_policyrule where area_code <> ''")


@pytest.fixture
def offered(committed_village, planted_village):
    """徐后根's offer as the evening left it: (the cast, offer, person)."""
    world, person = committed_village[0], planted_village[1]
    evening.run(now=lambda: AT, only=[PENGLI])
    with world.acting("香"):
        offer = Offer.objects.get(person_id=person, rule="turns_60").pk
    return world, offer, person


# --- rules, pure -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "more", "facts", "due"), [
    ("age", {"age": 60}, {"born": date(1966, 11, 15)}, date(2026, 11, 15)),
    ("age", {"age": 60}, {"born": date(1966, 11, 30)}, date(2026, 11, 30)),
    ("age", {"age": 60}, {"born": date(1966, 12, 1)}, None),
    ("age", {"age": 60, "ahead_days": 31}, {"born": date(1966, 12, 1)}, date(2026, 12, 1)),
    ("age", {"age": 60}, {"born": date(1966, 10, 1)}, None),
    ("age", {"age": 60}, {"born": date(1966, 11, 1), "precision": "year"}, None),
    ("newborn", {}, {"born": date(2026, 10, 1)}, date(2026, 10, 1)),
    ("newborn", {}, {"born": date(2026, 10, 1), "medical_status": "正常参保"}, None),
    ("newborn", {}, {"born": date(2026, 7, 1)}, None),
    ("uninsured", {}, {"born": date(1980, 1, 1), "medical_status": "停保"}, ON),
    ("uninsured", {}, {"born": date(1980, 1, 1), "medical_status": "正常参保", "medical_year": "2025"}, ON),
    ("uninsured", {}, {"born": date(1980, 1, 1)}, None),
    ("pension", {"age": 60}, {"born": date(1960, 1, 1), "pension_status": "正常参保", "pension_benefit": "未领取"}, date(2020, 1, 1)),
    ("pension", {"age": 60}, {"born": date(1960, 1, 1), "pension_status": "正常参保", "pension_benefit": "正常领取"}, None),
    ("pension", {"age": 60}, {"born": date(1960, 1, 1), "pension_benefit": "未领取"}, None),
    ("bereaved", {}, {"born": date(1950, 1, 1), "spouse_died_on": date(2026, 11, 1)}, date(2026, 11, 1)),
    ("bereaved", {}, {"born": date(1950, 1, 1), "spouse_died_on": date(2026, 1, 1)}, None),
    ("alone", {"age": 80}, {"born": date(1940, 1, 1), "home_count": 1}, date(2020, 1, 1)),
    ("alone", {"age": 80}, {"born": date(1940, 1, 1), "home_count": 2}, None),
    ("disability", {}, {"born": date(1970, 1, 1), "certificate": True, "subsidy": False}, ON),
    ("disability", {}, {"born": date(1970, 1, 1), "certificate": True}, None),
])
def test_whom_a_rule_finds(kind, more, facts, due):
    assert entitlements.meets(Rule("x", "x", kind, **more), Facts(**facts), ON) == due


def test_a_leap_day_turns_a_year_older_on_the_first_of_march():
    assert entitlements.turns(date(1964, 2, 29), 61) == date(2025, 3, 1)
    assert entitlements.turns(date(1964, 2, 29), 60) == date(2024, 2, 29)


@pytest.mark.parametrize(("said", "lacks"), [("0", True), ("否", True), (False, True), ("1", False), ("是", False), (True, False), ("", None), (None, None)])
def test_a_certificates_row_says_whether_an_allowance_is_drawn(said, lacks):
    assert entitlements.lacks_subsidy({"subsidy": said}) is lacks


# --- the database finds the same people ----------------------------------------------------------------------------------------------


def planted(xiang):
    """People on both sides of each condition; {name: (rule codes, facts)} is what `meets` says of them."""
    home = households.create(grid=GRID2, by=xiang, at=AT, on=ON, number="81002205070", address="彭里村溪东7号", door="7号")
    born = {
        "满六十": "1966-11-15", "下月六十": "1966-12-01", "上月初六十": "1966-10-01", "闰日": "1964-02-29", "满八十": "1946-12-20", "新生儿": "2026-10-20", "四个月": "2026-07-01", "二十六": "2000-12-10",
        "没参保": "1980-05-05", "去年参保": "1981-05-05", "没有名册": "1982-05-05", "没领": "1958-05-05", "在领": "1957-05-05", "丧偶": "1959-05-05", "逝者": "1958-01-01",
    }
    people = {name: someone(xiang, name, day, "1" if n % 2 else "2", home, GRID2) for n, (name, day) in enumerate(born.items())}
    lone = households.create(grid=GRID1, by=xiang, at=AT, on=ON, number="81002205071", address="彭里村上塘8号", door="8号")
    people["独居"] = someone(xiang, "独居", "1940-03-03", "2", lone, GRID1)
    kinship.add_spouse(one=people["丧偶"], other=people["逝者"], by=xiang, at=AT)
    events.record_death(person=people["逝者"], on=ON - timedelta(days=20), reason="病故", by=xiang, at=AT)
    for name, values in {"没参保": {"medical_status": "停保", "medical_year": "2026"}, "去年参保": {"medical_status": "正常参保", "medical_year": "2025"},
                         "没领": {"pension_status": "正常参保", "pension_benefit": "未领取"}, "在领": {"pension_status": "正常参保", "pension_benefit": "正常领取"}}.items():
        Resident.objects.filter(pk=people[name].pk).update(**values)
    households.derive(household=lone, by=xiang, at=AT)
    return people


def facts_of(name, person):
    row = Resident.objects.get(pk=person.pk)
    return Facts(born=row.birth_date, precision=row.birth_precision, medical_status=row.medical_status, medical_year=row.medical_year, pension_status=row.pension_status, pension_benefit=row.pension_benefit,
                 spouse_died_on=ON - timedelta(days=20) if name == "丧偶" else None, home_count=1 if name == "独居" else 5)


def test_the_evening_finds_whom_the_rules_name_with_reasons(committed_village):
    """Set-based in SQL and one by one in Python: the same people, of every rule that is shipped."""
    world, people = committed_village
    done = evening.run(now=lambda: AT, only=[PENGLI])
    assert (done["villages"], done["failed"]) == (1, 0)
    with world.acting("香"):
        rules = [catalogue.as_rule(r) for r in catalogue.rules_at(PENGLI) if not r.sensitive]
        wanted = {(name, rule.code) for name, person in people.items() if name != "逝者" for rule in rules if entitlements.meets(rule, facts_of(name, person), ON)}
        ids = {p.pk: name for name, p in people.items()}
        found = {(ids[o.person_id], o.rule) for o in Offer.objects.filter(person_id__in=ids)}
        assert found == wanted
        assert {("满六十", "turns_60"), ("没参保", "not_insured"), ("丧偶", "bereaved"), ("独居", "alone_at_80"), ("没领", "pension_at_60"), ("新生儿", "newborn"), ("满八十", "turns_80")} <= found
        offer = Offer.objects.get(person_id=people["满六十"].pk, rule="turns_60")
        assert offer.reason == [{"field": "birth_date", "value": "1966-11-15", "from": "V", "on": "2026-11-21"}]
        assert (offer.grid_code, offer.due_on, offer.state, offer.cycle) == (GRID2, date(2026, 11, 15), "found", "60")
    assert evening.run(now=lambda: AT, only=[PENGLI])["found"] == 0, "twice finds nobody twice"
    with world.acting("香"):
        Resident.objects.filter(pk=people["没参保"].pk).update(medical_status="正常参保")
    evening.run(now=lambda: AT, only=[PENGLI])
    with world.acting("香"):
        assert Offer.objects.get(person_id=people["没参保"].pk, rule="not_insured").state == "gone", "insured in between"
        assert Offer.objects.get(person_id=people["满六十"].pk, rule="turns_60").state == "found"


def test_a_condition_of_level_four_is_due_without_saying_why(committed_village):
    world, _people = committed_village
    evening.run(now=lambda: AT, only=[PENGLI])
    with world.acting("香") as xiang:
        line = next(x for x in lists.listed(xiang, PENGLI, on=ON)[0] if x.offer.sensitive)
        assert (line.name, [b.label for b in line.because]) == ("有残疾人证、没有两项补贴", ["残疾人证", "两项补贴"])
        assert Offer.objects.filter(sensitive=True).count() == 1, "who draws it already is not found"
        assert Offer.objects.get(sensitive=True).rule == ""
    with world.acting("兰") as lan:
        line = next(x for x in lists.listed(lan, GRID1, on=ON)[0] if x.offer.sensitive)
        assert (line.name, line.because, line.hidden) == ("有一项政策", [], True)
        assert not OfferReason.objects.exists()
        with pytest.raises(Refused, match="请村书记"):
            offers.open_errand(offer=line.offer.pk, by=lan, at=AT)
    with world.acting("国"):
        assert {(v, s) for v, r, s, n in lists.figures([TOWN]) if r == ""} == {(PENGLI, "found")}, "figures say not which"


@pytest.mark.parametrize("name", ["芳", "代", "敏", "琴", "国", "审", "梅", "建", "受"])
def test_who_has_no_file_there_sees_no_offer(offered, name):
    world, _offer, _person = offered
    with world.acting(name):
        assert not Offer.objects.exists()


def test_free_sql_makes_no_offer_and_enters_no_evening(offered):
    world, offer, _person = offered
    copied = ("insert into service_offer (id, grid_code, person_id, rule, cycle, sensitive, reason, found_on, state, told_how, why, before)"
              " select gen_random_uuid(), grid_code, person_id, 'x', '', false, '[]', found_on, 'found', '', '', '{}' from service_offer")
    for name, statement in (("香", copied), ("香", "update service_offer set person_id = gen_random_uuid()"), ("香", "select access.enter_evening('330881002205')"),
                            ("香", "select access.find_offers('330881002205', current_date)"), ("兰", "select * from access.offer_figures('330881002')"),
                            ("香", "select * from access.sensitive_cases('330881002205', current_date)"), ("香", "delete from service_offer")):
        with world.acting(name), pytest.raises(DatabaseError), transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute(statement)
    with world.acting("香"):
        assert Offer.objects.get(pk=offer).state == "found"


# --- what people decide -------------------------------------------------------------------------------------------------------------


def test_one_click_opens_the_errand_and_ten_minutes_take_it_back(offered):
    world, offer, person = offered
    with world.acting("兰") as lan:
        row, opened = offers.open_errand(offer=offer, by=lan, at=AT)
        assert row.state == "opened" and opened.matter.channel == "policy"
        assert Errand.objects.get(matter=opened.matter).offer_id == offer
        act = acts.done_by(by=lan, since=AT)[0]
        assert act.sentence == "给徐后根开了代办：老年优待证"
        acts.undo(act=act, by=lan, at=AT + timedelta(minutes=9))
        back = Offer.objects.get(pk=offer)
        assert (back.state, back.matter_id, back.told_at) == ("found", None, None)
        assert Matter.objects.get(pk=opened.matter.pk).state == State.WITHDRAWN
        row, opened = offers.open_errand(offer=offer, by=lan, at=AT + timedelta(minutes=12))
        with pytest.raises(Refused, match="已过十分钟"):
            acts.undo(act=row.act, by=lan, at=AT + timedelta(minutes=30))
    with world.acting("香") as xiang:
        errands.assign(matter=opened.matter, staff=staff("代"), by=xiang, at=AT)
    with world.acting("代") as dai:
        errands.accept(matter=opened.matter, by=dai, at=AT)
        errands.delivered(matter=opened.matter, to="self", name="徐后根", words="", by=dai, at=AT)
    with world.acting("文") as wen:
        callbacks.call_back(matter=moving.get(opened.matter, wen), channel="phone", reached=True, solved="yes", satisfied="yes", by=wen, at=AT)
        done = Offer.objects.get(pk=offer)
        assert (done.state, done.done_on) == ("done", ON)


def test_told_not_needed_remembered_and_asked_again_on_its_day(offered):
    world, offer, person = offered
    with world.acting("香") as xiang:
        offers.tell(offer=offer, how="phone", by=xiang, at=AT)
        with pytest.raises(Missing, match="本人怎么说"):
            offers.decline(offer=offer, why="", remember="180", by=xiang, at=AT)
        row = offers.decline(offer=offer, why="他说身份证够用了", remember="180", by=xiang, at=AT)
        assert (row.state, row.again_on) == ("declined", ON + timedelta(days=180))
        with pytest.raises(Refused, match="本人不需要"):
            offers.tell(offer=offer, how="phone", by=xiang, at=AT)
        acts.undo(act=row.act, by=xiang, at=AT)
        assert Offer.objects.get(pk=offer).state == "told"
        offers.decline(offer=offer, why="他说身份证够用了", remember="180", by=xiang, at=AT)
    evening.run(now=lambda: AT + timedelta(days=30), only=[PENGLI])
    with world.acting("香"):
        assert Offer.objects.get(pk=offer).state == "declined"


def test_a_wrong_finding_asks_the_department(offered):
    world, offer, person = offered
    with world.acting("兰") as lan:
        row, question = offers.wrong(offer=offer, words="他是 1968 年生的，户口本上写着", by=lan, at=AT)
        assert row.state == "wrong"
        assert (question.department, question.field, question.state) == ("01", "birth_date", "open")
        assert Resident.objects.get(pk=person).birth_date == date(1966, 11, 15), "nothing is corrected by itself"
        acts.undo(act=row.act, by=lan, at=AT)
        assert Proposal.objects.get(pk=question.pk).voided_at is not None
        assert Offer.objects.get(pk=offer).state == "found"


def test_an_offer_of_another_grid_is_not_there(offered):
    world, offer, _person = offered
    for name in ("强", "芳", "代", "敏"):
        with world.acting(name) as me, pytest.raises(NotHere):
            offers.tell(offer=offer, how="phone", by=me, at=AT)


# --- rules of a county ---------------------------------------------------------------------------------------------------------------


def test_a_county_overrides_a_rule_or_switches_it_off(committed_village):
    world, people = committed_village
    with world.acting("总") as zong:
        rule = next(catalogue.as_rule(r) for r in catalogue.rules_at("330881") if r.code == "turns_60")
        items.put_rule(area="330881", rule=rule, off=True, by=zong, at=AT)
    evening.run(now=lambda: AT, only=[PENGLI])
    with world.acting("香"):
        assert not Offer.objects.filter(rule="turns_60").exists()
        assert Offer.objects.filter(rule="not_insured").exists()
    with world.acting("总") as zong:
        items.drop_rule(area="330881", code="turns_60", by=zong, at=AT)
    evening.run(now=lambda: AT, only=[PENGLI])
    with world.acting("香"):
        assert Offer.objects.filter(rule="turns_60").exists()
    with world.acting("审"):
        assert AuditEntry.objects.filter(what="policies.evening", area_code=PENGLI).exists()
