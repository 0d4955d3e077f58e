"""A county's own history suggests what a text is: only where it was right more often, in words it can name, and nothing of anybody leaves."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connections, transaction

from bench import suggesting
from minqing.access import scope
from minqing.service.actions import learning as action
from minqing.service.models import Learnt
from minqing.service.queries import suggest as queries
from minqing.service.rules import learning, suggest
from tests.contracts.foreign import superuser
from tests.people import PENGLI, World

COUNTY = PENGLI[:6]
RULES = [suggest.Rule("lamp", "路灯照明", "help", ("路灯", "灯坏")), suggest.Rule("water", "饮用水", "help_up", ("停水", "自来水")), suggest.Rule("road", "道路桥梁", "help_up", ("修路",))]


def said(category: str, text: str) -> learning.Said:
    return learning.Said(category, suggest.pairs(text), tuple(k for r in RULES for k in r.keywords if k in text))


def test_it_learns_what_the_catalogue_does_not_say_and_names_the_words():
    model = learning.learn([said("lamp", "晚上乌漆麻黑")] * 5 + [said("water", "烧饭都没有水用")] * 5)
    category, second, margin = model.guess(suggest.pairs("我们这里晚上乌漆麻黑的"))
    assert (category, second) == ("lamp", "water")
    assert margin > learning.SURE
    assert "漆麻" in "".join(model.because("我们这里晚上乌漆麻黑的", category, second))
    assert model.guess(suggest.pairs("从来没有听过的话")) == ("", "", 0.0)
    assert learning.Linear.of(model.as_data()) == model


def test_words_of_the_catalogue_stay_where_history_is_not_sure():
    model = learning.learn([said("lamp", "门口路灯")] * 3 + [said("water", "门口停水")] * 3)
    assert learning.together(model, suggest.pairs("门口"), "road") == "road"
    assert learning.together(model, suggest.pairs("门口"), "") in ("lamp", "water")


@pytest.mark.parametrize(("tried", "won", "lost", "better"), [(99, 50, 0, False), (100, 18, 3, True), (100, 5, 3, False), (1000, 200, 190, False), (1000, 0, 0, False)])
def test_better_means_more_than_chance(tried, won, lost, better):
    assert learning.Trial(tried, 40, 40 + won - lost, won, lost).better is better


def test_a_suggestion_takes_history_first_where_it_is_sure_and_only_categories_that_hold_here():
    heard = suggest.Heard("lamp", ("乌漆麻黑",), sure=True)
    choice = suggest.choose("停水了，晚上乌漆麻黑", RULES, heard=heard)
    assert (choice.category, choice.source, choice.because) == ("lamp", "history", ("乌漆麻黑",))
    assert suggest.choose("停水了，晚上乌漆麻黑", RULES, heard=suggest.Heard("lamp", (), sure=False)).category == "water"
    assert suggest.choose("晚上乌漆麻黑", RULES, heard=suggest.Heard("lamp", ("乌漆麻黑",), sure=False)).category == "lamp"
    assert suggest.choose("停水了", RULES, heard=suggest.Heard("ended", ("停水",), sure=True)).category == "water"


@pytest.fixture
def history(committed) -> Iterator[str]:
    """Three thousand matters of a county as people speak, and one secret that five people told in the same words."""
    drawn = suggesting.draw(3000, seed=5)
    ids: list[uuid.UUID] = []
    rows: list[list[object]] = []
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        for r in suggesting.catalogue():
            ids.append(uuid.uuid4())
            root.execute("insert into service_dispatchrule (id, area_code, category, label, kind, keywords, lead_desk, joint_desks, basis) values (%s, %s, %s, %s, %s, %s, 'village', '{}', '') on conflict do nothing",
                         [ids[-1], COUNTY, r.category, r.label, r.kind, list(r.keywords)])
        for i, (category, text, _village) in enumerate([*drawn, *[("lamp", "瞎子阿三偷瓜", "")] * 6, *[("lamp", "毛某某专有的话", "")] * 4]):
            secret = 3000 <= i < 3006
            ids.append(uuid.uuid4())
            rows.append([ids[-1], f"8{i:09d}", category, secret, text, PENGLI, PENGLI, PENGLI, 3100 - i])
        root.cursor().executemany(
            """insert into service_matter (id, number, word_digest, kind, category, channel, urgency, restricted, confidential, anonymous, on_behalf, title, words_cipher, place_code, spot, state, home_desk, lead_desk, relation,
                 submitted_at, clock_from, due_at, pauses, reminded, escalated, extended, no_return, returned_by, redo_count, outcome, reject_code, told_channel, solved, satisfied, shielded, barred, version)
               values (%s, %s, '\\x00', 'help', %s, 'duty', 'normal', %s, false, false, false, %s, '\\x00', %s, '', 'archived', %s, %s, '', now() - make_interval(hours => %s), now(), now(), '[]', 0, 0, false, false, '{}', 0,
                     '', '', '', '', '', '{}', '{}', 1)""",
            rows)
    queries._models.clear()
    yield COUNTY
    queries._models.clear()
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("delete from service_matter where id = any(%s)", [ids])
        root.execute("delete from service_learnt")
        root.execute("delete from service_dispatchrule where id = any(%s)", [ids])


def test_by_night_the_county_learns_and_the_desk_is_told(history):
    done = action.run(now=lambda: datetime.now(UTC))
    trial = done[COUNTY]
    assert trial.better
    assert trial.history > trial.words
    with World.acting("香") as me:
        kept = Learnt.objects.get(pk=COUNTY)
        assert (kept.tried, kept.right_words, kept.right_history, kept.used) == (trial.tried, trial.words, trial.history, True)
        found = queries.suggest_for(me, "我家那边晚上走路乌漆麻黑", PENGLI, at=datetime.now(UTC))
        assert (found.category, found.source) == ("lamp", "history")
        assert found.because


def test_nothing_secret_and_nothing_rare_is_learnt(history):
    action.run(now=lambda: datetime.now(UTC))
    with World.acting("香"):
        known = set(Learnt.objects.get(pk=COUNTY).model["weights"])
    assert known
    assert not known & suggest.pairs("瞎子阿三偷瓜"), "six people said it, under secrecy"
    assert not known & suggest.pairs("毛某某专有"), "four people said it"


def test_a_model_that_is_no_better_is_not_kept(history):
    with transaction.atomic(using="jobs"):
        scope.enter_keeper()
        with connections["jobs"].cursor() as cursor:
            cursor.execute("select access.keep_learnt(%s, 10, 2, 2, 1, false, '{\"weights\": {}}')", [COUNTY])
    with World.acting("香") as me:
        assert Learnt.objects.get(pk=COUNTY).model == {}
        assert queries.suggest_for(me, "晚上走路乌漆麻黑", PENGLI, at=datetime.now(UTC)).source != "history"


@pytest.mark.parametrize("statement", ["select * from access.said_of_sorts('330881', '。', 5, 10)", "select access.keep_learnt('330881', 1, 1, 1, 1, true, '{}')"])
def test_only_the_nightly_keeper_learns(committed, statement):
    with pytest.raises(DatabaseError, match="only the nightly keeper"), transaction.atomic(using="jobs"), connections["jobs"].cursor() as cursor:
        cursor.execute(statement)
    with World.acting("数"), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute(statement)


def test_a_rarer_pair_cannot_be_asked_for(committed):
    with pytest.raises(DatabaseError, match="only the nightly keeper"), transaction.atomic(using="jobs"):
        scope.enter_keeper()
        with connections["jobs"].cursor() as cursor:
            cursor.execute("select * from access.said_of_sorts('330881', '。', 1, 10)")
