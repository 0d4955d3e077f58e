"""秀 and 伟 come in: by code, by letter, by the county's identity provider — and nobody else does."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from django.conf import settings

from minqing.access.actions import residents, sending
from minqing.access.models import LoginCode
from minqing.gateways import sso
from minqing.gateways.sms import NoGateway, Outcome
from minqing.web.portal import login
from tests.contracts.foreign import superuser
from tests.portal.conftest import WEI_PHONE, XIU_PHONE, account, browser, messages, number_of, staff

UNKNOWN = "17900000001"


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def code_for(phone: str, kind: str = "sms") -> str:
    said = [m for m in messages(kind) if m["to"] == phone][-1]["text"]
    return re.search(r"\d{6}", said).group() if kind == "sms" else said


def ask(client, phone: str, **more):
    return client.post("/my/login/", {"phone": phone, **more})


# --- a code -------------------------------------------------------------------------------------------------------------------


def test_a_code_opens_a_session_and_works_once(clean):
    client = browser()
    assert ask(client, XIU_PHONE).headers["Location"] == "/my/login/code/"
    code = code_for(XIU_PHONE)
    step = client.cookies[login.STEP].value
    answer = client.post("/my/login/code/", {"code": code})
    assert answer.status_code == 302 and answer.headers["Location"] == "/my/"
    assert client.get("/my/file/").headers["Location"] == "/my/link/"  # an account is not yet a person
    again = browser()
    again.cookies[login.STEP] = step
    assert again.post("/my/login/code/", {"code": code}).status_code == 422


@pytest.mark.parametrize("phone", [XIU_PHONE, UNKNOWN])
def test_known_and_unknown_phones_are_answered_alike(clean, phone):
    client = browser()
    first = ask(client, phone)
    page = client.get("/my/login/code/")
    wrong = client.post("/my/login/code/", {"code": "000000" if code_for(phone) != "000000" else "111111"})
    said = (first.status_code, first.headers["Location"], re.sub(r"\d{4}", "TAIL", text(page).split("填验证码", 2)[2])[:300], wrong.status_code, "验证码不对或已失效" in text(wrong))
    assert said == (302, "/my/login/code/", said[2], 422, True)
    assert not LoginCode.objects.filter(account_id__isnull=False).exists()


def test_five_wrong_tries_end_the_code(clean):
    client = browser()
    ask(client, XIU_PHONE)
    right = code_for(XIU_PHONE)
    for n in range(residents.TRIES):
        assert client.post("/my/login/code/", {"code": f"{(int(right) + n + 1) % 10**6:06d}"}).status_code == 422
    assert client.post("/my/login/code/", {"code": right}).status_code == 422


@pytest.mark.parametrize("gateway", ["off", "broken"])
def test_a_code_that_cannot_leave_is_a_sentence_with_another_way(clean, monkeypatch, gateway):
    class Broken(NoGateway):
        def send(self, **_: object) -> Outcome:
            raise OSError

    monkeypatch.setattr(sending, "text_gateway", NoGateway if gateway == "off" else Broken)
    answer = ask(browser(), XIU_PHONE)
    assert answer.status_code == 422 and "没有发出去" in text(answer) and "登录信" in text(answer)


def test_a_code_dies_after_ten_minutes(clean):
    at = datetime.now(UTC)
    pending = residents.request_code(phone=XIU_PHONE, spoken=False, at=at, origin="127.0.0.1")
    late = at + timedelta(minutes=residents.CODE_MINUTES, seconds=1)
    with pytest.raises(residents.LoginRefused, match="验证码不对或已失效"):
        residents.give_code(pending=pending.id, code=code_for(XIU_PHONE), own_phone=False, device="", origin="127.0.0.1", at=late)


def test_a_second_code_waits_a_minute_and_a_phone_gets_five_an_hour(clean):
    client = browser()
    ask(client, XIU_PHONE)
    assert "请等" in text(ask(client, XIU_PHONE))
    at = datetime.now(UTC)
    for n in range(1, 5):
        residents.request_code(phone=XIU_PHONE, spoken=False, at=at + timedelta(minutes=2 * n), origin="127.0.0.1")
    with pytest.raises(residents.LoginRefused, match="次数太多"):
        residents.request_code(phone=XIU_PHONE, spoken=False, at=at + timedelta(minutes=12), origin="127.0.0.1")


def test_one_address_neither_floods_nor_guesses_for_ever(clean, monkeypatch):
    monkeypatch.setattr(residents, "PER_ADDRESS", (timedelta(hours=1), 3))
    at = datetime.now(UTC)
    for n in range(3):
        residents.request_code(phone=f"1790000010{n}", spoken=False, at=at, origin="198.51.100.7")
    with pytest.raises(residents.LoginRefused, match="请过一小时再试"):
        residents.request_code(phone="17900000109", spoken=False, at=at, origin="198.51.100.7")
    residents.request_code(phone="17900000109", spoken=False, at=at, origin="198.51.100.8")
    monkeypatch.setattr(residents, "WRONG_PER_ADDRESS", 4)
    for n in range(4):
        with pytest.raises(residents.LoginRefused):
            residents.give_letter(number=f"{n:09d}", code="ABCDEFGH", own_phone=False, device="", origin="203.0.113.9", at=at)
    with pytest.raises(residents.LoginRefused, match="请过一小时再试"):
        residents.give_letter(number="123456789", code="ABCDEFGH", own_phone=False, device="", origin="203.0.113.9", at=at)


def test_the_code_can_be_read_out_by_telephone(clean):
    client = browser()
    before = len(messages("voice"))
    ask(client, XIU_PHONE, call="1")
    said = messages("voice")[before:]
    assert len(said) == 1 and "请不要告诉任何人" in said[0]["text"] and not re.search(r"\d{6}", said[0]["text"])
    assert "会有电话打到" in text(client.get("/my/login/code/"))


def test_a_number_that_is_no_mobile_is_refused_in_words(clean):
    answer = ask(browser(), "0570-4888365")
    assert answer.status_code == 422 and "请填 11 位手机号" in text(answer)


# --- sessions -----------------------------------------------------------------------------------------------------------------


def test_a_cookie_set_beforehand_never_becomes_a_session(clean):
    client = browser("a-token-somebody-planted")
    ask(client, XIU_PHONE)
    client.post("/my/login/code/", {"code": code_for(XIU_PHONE)})
    assert client.cookies[settings.RESIDENT_COOKIE].value != "a-token-somebody-planted"
    assert browser("a-token-somebody-planted").get("/my/family/").status_code == 302


def test_logging_in_again_ends_the_session_of_this_browser(clean):
    old = account(WEI_PHONE)
    client = browser(old)
    ask(client, XIU_PHONE)
    client.post("/my/login/code/", {"code": code_for(XIU_PHONE)})
    assert browser(old).get("/my/family/").status_code == 302


def test_my_own_phone_stays_ninety_days_and_others_half_an_hour(clean):
    for own, seconds in (("on", 90 * 86_400), ("", settings.IDLE_SECONDS)):
        client = browser()
        with superuser() as root:
            root.execute("delete from access_logincode")
        ask(client, XIU_PHONE)
        client.post("/my/login/code/", {"code": code_for(XIU_PHONE), **({"own_phone": own} if own else {})})
        with superuser() as root:
            assert root.execute("select idle_seconds from access_session where resident_account is not null order by opened_at desc limit 1").fetchone() == (seconds,)


def test_an_idle_session_is_over(clean):
    token = account(XIU_PHONE)
    with superuser() as root:
        root.execute("update access_session set seen_at = now() - interval '31 minutes' where resident_account is not null")
    answer = browser(token).get("/my/family/")
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/my/login/?next=")


def test_what_was_typed_while_the_session_ended_can_be_sent_again(clean):
    late = browser()
    late.cookies[settings.RESIDENT_COOKIE] = "long-over"
    late.cookies["mq_size"] = "elder2"
    answer = late.post("/my/help/", {"words": "想请人修水管"})
    page = answer.content.decode()
    assert answer.status_code == 401 and 'name="words" value="想请人修水管"' in page and 'data-size="elder2"' in page and "再提交一次" in page
    assert browser().post("/my/help/", {"words": "修"}).status_code == 302


def test_a_residents_token_opens_nothing_at_the_desk_and_a_colleagues_nothing_here(clean):
    client = browser()
    client.cookies[settings.SESSION_COOKIE] = account(XIU_PHONE)
    assert client.get("/").status_code == 302
    assert staff("香").get("/my/file/").headers["Location"].startswith("/my/login/")
    other = browser()
    other.cookies[settings.RESIDENT_COOKIE] = staff("香").cookies[settings.SESSION_COOKIE].value
    assert other.get("/my/family/").status_code == 302


# --- who one is -----------------------------------------------------------------------------------------------------------------


def test_phone_name_and_end_of_the_number_link_once(as_resident, village):
    client, number = as_resident(XIU_PHONE), number_of(village["姜水仙"])
    assert client.post("/my/link/", {"name": "姜水仙", "tail": number[-4:]}).status_code == 302
    page = text(client.get("/my/file/"))
    assert number in page and "我家档案" in page
    assert client.get("/my/link/").headers["Location"] == "/my/file/"


@pytest.mark.parametrize(("phone", "name", "tail"), [
    (XIU_PHONE, "姜水仙", "0000"), (XIU_PHONE, "周志伟", "own"), (UNKNOWN, "姜水仙", "own"), (WEI_PHONE, "姜水仙", "own"), (XIU_PHONE, "没有这人", "own"),
])
def test_whatever_does_not_fit_is_refused_with_one_sentence(as_resident, village, phone, name, tail):
    answer = as_resident(phone).post("/my/link/", {"name": name, "tail": number_of(village["姜水仙"])[-4:] if tail == "own" else tail})
    assert answer.status_code == 422 and "没能核对上。可能是姓名" in text(answer)


def test_a_phone_that_two_adults_share_opens_neither_file(as_resident, village):
    with superuser() as root:
        root.execute("set session_replication_role = replica")
        root.execute("insert into archives_searchkey (key, village, grid_code, kind, person_id) select key, village, grid_code, 'p', %s from archives_searchkey where person_id = %s and kind = 'p' limit 1",
                     [village["毛彩凤"], village["姜水仙"]])
    try:
        answer = as_resident(XIU_PHONE).post("/my/link/", {"name": "姜水仙", "tail": number_of(village["姜水仙"])[-4:]})
        assert answer.status_code == 422
    finally:
        with superuser() as root:
            root.execute("delete from archives_searchkey where person_id = %s and kind = 'p' and key in (select key from archives_searchkey where person_id = %s)", [village["毛彩凤"], village["姜水仙"]])


def test_guessing_the_end_of_a_number_ends_after_ten_looks(as_resident, village):
    client, tail = as_resident(XIU_PHONE), number_of(village["姜水仙"])[-4:]
    for n in range(10):
        client.post("/my/link/", {"name": "姜水仙", "tail": f"{n:04d}" if f"{n:04d}" != tail else "9998"})
    assert client.post("/my/link/", {"name": "姜水仙", "tail": tail}).status_code == 422


# --- at the window ----------------------------------------------------------------------------------------------------------------


def hold(client, number: str):
    page = client.post("/subjects/", {"number": number, "seen": "on"})
    found = re.search(r'name="card" value="([^"]+)"', page.content.decode())
    return page, found.group(1) if found else ""


def test_the_window_confirms_face_to_face_and_the_phone_opens_the_file(clean, village):
    clerk, number = staff("敏"), number_of(village["姜水仙"])
    page, card = hold(clerk, number)
    assert "姜水仙" in text(page)
    assert "已开通" in text(clerk.post("/subjects/confirm/", {"card": card, "phone": UNKNOWN}))
    assert number in text(browser(account(UNKNOWN)).get("/my/file/"))
    with superuser() as root:
        assert root.execute("select count(*) from access_auditentry where what = 'subject.confirm' and persons @> array[%s]::uuid[]", [village["姜水仙"]]).fetchone()[0] >= 1


def test_only_in_ones_own_places_only_with_the_right_and_only_ones_own_note(clean, village):
    number = number_of(village["姜水仙"])
    elsewhere, _card = hold(staff("芳"), number)
    assert elsewhere.status_code == 422 and "没有查到" in text(elsewhere)
    assert staff("国").get("/subjects/").status_code == 403
    _page, card = hold(staff("敏"), number)
    assert staff("香").post("/subjects/confirm/", {"card": card, "phone": UNKNOWN}).status_code == 404
    assert staff("敏").post("/subjects/confirm/", {"card": card + "x", "phone": UNKNOWN}).status_code == 404


def test_a_phone_of_somebody_else_is_not_given_away(clean, village):
    account(WEI_PHONE, village["周志伟"])
    _page, card = hold(staff("香"), number_of(village["姜水仙"]))
    answer = staff("香").post("/subjects/confirm/", {"card": card, "phone": WEI_PHONE})
    assert answer.status_code == 422 and "已经是另一个人的登录号码" in text(answer)


def test_a_letter_opens_once_and_the_next_letter_ends_the_one_before(clean, village):
    officer = staff("兰")
    codes = []
    for _n in range(2):
        _page, card = hold(officer, number_of(village["姜水仙"]))
        pdf = officer.post("/subjects/letter/", {"card": card})
        assert pdf.headers["Content-Type"] == "application/pdf"
        words = "".join(p.get_textpage().get_text_range() for p in pypdfium2.PdfDocument(pdf.content)).replace("\r", "")
        tight = re.sub(r"\s", "", words)
        codes.append(re.search(r"编号(\d{9})口令([2-9A-Z]{8})只能用一次", tight).groups())
    (number, first), (_same, second) = codes
    assert browser().post("/my/login/letter/", {"number": number, "code": first}).status_code == 422
    client = browser()
    assert client.post("/my/login/letter/", {"number": number, "code": second.lower()}).status_code == 302
    assert "姜水仙" in text(client.get("/my/"))
    again = browser().post("/my/login/letter/", {"number": number, "code": second})
    unknown = browser().post("/my/login/letter/", {"number": "999999999", "code": second})
    assert again.status_code == unknown.status_code == 422
    assert ("编号或口令不对" in text(again)) and ("编号或口令不对" in text(unknown))


# --- the identity provider ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def fake(monkeypatch, clean):
    made = sso.FakeProvider("/my/login/sso/fake/", "x" * 50)
    monkeypatch.setattr(login, "provider", lambda: made)
    return made


def set_out(client):
    target = client.post("/my/login/sso/").headers["Location"]
    return target, dict(re.findall(r"(\w+)=([^&]+)", target))


def test_the_provider_vouches_for_a_phone_and_the_file_still_wants_its_proof(fake, village):
    client = browser()
    target, _query = set_out(client)
    back = client.post(target, {"name": "姜水仙", "phone": XIU_PHONE}).headers["Location"]
    assert client.get(back).headers["Location"] == "/my/"
    assert client.get("/my/file/").headers["Location"] == "/my/link/"
    assert client.post("/my/link/", {"name": "姜水仙", "tail": number_of(village["姜水仙"])[-4:]}).status_code == 302
    assert client.get(back).status_code == 422  # the state was used up


def test_another_browser_cannot_bring_the_code_back(fake):
    victim, attacker = browser(), browser()
    target, query = set_out(attacker)
    back = attacker.post(target, {"name": "甲", "phone": "17900000077"}).headers["Location"]
    set_out(victim)
    assert victim.get(back).status_code == 422
    assert settings.RESIDENT_COOKIE not in victim.cookies
    assert browser().get(f"/my/login/sso/back/?code=x&state={query['state']}").status_code == 422


def token_with(claims, *, key=None, alg="ES256", header=None):
    from joserfc import jwt  # noqa: PLC0415 - only here
    from joserfc.jwk import ECKey  # noqa: PLC0415
    key = key or ECKey.generate_key("P-256", {"kid": "k"})
    return jwt.encode(header or {"alg": alg, "kid": "k"}, claims, key), key


GOOD = {"iss": "https://a.example", "aud": "us", "sub": "1", "nonce": "n"}


@pytest.mark.parametrize("change", [{"iss": "https://b.example"}, {"aud": "them"}, {"nonce": "other"}, {"exp": -3600}, {"sub": None}, {"aud": ["us", "them"]}, {"iat": 86_400}])
def test_a_token_that_is_not_for_us_or_not_now_is_refused(change):
    from joserfc.jwk import KeySet  # noqa: PLC0415
    now = time.time()
    claims = {**GOOD, "iat": int(now), "exp": int(now) + 300}
    claims.update({k: (int(now) + v if k in ("exp", "iat") else v) for k, v in change.items()})
    claims = {k: v for k, v in claims.items() if v is not None}
    token, key = token_with(claims)
    with pytest.raises(sso.SsoError):
        sso.read_token(token, keys=KeySet([key]), issuer=GOOD["iss"], client="us", nonce="n", now=now)


def test_a_token_signed_by_somebody_else_or_by_nobody_is_refused():
    import base64  # noqa: PLC0415
    import json  # noqa: PLC0415

    from joserfc.jwk import ECKey, KeySet  # noqa: PLC0415
    now = time.time()
    claims = {**GOOD, "iat": int(now), "exp": int(now) + 300, "phone_number": "15400000001", "phone_number_verified": False}
    token, key = token_with(claims)
    keys = KeySet([key])
    assert sso.read_token(token, keys=keys, issuer=GOOD["iss"], client="us", nonce="n", now=now).phone == ""  # not verified: no phone
    stranger, _other = token_with(claims, key=ECKey.generate_key("P-256", {"kid": "k"}))
    part = lambda d: base64.urlsafe_b64encode(json.dumps(d).encode()).rstrip(b"=").decode()  # noqa: E731
    nobody = f"{part({'alg': 'none'})}.{part(claims)}."
    head, _body, mark = token.split(".")
    for forged in (stranger, nobody, f"{head}.{part({**claims, 'sub': '2'})}.{mark}", "", "x.y.z"):
        with pytest.raises(sso.SsoError):
            sso.read_token(forged, keys=keys, issuer=GOOD["iss"], client="us", nonce="n", now=now)


def test_the_real_provider_is_asked_over_https_with_its_verifier():
    asked = []

    def get(url, form=None, basic=""):
        asked.append((url, form, basic))
        if url.endswith("openid-configuration"):
            return {"issuer": "https://a.example", "authorization_endpoint": "https://a.example/auth", "token_endpoint": "https://a.example/token", "jwks_uri": "https://a.example/keys"}
        return {"keys": [key.as_dict(private=False)]} if url.endswith("keys") else {"id_token": token}

    now, start = time.time(), sso.begin()
    token, key = token_with({**GOOD, "nonce": start.nonce, "iat": int(now), "exp": int(now) + 300, "name": "甲"})
    found = sso.OidcProvider("https://a.example", "us", "secret", get=get)
    assert "code_challenge_method=S256" in found.authorise_url(start, "https://us.example/back") and start.verifier not in found.authorise_url(start, "x")
    assert found.identify(code="c", start=start, redirect="https://us.example/back", now=now).name == "甲"
    assert asked[1][1]["code_verifier"] == start.verifier
    with pytest.raises(sso.SsoError, match="https"):
        sso.fetch("http://a.example/")
