"""我家档案, 家人代办, 投诉建议: 秀 and 伟 look at their files; nobody looks at another's."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from django.conf import settings
from django.db import DatabaseError, connections, transaction

from minqing.archives.models import Proposal, Resident
from tests.contracts.foreign import Prober, superuser
from tests.people import World
from tests.portal.conftest import WEI_PHONE, XIU_PHONE, account, browser, number_of, staff, visiting
from tests.portal.test_login import hold, text


def audited(what: str, person: uuid.UUID) -> int:
    with superuser() as root:
        return root.execute("select count(*) from access_auditentry where what = %s and persons @> array[%s]::uuid[]", [what, person]).fetchone()[0]


@pytest.fixture
def xiu(as_resident, village):
    return as_resident(XIU_PHONE, village["姜水仙"])


@pytest.fixture
def wei(xiu, village):
    return browser(account(WEI_PHONE, village["周志伟"]))


# --- my file --------------------------------------------------------------------------------------------------------------------


def test_my_file_says_what_from_whom_what_for_and_who_looked(xiu, village):
    staff("香").get(f"/people/{village['姜水仙']}/")
    before = audited("file.open", village["姜水仙"])
    page = text(xiu.get("/my/file/"))
    assert number_of(village["姜水仙"]) in page and XIU_PHONE in page
    assert "来自 走访或本人陈述" in page and "用来：" in page
    assert "郑书香 打开了个人档案" in page
    assert audited("file.open", village["姜水仙"]) == before + 1
    assert "郑书香" in text(xiu.get("/my/file/who/"))


def test_nobody_opens_the_file_of_somebody_else(xiu, village):
    for other in (village["周志伟"], village["毛彩凤"], uuid.uuid4()):
        for url in (f"/my/file/?person={other}", f"/my/file/who/?person={other}", f"/my/file/{other}/correct/name/"):
            answer = xiu.get(url)
            assert answer.status_code == 404 and "没有" in text(answer), url
        for url in ("/my/file/copy/", "/my/file/sensitive/"):
            assert xiu.post(url, {"person": str(other), "kind": "json"}).status_code == 404
    assert xiu.get("/my/file/?person=nonsense").status_code == 404


def test_a_correction_reaches_the_desk_with_a_day(xiu, village):
    answer = xiu.post(f"/my/file/{village['姜水仙']}/correct/education/", {"value": "小学", "note": "毕业证在家里"})
    assert answer.status_code == 200 and "前给您答复" in text(answer)
    with World.acting("香") as me:
        row = Proposal.objects.get(person=village["姜水仙"], kind="correct", state="open")
        assert row.field == "education" and "小学" not in row.sentence and row.due_on > datetime.now(UTC).date() + timedelta(days=14)
        assert me.id != row.made_by
    assert "我提的更正" in text(xiu.get("/my/file/"))
    same = xiu.post(f"/my/file/{village['姜水仙']}/correct/name/", {"value": "姜水仙"})
    assert same.status_code == 422 and "没有要更正的" in text(same)
    with World.acting("兰"):
        assert Resident.objects.get(pk=village["姜水仙"]).education != "小学"


def test_a_copy_is_mine_alone_whole_and_audited(xiu, village):
    before = audited("file.copy", village["姜水仙"])
    copy = json.loads(xiu.post("/my/file/copy/", {"kind": "json"}).content)
    values = json.dumps(copy, ensure_ascii=False)
    assert number_of(village["姜水仙"]) in values and copy["姓名"] == "姜水仙"
    assert "周志伟" not in values and "毛彩凤" not in values  # kin have not agreed
    pdf = xiu.post("/my/file/copy/", {"kind": "pdf"})
    words = "".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(pdf.content))
    assert "本人档案副本" in words and number_of(village["姜水仙"]) in words
    assert audited("file.copy", village["姜水仙"]) == before + 2
    assert xiu.get("/my/file/copy/").status_code == 405


# --- relatives ------------------------------------------------------------------------------------------------------------------


def let(client, *, phone=WEI_PHONE, days="90", sensitive=False):
    return client.post("/my/family/relative/", {"name": "周志伟", "phone": phone, "relation": "儿子", "days": days, **({"sensitive": "on"} if sensitive else {})})


def accept(client, name="姜水仙"):
    page = client.get("/my/family/").content.decode()
    found = re.search(r'action="(/my/family/[0-9a-f-]+/accept/)"', page)
    return client.post(found.group(1), {"name": name}) if found else None


def test_the_son_sees_the_file_only_after_he_names_his_mother(xiu, wei, village):
    assert let(xiu).status_code == 302
    url = f"/my/file/?person={village['姜水仙']}"
    assert wei.get(url).status_code == 404
    waiting = text(wei.get("/my/family/"))
    assert "有家人请您代办" in waiting and "姜水仙" not in waiting
    assert accept(wei, "姜水").status_code == 422
    assert wei.get(url).status_code == 404
    assert accept(wei).status_code == 302
    page = text(wei.get(url))
    assert "姜水仙的档案" in page and number_of(village["姜水仙"]) not in page  # her number stays masked for him
    assert "3308************" in page
    assert wei.post("/my/file/sensitive/", {"person": str(village["姜水仙"])}).status_code == 404
    assert "周志伟 看了您的档案" in text(xiu.get("/my/file/who/"))


def test_five_wrong_names_end_an_offer(xiu, wei):
    let(xiu)
    for _n in range(5):
        accept(wei, "王小二")
    assert accept(wei) is None


def test_taken_back_it_closes_in_the_same_moment(xiu, wei, village):
    let(xiu, sensitive=True)
    accept(wei)
    assert wei.post("/my/file/sensitive/", {"person": str(village["姜水仙"])}).status_code == 200
    back = re.search(r'action="(/my/family/[0-9a-f-]+/withdraw/)"', xiu.get("/my/family/").content.decode()).group(1)
    assert browser(account("17900000011")).post(back).status_code == 404  # not by a stranger
    assert xiu.post(back).status_code == 302
    assert wei.get(f"/my/file/?person={village['姜水仙']}").status_code == 404


def test_an_expired_consent_opens_nothing(xiu, wei, village):
    let(xiu)
    accept(wei)
    assert wei.get(f"/my/file/?person={village['姜水仙']}").status_code == 200
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("update access_subject set starts_at = now() - interval '91 days', ends_at = now() - interval '1 second' where reach = 'relative'")
        root.execute("update access_consent set starts_at = now() - interval '91 days', ends_at = now() - interval '1 second'")
    assert wei.get(f"/my/file/?person={village['姜水仙']}").status_code == 404


def test_a_consent_never_runs_longer_than_a_year(xiu, village):
    answer = let(xiu, days="900")
    assert answer.status_code == 422
    with superuser() as root, pytest.raises(Exception, match="consent_at_most_a_year"):
        root.execute("insert into access_consent (id, kind, person_id, name, phone_tail, relation, sensitive, how, witness, starts_at, ends_at, tries) values (gen_random_uuid(), 'relative', %s, '', '', '', false, 'paper', '', now(), now() + interval '400 days', 0)", [village["姜水仙"]])
    own = let(xiu, phone=XIU_PHONE)
    assert own.status_code == 422 and "不能是自己的号码" in text(own)


def test_the_window_records_paper_and_spoken_consents(clean, village):
    clerk, wei = staff("敏"), browser(account(WEI_PHONE, village["周志伟"]))
    _page, card = hold(clerk, number_of(village["姜水仙"]))
    form = {"card": card, "kind": "relative", "name": "周志伟", "phone": WEI_PHONE, "relation": "儿子", "days": "365", "how": "oral"}
    alone = clerk.post("/subjects/consent/", {**form, "witness": "王敏"})
    assert alone.status_code == 422 and "第二名工作人员" in text(alone)
    assert "已登记" in text(clerk.post("/subjects/consent/", {**form, "witness": "郑书香"}))
    accept(wei)
    assert wei.get(f"/my/file/?person={village['姜水仙']}").status_code == 200
    page = clerk.post("/subjects/", {"number": number_of(village["姜水仙"]), "seen": "on"}).content.decode()
    url, card = re.search(r'action="(/subjects/consent/[0-9a-f-]+/withdraw/)"', page).group(1), re.search(r'name="card" value="([^"]+)"', page).group(1)
    assert "已收回" in text(clerk.post(url, {"card": card}))
    assert wei.get(f"/my/file/?person={village['姜水仙']}").status_code == 404


# --- the household ----------------------------------------------------------------------------------------------------------------


def test_the_household_shows_only_those_who_agreed_and_its_own_lines_when_all_did(xiu, wei, village):
    assert "听力不好" not in text(xiu.get("/my/file/"))
    xiu.post("/my/family/share/", {"days": "365"})
    assert "姜水仙" in text(wei.get("/my/family/"))
    assert wei.get(f"/my/file/?person={village['姜水仙']}").status_code == 404  # seen in the household, never opened
    for name in ("周志伟", "毛彩凤", "周晓"):
        client = browser(account(f"1790000002{len(name)}{village[name].int % 10}"[:11], village[name])) if name != "周志伟" else wei
        client.post("/my/family/share/", {"days": "365"})
    wei.get("/my/family/")
    assert "听力不好" in text(wei.get("/my/file/"))
    with visiting(wei.cookies[settings.RESIDENT_COOKIE].value) as visitor, connections["resident"].cursor() as cursor:
        assert village["姜水仙"] in visitor.shared and village["姜水仙"] not in visitor.persons
        cursor.execute("select count(*) from archives_health where person_id = %s", [village["姜水仙"]])
        assert cursor.fetchone() == (0,)
    back = re.search(r'action="(/my/family/[0-9a-f-]+/withdraw/)"', xiu.get("/my/family/").content.decode()).group(1)
    xiu.post(back)
    assert "听力不好" not in text(wei.get("/my/file/"))


# --- complaint box ------------------------------------------------------------------------------------------------------------------


def test_a_complaint_goes_to_the_county_and_is_answered_by_number_and_word(clean):
    client = browser()
    done = client.post("/my/feedback/", {"kind": "complaint", "words": "村里不给我看档案", "contact": ""})
    number, word = re.findall(r'class="no">([A-Z0-9]+)<', done.content.decode())
    assert "还在办" in text(client.post("/my/feedback/answer/", {"number": number, "word": word.lower()}))
    for name in ("香", "兰", "敏", "国"):
        assert staff(name).get("/feedback/").status_code == 403
    auditor = staff("审")
    listed = auditor.get("/feedback/")
    assert number in text(listed) and "不给我看" not in text(listed)
    url = re.search(rf'href="(/feedback/[0-9a-f-]+/)">{number}', listed.content.decode()).group(1)
    assert "村里不给我看档案" in text(auditor.get(url))
    assert auditor.post(url, {"words": "已督促村里，请再登录看。"}).status_code == 302
    assert "已督促村里" in text(client.post("/my/feedback/answer/", {"number": number, "word": word}))
    wrong = client.post("/my/feedback/answer/", {"number": number, "word": "AAAAAA"})
    assert wrong.status_code == 422 and "不给我看" not in text(wrong)


def test_guessing_words_of_receipts_is_throttled(clean):
    client = browser()
    answers = [client.post("/my/feedback/answer/", {"number": "TS1125000001", "word": "AAAAAA"}) for _n in range(31)]
    assert "编号或口令不对" in text(answers[29]) and "查得太多了" in text(answers[30])


# --- public pages ---------------------------------------------------------------------------------------------------------------------


def test_places_publish_their_officers_and_nobody_else(clean, village):
    page = text(browser().get("/v/330881002205/"))
    assert "郑书香" in page and "村书记" in page and "姜晓兰" in page
    for name in ("姜水仙", "周志伟", "毛彩凤"):
        assert name not in page
    for code, status in (("330881", 200), ("330881002", 200), ("330881002205001", 404), ("999999", 404), ("3308", 404)):
        assert browser().get(f"/v/{code}/").status_code == status
    poster = browser().get("/v/330881002205/poster.pdf?size=a3")
    document = pypdfium2.PdfDocument(poster.content)
    assert "郑书香" in document[0].get_textpage().get_text_range()
    assert round(document[0].get_width()) == 842


# --- free SQL ---------------------------------------------------------------------------------------------------------------------------


def test_the_applications_password_and_a_residents_token_open_nothing(clean, village):
    token = account(XIU_PHONE, village["姜水仙"])
    with Prober("app") as p:
        for statement in ("select access.enter_resident(%s, 'x', 'x')", "select access.enter(%s, 'x', 'x')"):
            assert not isinstance(p(statement, token), list)
        assert not isinstance(p("select * from access_consent"), list)
        assert not isinstance(p("select * from access_residentaccount"), list)


def test_a_residents_own_role_and_token_read_his_rows_and_no_other(clean, village):
    token = account(XIU_PHONE, village["姜水仙"])
    with Prober("resident") as p:
        p("begin")
        p("select access.enter_resident(%s, 'x', 'x')", token)
        assert p("select id from archives_resident") == [(village["姜水仙"],)]
        assert {r[0] for r in p("select person_id from archives_placement")} == {village["姜水仙"]}
        assert p("select household_id from archives_membership where person_id <> %s", village["姜水仙"]) == []
        assert p("select * from archives_household") == []
        forged = p("select set_config('minqing.claim', replace(current_setting('minqing.claim'), %s, %s), true)", str(village["姜水仙"]), str(village["周志伟"]))
        assert isinstance(forged, list)
        assert p("select id from archives_resident") == []
        p("rollback")
        for statement in ("select * from access_residentaccount", "select * from access_subject", "insert into access_subject (id, account, person_id, starts_at) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now())"):
            p("begin")
            p("select access.enter_resident(%s, 'x', 'x')", token)
            assert not isinstance(p(statement), list), statement
            p("rollback")


def test_the_database_itself_gives_no_consent_of_somebody_else(clean, village):
    token = account(XIU_PHONE, village["姜水仙"])
    for statement, parameters in (
        ("select access.give_consent('relative', %s, '\\x01', '甲', '', '', true, 86400, 'portal', '')", [village["周志伟"]]),
        ("select access.give_consent('relative', %s, '\\x01', '甲', '', '', true, 86400, 'paper', '')", [village["姜水仙"]]),
        ("select access.propose_correction(gen_random_uuid(), %s, 'name', 'x', null, '', current_date)", [village["周志伟"]]),
        ("select * from access.confirm_person('{}', '{}')", []),
        ("select access.share_household(%s)", [village["2050041"]]),
        ("select access.person_of_phone('姜水仙')", []),
    ):
        with visiting(token), pytest.raises(DatabaseError), transaction.atomic(using="resident"), connections["resident"].cursor() as cursor:
            cursor.execute(statement, parameters)
