"""Second factors: codes by time, printed codes, passkeys, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone
from fido2 import cbor
from fido2.cose import ES256
from fido2.webauthn import AttestedCredentialData, AuthenticatorData

from minqing.access.actions import factors, sessions
from minqing.access.models import Account, SecondFactor, Session
from tests.people import PASSWORD

HOST = "minqing.example.gov.cn"


class Device:
    """A passkey authenticator in thirty lines: makes a key, signs challenges, counts."""

    def __init__(self) -> None:
        self.key, self.id, self.count = ec.generate_private_key(ec.SECP256R1()), os.urandom(16), 0

    def data(self, extra: bytes = b"", *, verified: bool = True) -> bytes:
        self.count += 1
        flags = 1 | (4 if verified else 0) | (0x40 if extra else 0)
        return hashlib.sha256(HOST.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big") + extra

    @staticmethod
    def client(kind: str, challenge: str, origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()

    def answer(self, response: dict[str, bytes]) -> str:
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": {k: text(v) for k, v in response.items()}})

    def create(self, options: str, *, origin: str = f"https://{HOST}") -> str:
        wanted = json.loads(options)
        credential = AttestedCredentialData.create(bytes(16), self.id, ES256.from_cryptography_key(self.key.public_key()))
        return self.answer({"clientDataJSON": self.client("webauthn.create", wanted["challenge"], origin),
                            "attestationObject": cbor.encode({"fmt": "none", "attStmt": {}, "authData": AuthenticatorData(self.data(bytes(credential)))})})

    def get(self, options: str, *, origin: str = f"https://{HOST}", verified: bool = True) -> str:
        client = self.client("webauthn.get", json.loads(options)["challenge"], origin)
        data = self.data(verified=verified)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self.answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature})


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.fixture
def admin(world):
    """何管's account and a session that waits for the second factor."""
    account = Account.objects.get(username="guan")
    return account, log_in()


def log_in() -> Session:
    """After the right password; Argon2 itself is not what is tested here."""
    account = Account.objects.get(username="guan")
    return Session.objects.get(pk=sessions.open_session(account, device="test", origin="127.0.0.1", complete=not sessions.unfinished(account)).session)


def test_the_codes_of_rfc_6238():
    """Appendix B, SHA-1, the last six of its eight digits."""
    secret = b"12345678901234567890"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert factors.totp_code(secret, seconds // 30) == code


def test_a_privileged_account_enrols_before_anything_else(admin):
    account, session = admin
    assert not session.complete
    assert factors.next_step(session, account) == "enrol"


def test_enrolling_and_giving_a_code_by_time(admin):
    account, session = admin
    now = timezone.now()
    secret, address = factors.begin_totp(session, account, at=now)
    assert address.startswith("otpauth://totp/") and secret in address
    assert not SecondFactor.objects.filter(account=account).exists(), "nothing is kept before one code proves it"
    with pytest.raises(factors.FactorRefused):
        factors.finish_totp(session, account, code="000000", label="", at=now, origin="t")
    raw = base64.b32decode(secret)
    factors.finish_totp(session, account, code=factors.totp_code(raw, factors.step_at(now)), label="手机", at=now, origin="t")
    assert factors.next_step(session, account) == ""
    assert raw not in bytes(SecondFactor.objects.get(account=account).secret), "the secret is stored encrypted"

    session = log_in()
    assert factors.next_step(session, account) == "factor"
    later = now + timedelta(seconds=60)
    code = factors.totp_code(raw, factors.step_at(later))
    factors.give_code(session, account, code=f"{code[:3]} {code[3:]}", at=later, origin="t")
    assert factors.next_step(session, account) == ""


def test_a_code_is_good_once(admin):
    account, session = admin
    now = timezone.now()
    secret, _ = factors.begin_totp(session, account, at=now)
    code = factors.totp_code(base64.b32decode(secret), factors.step_at(now))
    factors.finish_totp(session, account, code=code, label="", at=now, origin="t")
    with pytest.raises(factors.FactorRefused, match="已经用过"):
        factors.give_code(log_in(), account, code=code, at=now, origin="t")


def test_five_wrong_codes_lock_the_account(admin, settings):
    account, session = admin
    now = timezone.now()
    factors.print_codes(session, account, at=now, origin="t")
    for _ in range(settings.LOGIN_TRIES):
        account.refresh_from_db()
        with pytest.raises(factors.FactorRefused, match="不对"):
            factors.give_code(session, account, code="000000", at=now, origin="t")
    account.refresh_from_db()
    with pytest.raises(factors.FactorRefused, match="锁定到"):
        factors.give_code(session, account, code="000000", at=now, origin="t")
    with pytest.raises(sessions.LoginRefused, match="锁定到"):
        sessions.log_in(username="guan", password=PASSWORD, device="t", origin="t", at=now)


def test_printed_codes_are_ten_and_each_is_good_once(admin):
    account, session = admin
    now = timezone.now()
    codes = factors.print_codes(session, account, at=now, origin="t")
    assert len(set(codes)) == 10
    session = log_in()
    factors.give_code(session, account, code=codes[3].lower().replace("-", " "), at=now, origin="t")
    with pytest.raises(factors.FactorRefused):
        factors.give_code(session, account, code=codes[3], at=now, origin="t")
    assert [f.left for f in factors.mine(account)] == [9]


def test_new_printed_codes_void_the_old(admin):
    account, session = admin
    old = factors.print_codes(session, account, at=timezone.now(), origin="t")
    factors.print_codes(session, account, at=timezone.now(), origin="t")
    with pytest.raises(factors.FactorRefused):
        factors.give_code(log_in(), account, code=old[0], at=timezone.now(), origin="t")


def test_who_used_the_last_printed_code_enrols_before_he_goes_on(admin):
    account, session = admin
    codes = factors.print_codes(session, account, at=timezone.now(), origin="t")
    for code in codes:
        session = log_in()
        factors.give_code(session, account, code=code, at=timezone.now(), origin="t")
    assert factors.next_step(session, account) == "enrol"
    assert factors.next_step(log_in(), account) == "factor", "a later log-in does not enrol with the password alone"


def test_a_passkey_is_added_and_given(admin):
    account, session = admin
    device, now = Device(), timezone.now()
    options = factors.begin_registration(session, account, name="何管", host=HOST, secure=True, at=now)
    factors.finish_registration(session, account, credential=device.create(options), label="办公电脑", host=HOST, secure=True, at=now, origin="t")
    session = log_in()
    options = factors.begin_passkey(session, account, host=HOST, secure=True, at=now)
    assert json.loads(options)["allowCredentials"][0]["id"] == text(device.id)
    factors.give_passkey(session, account, credential=device.get(options), host=HOST, secure=True, at=now, origin="t")
    assert factors.next_step(session, account) == ""


@pytest.fixture
def with_passkey(admin):
    account, session = admin
    device, now = Device(), timezone.now()
    options = factors.begin_registration(session, account, name="何管", host=HOST, secure=True, at=now)
    factors.finish_registration(session, account, credential=device.create(options), label="", host=HOST, secure=True, at=now, origin="t")
    return account, device, log_in(), now


def give(account, session, answer, at):
    factors.give_passkey(session, account, credential=answer, host=HOST, secure=True, at=at, origin="t")


def test_a_passkey_answer_of_another_site_is_refused(with_passkey):
    account, device, session, now = with_passkey
    options = factors.begin_passkey(session, account, host=HOST, secure=True, at=now)
    with pytest.raises(factors.FactorRefused):
        give(account, session, device.get(options, origin="https://minqing.example.com"), now)


def test_a_passkey_answer_is_good_once(with_passkey):
    account, device, session, now = with_passkey
    answer = device.get(factors.begin_passkey(session, account, host=HOST, secure=True, at=now))
    give(account, session, answer, now)
    with pytest.raises(factors.FactorRefused):
        give(account, session, answer, now)


def test_an_old_challenge_is_refused(with_passkey):
    account, device, session, now = with_passkey
    answer = device.get(factors.begin_passkey(session, account, host=HOST, secure=True, at=now))
    with pytest.raises(factors.FactorRefused, match="太久"):
        give(account, session, answer, now + timedelta(minutes=6))


def test_a_copied_passkey_counts_behind_and_is_refused(with_passkey):
    account, device, session, now = with_passkey
    give(account, session, device.get(factors.begin_passkey(session, account, host=HOST, secure=True, at=now)), now)
    device.count = 0
    with pytest.raises(factors.FactorRefused):
        give(account, session, device.get(factors.begin_passkey(session, account, host=HOST, secure=True, at=now)), now)


def test_a_passkey_without_finger_or_pin_is_refused(with_passkey):
    account, device, session, now = with_passkey
    with pytest.raises(factors.FactorRefused):
        give(account, session, device.get(factors.begin_passkey(session, account, host=HOST, secure=True, at=now), verified=False), now)


def test_the_last_factor_of_a_privileged_account_stays(admin):
    account, session = admin
    factors.print_codes(session, account, at=timezone.now(), origin="t")
    (only,) = factors.mine(account)
    with pytest.raises(factors.FactorRefused, match="最后一种"):
        factors.remove(account, only.id, origin="t")
    secret, _ = factors.begin_totp(session, account, at=timezone.now())
    now = timezone.now()
    factors.finish_totp(session, account, code=factors.totp_code(base64.b32decode(secret), factors.step_at(now)), label="", at=now, origin="t")
    factors.remove(account, only.id, origin="t")
    assert [f.kind for f in factors.mine(account)] == ["totp"]


def test_who_is_not_privileged_may_have_none(world):
    account = Account.objects.get(username="lan")
    opened = sessions.log_in(username="lan", password=PASSWORD, device="t", origin="t", at=timezone.now())
    assert opened.complete
    session = Session.objects.get(pk=opened.session)
    factors.print_codes(session, account, at=timezone.now(), origin="t")
    assert not sessions.log_in(username="lan", password=PASSWORD, device="t", origin="t", at=timezone.now()).complete, "who has one is asked for it"
    factors.remove(account, factors.mine(account)[0].id, origin="t")
    assert sessions.log_in(username="lan", password=PASSWORD, device="t", origin="t", at=timezone.now()).complete


def test_switched_off_for_practice_nobody_is_asked(world, settings):
    settings.SECOND_FACTOR = "off"
    assert sessions.log_in(username="guan", password=PASSWORD, device="t", origin="t", at=timezone.now()).complete


def test_a_one_time_password_opens_nothing_before_it_is_changed(world):
    account = Account.objects.get(username="lan")
    once = sessions.restore_access(account, by=account.id, at=timezone.now(), origin="t")
    account.refresh_from_db()
    opened = sessions.log_in(username="lan", password=once, device="t", origin="t", at=timezone.now())
    session = Session.objects.get(pk=opened.session)
    assert not opened.complete and factors.next_step(session, account) == "password"
    sessions.change_password(account, old=once, new="gengjia-zhuyi-2026", origin="t")
    account.refresh_from_db()
    assert factors.next_step(session, account) == ""


def test_the_lock_is_said_in_the_time_of_the_place(world):
    account = Account.objects.get(username="lan")
    account.locked_until = datetime(2026, 11, 1, 2, 15, tzinfo=UTC)
    assert "10:15" in sessions.locked_sentence(account, datetime(2026, 11, 1, 2, 0, tzinfo=UTC))
