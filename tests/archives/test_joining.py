"""Two files that are one person: joined with a reason, refused while anything contradicts it, parted again at any time."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from minqing.access.scope import NotAllowed
from minqing.archives import merging
from minqing.archives.actions import fields, joining, kinship, people, residents
from minqing.archives.models import Household, Kinship, Membership, Placement, Resident, SamePerson
from minqing.archives.refusals import Elsewhere, LooksAlike, NotHere, Refused
from tests.archives.village import AT, GRID2, NEXT_UNPLACED, TODAY, Family, grids, number, person
from tests.contracts.foreign import superuser

WHY = "对照户口簿，旧号码抄错"
MUCH_LATER = AT + timedelta(days=200)


@pytest.fixture(autouse=True)
def pengli(world):
    grids()


def twice(me) -> tuple[Family, Resident, str]:
    """郑伟 in the household, and again in grid 002 under another number, with a phone the household does not know."""
    f = Family(me)
    other_number = number(date(1975, 1, 20), "1")
    again = person(me, "郑伟", "1975-01-20", "1", grid=GRID2, id_number=other_number, phone="17900000009", more={"workplace": "杭州某厂", "education": "60"})
    kinship.add_parent(child=again, parent=f.head, by=me, at=AT)
    girl = person(me, "郑小雨", "2010-01-01", "2", grid=GRID2)
    kinship.add_parent(child=girl, parent=again, by=me, at=AT)
    return f, again, other_number


def everything(persons) -> dict:
    """What the two files hold, as a superuser sees it."""
    found = {}
    with superuser() as root:
        for move in [*merging.moves(), merging.Move("archives_placement", "person_id"), merging.Move("archives_identity", "person_id")]:
            many = move.column == "persons"
            test = f"{move.column} && %s" if many else f"{move.column} = any(%s)"
            more = ", ends_on" if move.table in ("archives_placement", "archives_membership", "archives_kinship") else ""
            more += ", voided_at" if move.table == "archives_kinship" else ""
            found[move.table, move.column] = sorted(map(str, root.execute(f"select {move.column}::text{more} from {move.table} where {test}", [list(persons)]).fetchall()))
    return found


def test_what_hangs_on_the_one_file_hangs_on_the_other_and_its_gaps_are_filled(world):
    with world.acting("香") as me:
        f, again, other_number = twice(me)
        made = joining.join(kept=f.son, other=again, why=WHY, by=me, at=AT)
        assert not Resident.objects.filter(pk=again.pk, voided_at=None).exists()
        son = Resident.objects.get(pk=f.son.pk)
        assert (son.workplace, son.education) == ("杭州某厂", "60")
        assert people.clear(son, "phone") == "16400000002"  # what stood was not replaced
        assert set(Kinship.objects.filter(relative=son, kind="parent", voided_at=None).values_list("person__name", flat=True)) == {"郑浩", "郑小雨"}
        assert Kinship.objects.filter(person=son, relative=f.head, kind="parent", voided_at=None).count() == 1
        assert set(Placement.objects.filter(person=son, ends_on=None).values_list("grid_code", flat=True)) == {f.household.grid_code, GRID2}
        assert fields.known(other_number).person == son.pk
        assert (made.verdict, made.why, made.by) == ("same", WHY, me.id)


def test_they_part_again_at_any_time_and_each_has_what_was_its_own(world):
    with world.acting("香") as me:
        f, again, other_number = twice(me)
        before = {r.pk: (r.name, r.workplace, r.education, r.id_tail, r.phone_tail, r.sources) for r in Resident.objects.filter(pk__in=[f.son.pk, again.pk])}
        made = joining.join(kept=f.son, other=again, why=WHY, by=me, at=AT)
        kept = joining.take_back(judgement=made, why="是堂兄弟，弄错了", by=me, at=MUCH_LATER)
        assert kept.pk == f.son.pk
        after = {r.pk: (r.name, r.workplace, r.education, r.id_tail, r.phone_tail, r.sources) for r in Resident.objects.filter(pk__in=[f.son.pk, again.pk])}
        assert after == before
        assert set(Kinship.objects.filter(relative=again, voided_at=None).values_list("person__name", flat=True)) == {"郑小雨"}
        assert Kinship.objects.filter(person=again, relative=f.head, voided_at=None).count() == 1
        assert fields.known(other_number).person == again.pk
        assert set(Placement.objects.filter(person=again, ends_on=None).values_list("grid_code", flat=True)) == {GRID2}
        assert set(Placement.objects.filter(person=f.son, ends_on=None).values_list("grid_code", flat=True)) == {f.household.grid_code}
        with pytest.raises(NotHere):
            joining.take_back(judgement=made, why="再撤一次看看", by=me, at=MUCH_LATER)


def test_two_files_of_one_household_count_once_and_parting_counts_twice_again(world):
    with world.acting("香") as me:
        f = Family(me)
        again = person(me, "郑伟", "1975-01-20", "1", f.household, relation="20")
        made = joining.join(kept=f.son, other=again, why=WHY, by=me, at=AT)
        f.household.refresh_from_db()
        assert f.household.members_count == 5
        joining.take_back(judgement=made, why="确实是两个人", by=me, at=MUCH_LATER)
        f.household.refresh_from_db()
        assert f.household.members_count == 6
        assert Membership.objects.filter(person=again, ends_on=None, household=f.household).count() == 1


@pytest.mark.parametrize("case", ["two households", "spouses of each other", "a second spouse", "dead and alive", "sex", "judged different", "no reason"])
def test_nothing_is_joined_while_something_contradicts_it(world, case):
    with world.acting("香") as me:
        f, again, _ = twice(me)
        why, one, other = WHY, f.son, again
        if case == "two households":
            Family(me, number_="810022050009", door="9")
            home = Household.objects.exclude(pk=f.household.pk).get()
            residents.move_in(person=again, household=home, on=TODAY, by=me, at=AT, relation="99")
            says = "户号810022050001和810022050009"
        elif case == "spouses of each other":
            one, other, says = f.son, f.bride, "不能是自己的亲属"
        elif case == "a second spouse":
            wife = person(me, "姜彩云", "1978-02-02", "2", grid=GRID2)
            kinship.add_spouse(one=again, other=wife, by=me, at=AT)
            says = "两位现任配偶"
        elif case == "dead and alive":
            residents.record_death(person=again, on=TODAY, reason="年老", by=me, at=AT)
            says = "登记去世"
        elif case == "sex":
            other, says = f.boy and person(me, "郑薇", "1975-01-20", "2", grid=GRID2), "性别不同"
        elif case == "judged different":
            joining.judge(one=again, other=f.son, verdict="different", why="问过本人，是堂兄弟", by=me, at=AT)
            says = "问过本人，是堂兄弟"
        else:
            why, says = "是", "理由"
        with pytest.raises(Refused, match=says):
            joining.join(kept=one, other=other, why=why, by=me, at=AT)
        assert not SamePerson.objects.filter(verdict="same").exists()


def test_another_birth_date_is_confirmed_in_a_second_step(world):
    with world.acting("香") as me:
        f = Family(me)
        again = person(me, "郑伟", "1975-01-02", "1", grid=GRID2)
        with pytest.raises(LooksAlike):
            joining.join(kept=f.son, other=again, why=WHY, by=me, at=AT)
        assert joining.join(kept=f.son, other=again, why=WHY, by=me, at=AT, confirmed=True).verdict == "same"


def test_who_sees_only_one_of_them_refers(world):
    with world.acting("香") as me:
        f, again, _ = twice(me)
    with world.acting("芳") as me:
        stranger = person(me, "郑伟", "1975-01-20", "1", grid=NEXT_UNPLACED)
    with world.acting("香") as me, pytest.raises(Elsewhere, match="两份"):
        joining.join(kept=f.son, other=stranger, why=WHY, by=me, at=AT)
    with world.acting("兰") as me, pytest.raises((Elsewhere, NotAllowed, NotHere)):
        joining.join(kept=f.son, other=again, why=WHY, by=me, at=AT)


def test_different_and_unsure_change_nothing_and_may_be_taken_back(world):
    with world.acting("香") as me:
        f, again, _ = twice(me)
        made = joining.judge(one=f.son, other=again, verdict="different", why="问过本人，是堂兄弟", by=me, at=AT)
        assert Resident.objects.filter(pk__in=[f.son.pk, again.pk], voided_at=None).count() == 2
        joining.take_back(judgement=made, why="问错了人，重新判", by=me, at=MUCH_LATER)
        assert joining.join(kept=f.son, other=again, why=WHY, by=me, at=MUCH_LATER).verdict == "same"


def test_free_sql_neither_joins_by_hand_nor_moves_a_row(world):
    with world.acting("香") as me:
        f, again, _ = twice(me)
        for statement in (
            "insert into archives_sameperson (id, grid_code, kept_id, other_id, verdict, why, \"by\", at, end_why, moved) values (gen_random_uuid(), %s, %s, %s, 'same', 'x', %s, now(), '', '{}')",
            "update archives_kinship set person_id = %s where person_id = %s and false or person_id = %s",
        ):
            values = [GRID2, f.son.pk, again.pk, me.id] if "insert" in statement else [f.son.pk, again.pk, again.pk]
            with pytest.raises(Exception, match="row-level security|never rewritten|permission"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select set_config('minqing.joining', 'x', true)")
                cursor.execute(statement, values)


def test_it_stands_in_the_audit(world):
    with world.acting("香") as me:
        f, again, _ = twice(me)
        made = joining.join(kept=f.son, other=again, why=WHY, by=me, at=AT)
        joining.take_back(judgement=made, why="是堂兄弟，弄错了", by=me, at=MUCH_LATER)
    with superuser() as root:
        words = [w for (w,) in root.execute("select what from access_auditentry where %s = any(persons)", [again.pk]).fetchall()]
    assert words == [] or {"person.same", "crossing.join", "person.part", "crossing.part"} <= set(words)


def test_every_column_that_names_a_person_follows_or_says_why_not():
    declared = {(m.table, m.column) for m in merging.moves()} | set(merging.STAYS)
    with superuser() as root:
        found = root.execute("""select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and not c.relispartition
                                 where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and a.atttypid in ('uuid'::regtype, 'uuid[]'::regtype)
                                   and a.attname in ('person_id', 'person', 'persons', 'relative_id', 'right_person', 'head_id', 'owner_id', 'kept_id', 'other_id', 'named')""").fetchall()
        there = {name for (name,) in root.execute("select proname from pg_proc where pronamespace = 'access'::regnamespace").fetchall()}
    missing = {pair for pair in found if pair not in declared}
    assert missing == set()
    assert [m.function for m in merging.moves() if m.function not in there] == []
