"""说件事, 查进度, 评价: with and without a log-in, on behalf, about staff, and what a receipt never tells."""

from __future__ import annotations

import io
import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from minqing.service.actions import enclosures
from minqing.service.models import Attachment, Matter
from minqing.service.refusals import Missing
from minqing.service.rules import kinds, states
from tests.contracts.foreign import superuser
from tests.people import PENGLI, World
from tests.portal.conftest import WEI_PHONE, XIU_PHONE, account, browser
from tests.portal.test_file import accept, let, wei, xiu  # noqa: F401 - fixtures
from tests.portal.test_login import text

SAY = f"/my/say/?place={PENGLI}"
LAMP = {"words": "村口的路灯坏了三天，晚上看不见路", "kind": "help", "name": "姜水仙", "phone": XIU_PHONE}


def receipt(page) -> tuple[str, str]:
    return re.findall(r'class="no">([0-9 ]{12}|[A-Z]{6})<', page.content.decode())


def say(client, **more):
    return client.post(SAY, {**LAMP, **more})


def set_state(number: str, state: str) -> None:
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("update service_matter set state = %s, limit_days = 5, lead_desk = %s, replied_at = now() where number = %s", [state, PENGLI, number.replace(" ", "")])
        root.execute("update service_seat set state = %s where matter_id = (select id from service_matter where number = %s)", [state, number.replace(" ", "")])


def test_somebody_without_a_log_in_says_something_and_follows_it(clean):
    done = say(browser())
    number, word = receipt(done)
    page = text(done)
    assert "前，彭里村看过并决定谁来办" in page and "没人联系您" in page and settings.HOTLINE in page
    found = text(browser().post("/my/follow/", {"number": number, "word": word.lower()}))
    assert "待受理" in found and "已登记" in found
    for secret in ("姜水仙", "路灯", XIU_PHONE):
        assert secret not in found
    with World.acting("香"):
        row = Matter.objects.get(number=number.replace(" ", ""))
        assert (row.home_desk, row.channel, row.account, row.state) == (PENGLI, "web", None, "submitted")
    with World.acting("芳"):
        assert not Matter.objects.filter(number=number.replace(" ", "")).exists()


def test_wrong_words_are_one_sentence_and_looks_are_counted(clean):
    number, word = receipt(say(browser()))
    client = browser()
    answers = [text(client.post("/my/follow/", {"number": n, "word": w})) for n, w in ((number, "BBBBBB"), ("2600000018", word), ("garbage", "x"))]
    assert all("编号或口令不对" in a for a in answers)
    for _n in range(27):
        client.post("/my/follow/", {"number": number, "word": "BBBBBB"})
    assert "查得太多了" in text(client.post("/my/follow/", {"number": number, "word": word}))


def test_danger_is_taken_at_once_and_answered_with_the_number_to_call(clean):
    done = say(browser(), words="后山塌方了，压到屋角，有人被困")
    page = text(done)
    assert done.status_code == 200 and page.index("119") < page.index("我们收到了")
    number, _word = receipt(done)
    with World.acting("香"):
        assert Matter.objects.get(number=number.replace(" ", "")).urgency == "urgent"


def test_what_is_about_staff_goes_to_the_discipline_desk_and_not_to_the_village(clean):
    done = say(browser(), words="村书记郑书香收钱才给办低保", kind="complaint", anonymous="on", name="", phone="")
    assert "纪检专员" in text(done)
    number, word = receipt(done)
    for name in ("香", "兰", "苗", "敏"):
        with World.acting(name):
            assert not Matter.objects.filter(number=number.replace(" ", "")).exists()
    with superuser() as root:
        row = root.execute("select m.restricted, m.anonymous, m.account, m.home_desk, (select count(*) from service_party p where p.matter_id = m.id and p.role = 'requester') from service_matter m where number = %s", [number.replace(" ", "")]).fetchone()
    assert row[:3] == (True, True, None) and not row[3].startswith(PENGLI) and row[4] == 0
    assert "郑书香" not in text(browser().post("/my/follow/", {"number": number, "word": word}))


def test_what_is_missing_is_said_and_nothing_typed_is_lost(clean):
    answer = say(browser(), phone="")
    page = answer.content.decode()
    assert answer.status_code == 422 and "请留一个电话" in page and LAMP["words"] in page
    assert say(browser(), words="坏", phone=XIU_PHONE).status_code == 422
    assert say(browser(), phone="12").status_code == 422


def picture() -> bytes:
    out = io.BytesIO()
    made = Image.new("RGB", (2400, 1200), "#2b8794")
    exif = Image.Exif()
    exif[0x010F] = "SpyPhone"
    made.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_photo_loses_its_traces_and_a_recording_is_kept_encrypted(clean):
    voice = b"\x1aE\xdf\xa3" + b"sound" * 100
    done = say(browser(), words="", photo=SimpleUploadedFile("../../a.jpg", picture()), voice=SimpleUploadedFile("v.webm", voice))
    number, _word = receipt(done)
    with World.acting("香"):
        rows = {a.kind: a for a in Attachment.objects.filter(matter__number=number.replace(" ", ""))}
        assert set(rows) == {"photo", "voice"}
        photo = enclosures.read(rows["photo"])
        assert Image.open(io.BytesIO(photo)).size == (1600, 800) and b"SpyPhone" not in photo
        assert enclosures.read(rows["voice"]) == voice
        assert voice[:40] not in enclosures.path_of(rows["voice"].pk).read_bytes()
        assert oct(enclosures.path_of(rows["voice"].pk).stat().st_mode)[-3:] == "600"


@pytest.mark.parametrize(("kind", "content"), [("photo", b"<svg onload=alert(1)>"), ("photo", b"GIF89a"), ("voice", b"MZ\x90\x00"), ("voice", b"x" * (5 * 1024 * 1024 + 1))])
def test_what_is_neither_picture_nor_sound_is_refused(kind, content):
    with pytest.raises(Missing):
        enclosures.check(kind, "x", content)


def test_the_page_that_records_may_use_the_microphone_and_no_other_page_may(clean):
    assert "microphone=(self)" in browser().get(SAY).headers["Permissions-Policy"]
    for url in ("/my/", "/my/follow/", "/my/login/"):
        assert "microphone=()" in browser().get(url).headers["Permissions-Policy"]


# --- one's own ------------------------------------------------------------------------------------------------------------------


def test_my_matters_are_mine_and_never_my_households(xiu, wei, village):  # noqa: F811
    number, _word = receipt(say(xiu))
    assert "村口的路灯坏了三天" in text(xiu.get("/my/follow/"))
    assert number in text(xiu.get("/my/"))
    url = re.search(r'href="(/my/matters/[0-9a-f-]+/)"', xiu.get("/my/follow/").content.decode()).group(1)
    assert "晚上看不见路" in text(xiu.get(url))
    xiu.post("/my/family/share/", {"days": "365"})
    wei.get("/my/family/")
    assert "路灯" not in text(wei.get("/my/follow/"))
    for client in (wei, browser(account("17900000031"))):
        assert client.get(url).status_code == 404
        for verb in ("rate", "withdraw", "reopen"):
            assert client.post(f"{url}{verb}/", {"words": "不是我的事情", "solved": "yes", "satisfied": "yes"}).status_code == 404


def test_the_son_speaks_for_his_mother_and_she_sees_it(xiu, wei, village):  # noqa: F811
    stranger = say(wei, for_person=str(village["姜水仙"]))
    with World.acting("香"):
        assert not Matter.objects.get(number=receipt(stranger)[0].replace(" ", "")).on_behalf  # nobody let him yet: it is his own matter
    let(xiu)
    accept(wei)
    done = say(wei, for_person=str(village["姜水仙"]), words="我妈屋后的水沟堵了", name="周志伟", phone=WEI_PHONE)
    assert done.status_code == 200
    assert "屋后的水沟堵了" in text(xiu.get("/my/follow/")) and "家人代说" in text(xiu.get("/my/follow/"))
    with World.acting("香"):
        row = Matter.objects.get(number=receipt(done)[0].replace(" ", ""))
        assert row.on_behalf and {p.role for p in row.parties.all()} == {"requester", "for"}


def test_an_answer_is_rated_done_again_once_and_the_second_no_goes_upwards(xiu, village):  # noqa: F811
    number, _word = receipt(say(xiu))
    set_state(number, "replied")
    url = re.search(r'href="(/my/matters/[0-9a-f-]+/)"', xiu.get("/my/follow/").content.decode()).group(1)
    assert xiu.post(f"{url}rate/", {"solved": "no", "satisfied": "no"}).status_code == 422  # a word why
    assert xiu.post(f"{url}rate/", {"solved": "no", "satisfied": "no", "words": "灯还是不亮"}).status_code == 302
    with World.acting("香"):
        row = Matter.objects.get(number=number.replace(" ", ""))
        assert (row.state, row.redo_count, row.due_at is not None) == ("redo", 1, True)
    set_state(number, "replied")
    xiu.post(f"{url}rate/", {"solved": "no", "satisfied": "no", "words": "还是不亮"})
    with World.acting("香"):
        row = Matter.objects.get(number=number.replace(" ", ""))
        assert row.state == "explain_pending" and row.callbacks.count() == 2 and row.moves.filter(name="ask_explain", actor="requester").exists()
    with World.acting("国"):
        assert Matter.objects.filter(number=number.replace(" ", "")).exists(), "the town's leader decides"
    set_state(number, "replied")
    xiu.post(f"{url}rate/", {"solved": "yes", "satisfied": "fairly", "told": "yes"})
    with World.acting("香"):
        row.refresh_from_db()
        assert (row.state, row.solved, row.told_that_day, row.archive_at is not None) == ("closed", "yes", True, True)
    assert xiu.post(f"{url}reopen/", {"words": "今晚又不亮了"}).status_code == 302
    with World.acting("香"):
        row.refresh_from_db()
        assert row.state == "redo"
    assert xiu.post(f"{url}withdraw/", {"words": "不用了"}).status_code == 422  # not in this state


def test_a_matter_is_taken_back_in_ones_own_words(xiu):  # noqa: F811
    number, _word = receipt(say(xiu))
    url = re.search(r'href="(/my/matters/[0-9a-f-]+/)"', xiu.get("/my/follow/").content.decode()).group(1)
    assert xiu.post(f"{url}withdraw/", {"words": "自己修好了"}).status_code == 302
    assert "按您的意思撤回" in text(xiu.get(url))
    with World.acting("香"):
        assert Matter.objects.get(number=number.replace(" ", "")).state == "withdrawn"


def test_what_the_database_lets_a_requester_do_is_what_the_table_says():
    sql = (settings.ROOT / "minqing/service/sql/rating.sql").read_text(encoding="utf-8")
    said = sql[sql.index("target := case"):sql.index("if target is null")]
    for name, move in states.MOVES.items():
        lines = re.findall(rf"when move = '{name}' and m\.state (?:= '(\w+)'|in \(([^)]+)\))[^\n]*then '(\w+)'", said)
        if "requester" not in move.by:
            assert lines == [], name
            continue
        assert len(lines) == 1, name
        one, several, target = lines[0]
        assert ({one} if one else set(re.findall(r"\w+", several))) == {s.value for s in move.sources} and target == move.target.value, name


def by_receipt(client, number: str, word: str, **more):
    return client.post("/my/rate/", {"number": number, "word": word, "solved": "no", "satisfied": "no", "words": "灯还是不亮", **more})


def test_whoever_has_only_a_receipt_rates_and_not_solved_goes_upwards(clean):
    number, word = receipt(say(browser()))
    client, row = browser(), number.replace(" ", "")
    assert "还不到评价的时候" in text(by_receipt(client, number, word))
    set_state(number, "replied")
    assert "说说办得怎么样" in text(client.post("/my/follow/", {"number": number, "word": word}))
    filled = client.post("/my/rate/", {"number": number, "word": word, "fill": "1"})
    assert filled.status_code == 200 and word in filled.content.decode()
    nothing = by_receipt(client, number, word, words="")
    assert nothing.status_code == 422 and word in nothing.content.decode() and "哪里没有办好" in text(nothing)
    assert "退回重新办理" in text(by_receipt(client, number, word.lower()))
    with World.acting("香"):
        found = Matter.objects.get(number=row)
        assert (found.state, found.redo_count, found.due_at is not None, found.callbacks.get().channel) == ("redo", 1, True, "web")
    set_state(number, "replied")
    assert "已报上一级" in text(by_receipt(client, number, word))
    with World.acting("国"):
        assert Matter.objects.get(number=row).state == "explain_pending", "the town's leader sees it while it waits for him"
    with World.acting("芳"):
        assert not Matter.objects.filter(number=row).exists()
    set_state(number, "replied")
    done = by_receipt(client, number, word, solved="yes", satisfied="yes", words="", told="yes")
    assert "谢谢您" in text(done) and "姜水仙" not in text(done)
    assert "已经评价过" in text(by_receipt(client, number, word))


def test_who_closes_his_complaint_himself_is_asked_about_retaliation_too(clean):
    number, word = receipt(say(browser(), words="网格员姜晓兰收红包才给办低保", kind="complaint"))
    set_state(number, "replied")
    assert "谢谢您" in text(by_receipt(browser(), number, word, solved="yes", satisfied="yes", words=""))
    with superuser() as root:
        ((on, closed, restricted),) = root.execute("select ask_on, (closed_at at time zone 'Asia/Shanghai')::date, restricted from service_matter where number = %s", [number.replace(" ", "")])
    assert restricted and (on - closed).days == kinds.RETALIATION_DAYS[0]


def test_a_rating_guesses_nothing(clean):
    number, word = receipt(say(browser()))
    set_state(number, "replied")
    client = browser()
    wrong = by_receipt(client, number, "ABCDEF" if word != "ABCDEF" else "BCDEFG")
    assert wrong.status_code == 422 and "编号或口令不对" in text(wrong)
    for _ in range(29):
        by_receipt(client, number, "ABCDEF")
    assert "查得太多了" in text(by_receipt(client, number, word))
    with World.acting("香"):
        assert Matter.objects.get(number=number.replace(" ", "")).state == "replied"
