"""The auditor's page and the vocabulary of the log."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from minqing.access import audit_queries
from minqing.access.actions import audit
from minqing.access.models import AuditEntry
from minqing.access.rules import audit as rules
from minqing.service.queries import files
from minqing.service.rules import states
from tests.people import PENGLI
from tests.web.test_staff import text

ROOT = Path(__file__).resolve().parents[2] / "minqing"
PERSON, HOUSEHOLD = uuid.UUID(int=7), uuid.UUID(int=8)


@pytest.fixture
def some(world):
    """香 opens a file and a level-4 page; 兰 is refused."""
    with world.acting("香"):
        audit.record("household.open", persons=[PERSON], households=[HOUSEHOLD], purpose="from:household-list")
        audit.record("person.sensitive", persons=[PERSON], purpose="from:resident-file", reason="核对残疾补贴")
    with world.acting("兰"):
        audit.record("refused", detail={"page": "household-file", "why": "not_found", "household": str(HOUSEHOLD)})


def test_every_word_that_the_program_writes_is_in_the_table():
    """Python: record("…"), acting("…"); SQL: access.note('…'). An unknown word would be an entry nobody can read."""
    found: dict[str, str] = {}
    for path in [*ROOT.rglob("*.py"), *ROOT.rglob("*.sql")]:
        source = path.read_text(encoding="utf-8")
        pattern = r"\b(?:record|record_login|acts\.acting|acting)\(\s*\"([a-z_]+(?:\.[a-z_]+)?)\"" if path.suffix == ".py" else r"access\.note\('([a-z_.]+)'"
        for word in re.findall(pattern, source):
            found.setdefault(word, path.name)
    assert {w: f for w, f in found.items() if w not in rules.WORDS} == {}


def test_every_line_of_a_matters_log_is_in_the_table_too():
    """service/actions/moving.py writes "matter." and the line's own name; residents read it in 谁看过."""
    assert {key for key in (*files.EVENTS, *states.MOVES) if f"matter.{key}" not in rules.WORDS} == set()


def test_the_words_of_the_log_in_role_are_in_the_table_too():
    allowed = re.search(r"what not in \(([^)]*)\)", (ROOT / "access/sql/audit.sql").read_text())[1]
    assert set(re.findall(r"'([a-z_]+)'", allowed)) <= set(rules.WORDS)


@pytest.mark.parametrize("name", ["兰", "香", "数", "国", "管", "街", "梅"])
def test_the_log_is_for_the_auditor(open_as, name):
    assert open_as(name).get("/audit/").status_code == 403


def test_entries_read_as_sentences_with_identifiers_only(open_as, some):
    page = text(open_as("审").get("/audit/"))
    assert "郑书香 3303" in page and "打开了户档" in page and "1 人 1 户" in page and "从“户情单”来" in page
    assert "写明事由后查看了敏感信息" in page and "“核对残疾补贴”" in page
    assert "想打开不在职责内的内容，被拒绝 ：户档" in page.replace("被拒绝：", "被拒绝 ：")


def test_an_auditor_of_another_county_sees_nothing_of_it(world, some):
    with world.acting("衢" if "衢" in world.tokens else "城"):
        assert not AuditEntry.objects.filter(what="household.open").exists()


@pytest.mark.parametrize("query, there, gone", [
    ({"staff": "郑书香"}, "打开了户档", "想打开不在职责内"), ({"staff": "3301"}, "想打开不在职责内", "核对残疾补贴"), ({"what": "group:reveal"}, "敏感信息", "打开了户档"),
    ({"what": "household.open"}, "打开了户档", "查看了敏感信息"), ({"person": str(PERSON)}, "打开了户档", "想打开不在职责内"), ({"household": str(HOUSEHOLD)}, "打开了户档", "查看了敏感信息"),
    ({"area": "第一网格x"}, "没有找到区域", "打开了户档"), ({"area": PENGLI + "001"}, "想打开不在职责内", "核对残疾补贴"), ({"odd": "refused"}, "想打开不在职责内", "打开了户档"),
    ({"purpose": "from:resident-file"}, "敏感信息", "打开了户档"), ({"staff": "没有此人"}, "没有叫", "打开了户档"), ({"until": "2026-01-02"}, "没有这样的记录", "打开了户档"),
])
def test_filters(open_as, some, query, there, gone):
    page = open_as("审").get("/audit/", query).content.decode()
    # options of the form carry the same words
    words = re.sub(r"<[^>]+>", "", re.sub(r"<select.*?</select>", "", page, flags=re.S))
    assert there in words and gone not in words


def test_keyset_pages_hold_each_entry_once(world, open_as):
    with world.acting("香"):
        for _ in range(120):
            audit.record("household.open", households=[HOUSEHOLD], purpose="list")
    with world.acting("审"):
        now = timezone.now()
        seen, cursor = [], None
        while True:
            rows, after = audit_queries.page(audit_queries.Asked(since=now - timedelta(days=1), until=now + timedelta(minutes=1), household=HOUSEHOLD, cursor=cursor))
            seen += [r.id for r in rows]
            if not after:
                break
            cursor = audit_queries.read_cursor(after)
        assert len(seen) == len(set(seen)) == 120
    page = open_as("审").get("/audit/", {"household": str(HOUSEHOLD)}).content.decode()
    assert 'rel="next"' in page
    assert audit_queries.read_cursor("nonsense") is None


def test_the_log_of_one_person_holds_his_entries_and_only_the_readers_own_scope(open_as, world, some):
    """Found by an index of the definer's, and yet no entry comes out that the policy would hold back."""
    page = text(open_as("审").get("/audit/", {"person": str(PERSON)}))
    assert "“核对残疾补贴”" in page and "姜晓兰" not in page
    assert "1 人 1 户" in page and "1 人 1 户" not in text(open_as("审").get("/audit/", {"person": str(uuid.uuid4())}))
    asked = "select count(*) from access.entries_about(%s, now() - interval '1 day', now() + interval '1 day')"
    counted = {}
    for name in ("审", "香", "兰", "芳"):
        with world.acting(name), connection.cursor() as cursor:
            cursor.execute(asked, [PERSON])
            counted[name] = cursor.fetchone()[0]
    assert counted == {"审": 2, "香": 2, "兰": 0, "芳": 0}, "the auditor all, the secretary what she did herself"


def test_too_many_reveals_on_one_day_are_named(world, open_as, settings):
    settings.REVEAL_LIMIT = 5
    with world.acting("香"):
        for n in range(6):
            audit.record("person.reveal", persons=[uuid.UUID(int=100 + n), PERSON], purpose="from:resident-file")
    page = text(open_as("审").get("/audit/", {"odd": "many"}))
    assert "一天查看超过 5 人" in page and "郑书香" in page


def test_off_duty_openings_are_counted_by_the_clock_of_the_place():
    morning, night = audit_queries.off_duty((timezone.datetime(2026, 1, 1, 7).time(), timezone.datetime(2026, 1, 1, 22).time())).children
    assert "at__time__lt" in morning and "at__time__gte" in night


def test_one_entry_in_full(open_as, world, some):
    with world.acting("审"):
        entry = AuditEntry.objects.get(what="person.sensitive", persons=[PERSON])
    page = text(open_as("审").get(f"/audit/{entry.id}/", {"at": entry.at.isoformat()}))
    assert "彭里村 · 村书记（网格长）" in page and "核对残疾补贴" in page and str(PERSON) in page and "还没有封印" in page
    assert open_as("香").get(f"/audit/{entry.id}/").status_code == 403
    assert open_as("审").get(f"/audit/{uuid.uuid4()}/").status_code == 404


def test_looking_at_the_log_is_in_the_log(open_as, world, some):
    open_as("审").get("/audit/", {"staff": "郑书香"})
    with world.acting("审") as me:
        read = AuditEntry.objects.filter(what="audit.read", staff=me.id).latest("at")
        assert "郑书香" not in str(read.detail), "identifiers, no words"


@pytest.mark.parametrize("text_, words", [("from:household-list", "从“户情单”来"), ("direct:staff-new", "直接打开“人员与岗位”"), ("batch:abc", "归集批次"), ("visit", "走访"), ("xyz", "xyz")])
def test_purposes_in_words(text_, words):
    assert rules.purpose(text_) == words
