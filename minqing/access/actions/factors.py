"""Second factors: one-time codes by time (RFC 6238), printed codes, passkeys (WebAuthn). Alias `login` only.

Invariants: a secret is stored only under the field key, bound to its row; a code is good once (the time step, the printed
code and the challenge are used up under a row lock); a wrong answer counts like a wrong password and locks like one; a
privileged account never loses its last factor except face to face (sessions.restore_access).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils.translation import gettext as _
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from minqing.access import keyring
from minqing.access.actions import audit, sessions
from minqing.access.models import Account, SecondFactor, Session
from minqing.lib import ciphers

STEP_SECONDS = 30
DIGITS = 6
#: One step before and one after: clocks of phones differ.
WINDOW = (0, -1, 1)
SECRET_BYTES = 20
CODES = 10
#: Letters and digits that nobody mixes up on paper (no 0 O 1 I L U V).
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
CODE_LENGTH = 8
CHALLENGE_MINUTES = 5
#: How long a password given again on "my factors" lets the owner change them.
OWNER_MINUTES = 10
KIND_LABELS = {"totp": "动态口令", "codes": "打印口令", "passkey": "通行密钥"}
COLUMN = "access_secondfactor.secret"

WRONG = "口令不对或已经用过。请等下一个口令，或换一个打印口令。"
STALE = "这一步放得太久了，请重新开始。"
PASSKEY_FAILED = "通行密钥没有通过核对。请再试一次，或换一种方式。"
LAST = "这是最后一种第二因素。您的岗位必须有一种，请先添加别的，再删除这一种。"


class FactorRefused(Exception):
    """Why a second factor was not accepted, added or removed, as a sentence for the page."""


@dataclass(frozen=True)
class Factor:
    """What the owner may know about one of his factors."""

    id: uuid.UUID
    kind: str
    label: str
    added_at: datetime
    used_at: datetime | None
    left: int | None = None  # printed codes that are not used up

    @property
    def kind_label(self) -> str:
        return _(KIND_LABELS[self.kind])


# --- what is stored ---------------------------------------------------------------------------------------------------


def _seal(factor: uuid.UUID, content: bytes) -> bytes:
    return keyring.ring().cipher().encrypt(content, ciphers.context(COLUMN, factor))


def _open(factor: SecondFactor) -> bytes:
    return keyring.ring().cipher().decrypt(factor.secret, ciphers.context(COLUMN, factor.id))


def _add(account: Account, kind: str, content: bytes, *, label: str, at: datetime, origin: str, last_step: int | None = None) -> SecondFactor:
    identity = uuid.uuid4()
    if not label:
        label = KIND_LABELS[kind]
    factor = SecondFactor.objects.create(id=identity, account=account, kind=kind, secret=_seal(identity, content), label=label[:60], added_at=at, last_step=last_step)
    audit.record_login("factor_added", account=account.id, origin=origin, detail={"kind": kind})
    return factor


def mine(account: Account) -> list[Factor]:
    """The factors of an account, oldest first."""
    return [
        Factor(f.id, f.kind, f.label, f.added_at, f.used_at, len(json.loads(_open(f))) if f.kind == "codes" else None)
        for f in SecondFactor.objects.filter(account=account).order_by("added_at")
    ]


def usable(account: Account) -> bool:
    """Whether one of the factors can still be given (printed codes may be used up)."""
    return any(f.left is None or f.left > 0 for f in mine(account))


def next_step(session: Session, account: Account) -> str:
    """What this session still lacks before it counts: "factor", "password", "enrol" or "" (nothing).

    Who has factors gives one first, then changes a one-time password, then (privileged, none yet) enrols. An account whose
    printed codes ran out in this very session enrols before it goes on; later it needs a colleague face to face.
    """
    passed = bool((session.challenge or {}).get("passed"))
    guarded = settings.SECOND_FACTOR != "off"
    has = SecondFactor.objects.filter(account=account).exists()
    if guarded and has and not passed:
        return "factor"
    if account.must_change:
        return "password"
    if sessions.needs_second_factor(account) and not usable(account):
        return "enrol"
    return ""


def _remember(session: Session, **what: Any) -> None:
    """Keep what this session has shown so far (`passed`, `owner_until`) and put the pending question beside it."""
    kept = {name: value for name, value in (session.challenge or {}).items() if name in ("passed", "owner_until")}
    session.challenge = {**kept, **what}
    Session.objects.filter(pk=session.pk).update(challenge=session.challenge)


def _pending(session: Session, kind: str, at: datetime) -> dict[str, Any]:
    """The pending question, used up by reading it. Raises FactorRefused when it is another one or too old."""
    with transaction.atomic(using="login"):
        row = Session.objects.select_for_update().get(pk=session.pk)
        found = dict(row.challenge or {})
        _remember(row)
    session.challenge = row.challenge
    if found.get("kind") != kind or datetime.fromisoformat(found["until"]) < at:
        raise FactorRefused(_(STALE))
    return found


def show_owner(session: Session, account: Account, *, password: str, at: datetime, origin: str) -> None:
    """Before factors of a running session are changed, the password once more: who found the desk unlocked cannot add his own."""
    _refuse_locked(account, at)
    if not check_password(password, account.password):
        sessions.count_failure(account.id, at=at, origin=origin)
        raise FactorRefused(_("现在的口令不对，没有更改。"))
    _remember(session, owner_until=(at + timedelta(minutes=OWNER_MINUTES)).isoformat())


def owner_shown(session: Session, at: datetime) -> bool:
    until = (session.challenge or {}).get("owner_until")
    return bool(until) and datetime.fromisoformat(until) > at


def _until(at: datetime) -> str:
    return (at + timedelta(minutes=CHALLENGE_MINUTES)).isoformat()


def _refuse_locked(account: Account, at: datetime) -> None:
    if account.locked_until and account.locked_until > at:
        raise FactorRefused(sessions.locked_sentence(account, at))


def _passed(session: Session) -> None:
    _remember(session, passed=True)
    Account.objects.filter(pk=session.account_id).update(failures=0)


# --- codes by time (RFC 6238) -----------------------------------------------------------------------------------------


def totp_code(secret: bytes, step: int) -> str:
    """The six digits of one 30-second step: RFC 6238 with SHA-1, as every authenticator app has it."""
    mac = hmac.digest(secret, struct.pack(">Q", step), hashlib.sha1)
    offset = mac[-1] & 15
    number = struct.unpack(">I", mac[offset:offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_at(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def begin_totp(session: Session, account: Account, *, at: datetime) -> tuple[str, str]:
    """(secret in base32, otpauth address for the QR code). Nothing is stored as a factor before one code proves it."""
    secret = secrets.token_bytes(SECRET_BYTES)
    envelope = keyring.ring().cipher().encrypt(secret, ciphers.context("access_session.challenge", session.id))
    _remember(session, kind="totp", until=_until(at), secret=base64.b64encode(envelope).decode())
    return _totp_address(secret, account)


def pending_totp(session: Session, account: Account) -> tuple[str, str] | None:
    """The secret that waits for its first code, to show the page again after a wrong one."""
    found = session.challenge or {}
    if found.get("kind") != "totp":
        return None
    return _totp_address(_pending_secret(session, found), account)


def _pending_secret(session: Session, found: Mapping[str, Any]) -> bytes:
    return keyring.ring().cipher().decrypt(base64.b64decode(found["secret"]), ciphers.context("access_session.challenge", session.id))


def _totp_address(secret: bytes, account: Account) -> tuple[str, str]:
    text = base64.b32encode(secret).decode()
    name = quote(f"连心民情:{account.username}")
    return text, f"otpauth://totp/{name}?" + urlencode({"secret": text, "issuer": "连心民情", "digits": DIGITS, "period": STEP_SECONDS})


def finish_totp(session: Session, account: Account, *, code: str, label: str, at: datetime, origin: str) -> SecondFactor:
    """The first code proves that the phone has the secret. Raises FactorRefused; the secret stays for another try."""
    found = session.challenge or {}
    if found.get("kind") != "totp" or datetime.fromisoformat(found["until"]) < at:
        raise FactorRefused(_(STALE))
    secret = _pending_secret(session, found)
    step = _matching_step(secret, code, at)
    if step is None:
        raise FactorRefused(_("这个口令对不上。请核对手机的时间，输入现在显示的 6 位数字。"))
    with transaction.atomic(using="login"):
        factor = _add(account, "totp", secret, label=label, at=at, origin=origin, last_step=step)
        _passed(session)
    return factor


def _matching_step(secret: bytes, code: str, at: datetime) -> int | None:
    digits = "".join(c for c in code if c.isdigit())
    for shift in WINDOW:
        if hmac.compare_digest(totp_code(secret, step_at(at) + shift).encode(), digits.encode()):
            return step_at(at) + shift
    return None


# --- printed codes ----------------------------------------------------------------------------------------------------


def print_codes(session: Session, account: Account, *, at: datetime, origin: str) -> list[str]:
    """Ten new codes, shown this once; codes printed earlier are void. Each is good for one log-in."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    with transaction.atomic(using="login"):
        SecondFactor.objects.filter(account=account, kind="codes").delete()
        _add(account, "codes", json.dumps([_code_digest(account, c) for c in codes]).encode(), label="", at=at, origin=origin)
        if not session.complete:
            _passed(session)
    return [f"{c[:4]}-{c[4:]}" for c in codes]


def _code_digest(account: Account, code: str) -> str:
    return keyring.ring().digester().digest("printed-code", f"{account.id}:{code}").hex()


# --- giving one -------------------------------------------------------------------------------------------------------


def give_code(session: Session, account: Account, *, code: str, at: datetime, origin: str) -> None:
    """Six digits are a code by time, eight characters a printed one. Raises FactorRefused; a failure is counted and audited."""
    _refuse_locked(account, at)
    with transaction.atomic(using="login"):
        good = _use_totp(account, code, at) or _use_printed(account, code, at)
    if not good:
        sessions.count_failure(account.id, at=at, origin=origin)
        raise FactorRefused(_(WRONG))
    _passed(session)


def _use_totp(account: Account, code: str, at: datetime) -> bool:
    if len("".join(code.split())) != DIGITS:
        return False
    for factor in SecondFactor.objects.select_for_update().filter(account=account, kind="totp"):
        step = _matching_step(_open(factor), code, at)
        # a step is good once: who looked over the shoulder cannot give it again
        if step is not None and step > (factor.last_step or 0):
            factor.last_step, factor.used_at = step, at
            factor.save(update_fields=["last_step", "used_at"])
            return True
    return False


def _use_printed(account: Account, code: str, at: datetime) -> bool:
    text = "".join(c for c in code.upper() if c.isalnum())
    if len(text) != CODE_LENGTH:
        return False
    known = {found.hex() for found in keyring.ring().digests("printed-code", f"{account.id}:{text}").values()}  # also printed before the keys were changed
    for factor in SecondFactor.objects.select_for_update().filter(account=account, kind="codes"):
        left = json.loads(_open(factor))
        if known & set(left):
            left = [digest for digest in left if digest not in known]
            factor.secret, factor.used_at = _seal(factor.id, json.dumps(left).encode()), at
            factor.save(update_fields=["secret", "used_at"])
            return True
    return False


# --- passkeys ---------------------------------------------------------------------------------------------------------


def _server(host: str, *, secure: bool) -> Fido2Server:
    """`host` as the browser named it, with port. The origin must be exactly this program's own."""
    origin = f"{'https' if secure else 'http'}://{host}"
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return Fido2Server(PublicKeyCredentialRpEntity(name="连心民情", id=name), verify_origin=lambda found: hmac.compare_digest(found, origin))


def _credentials(account: Account) -> list[tuple[SecondFactor, AttestedCredentialData, int]]:
    found = []
    for factor in SecondFactor.objects.filter(account=account, kind="passkey"):
        content = json.loads(_open(factor))
        found.append((factor, AttestedCredentialData(base64.b64decode(content["credential"])), int(content["count"])))
    return found


def begin_registration(session: Session, account: Account, *, name: str, host: str, secure: bool, at: datetime) -> str:
    """Options for navigator.credentials.create as JSON; the challenge waits in the session."""
    options, state = _server(host, secure=secure).register_begin(
        PublicKeyCredentialUserEntity(id=account.id.bytes, name=account.username, display_name=name),
        credentials=[c for _, c, _ in _credentials(account)], user_verification=UserVerificationRequirement.REQUIRED,
    )
    _remember(session, kind="register", until=_until(at), state=dict(state))
    return json.dumps(dict(options)["publicKey"], ensure_ascii=False)


def finish_registration(session: Session, account: Account, *, credential: str, label: str, host: str, secure: bool, at: datetime, origin: str) -> SecondFactor:
    """Keep the public key that the device made. Raises FactorRefused."""
    state = _pending(session, "register", at)["state"]
    try:
        made = _server(host, secure=secure).register_complete(state, json.loads(credential))
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise FactorRefused(_(PASSKEY_FAILED)) from error
    if made.credential_data is None:
        raise FactorRefused(_(PASSKEY_FAILED))
    content = json.dumps({"credential": base64.b64encode(made.credential_data).decode(), "count": made.counter})
    with transaction.atomic(using="login"):
        factor = _add(account, "passkey", content.encode(), label=label, at=at, origin=origin)
        if not session.complete:
            _passed(session)
    return factor


def begin_passkey(session: Session, account: Account, *, host: str, secure: bool, at: datetime) -> str:
    """Options for navigator.credentials.get as JSON, '' where the account has no passkey."""
    known = [c for _, c, _ in _credentials(account)]
    if not known:
        return ""
    options, state = _server(host, secure=secure).authenticate_begin(known, user_verification=UserVerificationRequirement.REQUIRED)
    _remember(session, kind="passkey", until=_until(at), state=dict(state))
    return json.dumps(dict(options)["publicKey"], ensure_ascii=False)


def give_passkey(session: Session, account: Account, *, credential: str, host: str, secure: bool, at: datetime, origin: str) -> None:
    """Check the device's signature over the challenge. Raises FactorRefused; a failure is counted and audited."""
    _refuse_locked(account, at)
    state = _pending(session, "passkey", at)["state"]
    with transaction.atomic(using="login"):
        good = _use_passkey(account, state, credential, _server(host, secure=secure), at)
    if not good:
        sessions.count_failure(account.id, at=at, origin=origin)
        raise FactorRefused(_(PASSKEY_FAILED))
    _passed(session)


def _use_passkey(account: Account, state: Mapping[str, Any], credential: str, server: Fido2Server, at: datetime) -> bool:
    known = _credentials(account)
    try:
        answer = json.loads(credential)
        used = server.authenticate_complete(state, [c for _, c, _ in known], answer)
        count = struct.unpack(">I", _bytes(answer["response"]["authenticatorData"])[33:37])[0]
    except (ValueError, KeyError, TypeError, binascii.Error, struct.error):
        return False
    for factor, data, before in known:
        if data.credential_id == used.credential_id:
            if (count or before) and count <= before:  # a copied authenticator counts behind (WebAuthn §6.1.1); 0 = does not count
                return False
            factor.secret = _seal(factor.id, json.dumps({"credential": base64.b64encode(data).decode(), "count": count}).encode())
            factor.used_at = at
            factor.save(update_fields=["secret", "used_at"])
            return True
    return False


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- removing ---------------------------------------------------------------------------------------------------------


@transaction.atomic(using="login")
def remove(account: Account, factor: uuid.UUID, *, origin: str) -> None:
    """Take one factor away. Raises FactorRefused for the last usable one of a privileged account, or an unknown one."""
    rows = {f.id: f for f in SecondFactor.objects.select_for_update().filter(account=account)}
    if factor not in rows:
        raise FactorRefused(_("没有这一项，可能已经删除。"))
    rest = [f for f in mine(account) if f.id != factor and (f.left is None or f.left > 0)]
    if not rest and sessions.needs_second_factor(account):
        raise FactorRefused(_(LAST))
    rows[factor].delete()
    audit.record_login("factor_removed", account=account.id, origin=origin, detail={"kind": rows[factor].kind})
