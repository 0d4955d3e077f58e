"""Residents log in: a code to the phone, a printed letter, the county's identity provider. Alias `login` only.

Invariants: whatever the number, known or not, the answer is the same and takes the same way; a code is good once, ten
minutes, five tries; a session's token is made at log-in and never before it; the account that opens is not yet a person.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections, transaction
from django.utils.translation import gettext as _

from minqing.access import keyring
from minqing.access.actions import sending, sessions
from minqing.access.models import LoginCode, ResidentAccount, Session
from minqing.lib import ciphers, phones

PHONE = "phone"  # the same digest as the archives', so that the database can compare
CODE_MINUTES, RESEND_SECONDS, TRIES = 10, 60, 5
PER_PHONE = ((timedelta(hours=1), 5), (timedelta(days=1), 10))
PER_ADDRESS = (timedelta(hours=1), 60)
WRONG_PER_ADDRESS = 60
LETTER_DAYS = 60
OWN_PHONE_DAYS = 90
#: Letters and digits that nobody mixes up on paper or on the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
LETTER_LENGTH = 8
COLUMN = "access_residentaccount.phone_cipher"

NOT_A_MOBILE = "请填 11 位手机号。没有手机的，请凭登录信登录，或到窗口办理。"
TOO_SOON = "刚发过验证码，请等 {seconds} 秒再要。没收到可以选“打电话告诉我”。"
TOO_OFTEN = "这个号码今天要验证码的次数太多了，请晚些再试，或打热线、到窗口办理。"
BUSY = "这里要验证码的次数太多了，请过一小时再试，或打热线、到窗口办理。"
NOT_SENT = "验证码没有发出去。请过一分钟再试，或凭登录信登录，或到窗口、村便民服务点由工作人员帮您登录。"
WRONG = "验证码不对或已失效。请核对后再填，或重新要一个。"
WRONG_LETTER = "编号或口令不对，或这封信已经用过。请核对后再填；还不行请到窗口重打一封。"
STALE = "这一步放得太久了，请重新开始。"


class LoginRefused(Exception):
    """Why nobody was logged in, as a sentence for the page."""


@dataclass(frozen=True)
class Pending:
    """A code on its way: the row, the end of the number; the code itself only among fictitious people."""

    id: uuid.UUID
    tail: str
    shown: str = ""


@dataclass(frozen=True)
class Opened:
    """A session just opened: `token` for the cookie, for how many seconds."""

    token: str
    account: uuid.UUID
    seconds: int


def digest_of_code(row: uuid.UUID, code: str) -> bytes:
    return keyring.ring().digester().digest("login_code", f"{row}:{code}")


def digest_of_word(number: str, word: str) -> bytes:
    """Receipt number and word, of a complaint or a matter that is followed without a log-in."""
    return keyring.ring().digester().digest("receipt", f"{number}:{word.strip().upper()}")


def digests_of_word(number: str, word: str) -> list[bytes]:
    """The digest under every key, newest first: a receipt outlives a change of keys."""
    found = keyring.ring().digests("receipt", f"{number}:{word.strip().upper()}")
    return [found[number_of_key] for number_of_key in sorted(found, reverse=True)]


def phone_digest(number: str) -> tuple[int, bytes]:
    """Number of the key that writes, and the digest of a normalised phone under it."""
    digests = keyring.ring().digests(PHONE, number)
    newest = max(digests)
    return newest, digests[newest]


def read_mobile(text: str) -> str:
    """One mobile number as typed. Raises LoginRefused."""
    number = phones.normalise(text) or ""
    if not phones.is_mobile(number):
        raise LoginRefused(_(NOT_A_MOBILE))
    return number


def seal_phone(account: uuid.UUID, number: str) -> bytes:
    return keyring.ring().cipher().encrypt(number, ciphers.context(COLUMN, account))


def record(what: str, *, account: uuid.UUID | None, origin: str, **detail: str) -> None:
    """One entry of the audit, before there is a scope."""
    with connections["login"].cursor() as cursor:
        cursor.execute("select access.audit_resident(%s, %s, %s, %s, jsonb_build_object('kind', %s::text))", [uuid.uuid4(), what, account, origin, detail.get("kind", "")])


# --- a code to the phone ------------------------------------------------------------------------------------------------


def _check_floods(digests: list[bytes], at: datetime, origin: str) -> None:
    sent = LoginCode.objects.filter(kind__in=("sms", "voice"))
    own = sent.filter(phone_digest__in=digests)
    last = own.order_by("-made_at").values_list("made_at", flat=True).first()
    if last and last > at - timedelta(seconds=RESEND_SECONDS):
        raise LoginRefused(_(TOO_SOON).format(seconds=RESEND_SECONDS - int((at - last).total_seconds())))
    for span, most in PER_PHONE:
        if own.filter(made_at__gt=at - span).count() >= most:
            raise LoginRefused(_(TOO_OFTEN))
    if sent.filter(origin=origin[:60], made_at__gt=at - PER_ADDRESS[0]).count() >= PER_ADDRESS[1]:
        raise LoginRefused(_(BUSY))


def request_code(*, phone: str, spoken: bool, at: datetime, origin: str) -> Pending:
    """Send six digits, good for ten minutes. Raises LoginRefused for what is no mobile, and for floods."""
    number = read_mobile(phone)
    digests = list(keyring.ring().digests(PHONE, number).values())
    code, row = f"{secrets.randbelow(1_000_000):06d}", uuid.uuid4()
    with transaction.atomic(using="login"):
        _check_floods(digests, at, origin)
        LoginCode.objects.filter(phone_digest__in=digests, kind__in=("sms", "voice"), ended_at=None).update(ended_at=at)
        LoginCode.objects.create(
            id=row, kind="voice" if spoken else "sms", phone_digest=phone_digest(number)[1], phone_cipher=keyring.ring().cipher().encrypt(number, ciphers.context("access_logincode.phone_cipher", row)),
            code_digest=digest_of_code(row, code), made_at=at, expires_at=at + timedelta(minutes=CODE_MINUTES), origin=origin[:60],
        )
        record("resident.code", account=None, origin=origin, kind="voice" if spoken else "sms")
    if not sending.send_code(code=code, phone=number, spoken=spoken, key=row, at=at):
        raise LoginRefused(_(NOT_SENT))
    return Pending(row, number[-4:], code if settings.FICTITIOUS else "")


def _check_guesses(origin: str, at: datetime) -> None:
    tries = sum(LoginCode.objects.filter(origin=origin[:60], made_at__gt=at - PER_ADDRESS[0]).values_list("tries", flat=True))
    if tries >= WRONG_PER_ADDRESS:
        raise LoginRefused(_(BUSY))


def _use(row: LoginCode | None, code: str, at: datetime, *, sentence: str) -> LoginCode | str:
    """The row if the code is right and good, used up; else the sentence. A wrong one counts, the fifth ends the code."""
    if row is None or row.ended_at is not None or row.expires_at <= at or row.tries >= TRIES:
        return _(sentence)
    if not hmac.compare_digest(bytes(row.code_digest), digest_of_code(row.pk, code)):
        row.tries += 1
        row.ended_at = at if row.tries >= TRIES else None
        row.save(update_fields=["tries", "ended_at"])
        return _(sentence)
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    return row


def give_code(*, pending: uuid.UUID, code: str, own_phone: bool, device: str, origin: str, at: datetime) -> Opened:
    """The six digits back. Makes the account at the first time. Raises LoginRefused with the same sentence whatever was wrong."""
    digits = "".join(c for c in code if c.isdigit())
    with transaction.atomic(using="login"):
        _check_guesses(origin, at)
        found = LoginCode.objects.select_for_update().filter(pk=pending, kind__in=("sms", "voice")).first()
        used = _use(found, digits, at, sentence=WRONG)
        if isinstance(used, str):
            record("resident.login_failed", account=None, origin=origin, kind="code")
            outcome: Opened | str = used
        else:
            number = keyring.ring().cipher().decrypt_text(used.phone_cipher or b"", ciphers.context("access_logincode.phone_cipher", used.pk))
            outcome = _open(_account_of_phone(number, at), own_phone=own_phone, device=device, origin=origin, kind=used.kind)
    if isinstance(outcome, str):
        raise LoginRefused(outcome)
    return outcome


def _account_of_phone(number: str, at: datetime) -> ResidentAccount:
    digests = keyring.ring().digests(PHONE, number)
    account = ResidentAccount.objects.filter(phone_digest__in=list(digests.values())).first()
    if account is None:
        key_no, digest = phone_digest(number)
        row = uuid.uuid4()
        account, _made = ResidentAccount.objects.get_or_create(phone_digest=digest, key_no=key_no, defaults={"id": row, "phone_cipher": seal_phone(row, number), "made_at": at})
    return account


def _open(account: ResidentAccount, *, own_phone: bool, device: str, origin: str, kind: str) -> Opened:
    if account.disabled_at:
        raise LoginRefused(_("这个账号已停用，请到窗口办理。"))
    token = secrets.token_urlsafe(32)
    seconds, idle = (OWN_PHONE_DAYS * 86_400,) * 2 if own_phone else (settings.SESSION_SECONDS, settings.IDLE_SECONDS)
    with connections["login"].cursor() as cursor:
        cursor.execute("select access.open_resident_session(%s, %s, %s, %s, %s, %s)", [account.pk, sessions.digest(token), seconds, idle, device[:120], origin[:60]])
    record("resident.login", account=account.pk, origin=origin, kind=kind)
    return Opened(token, account.pk, seconds)


# --- a printed letter ---------------------------------------------------------------------------------------------------


def tidy_letter(text: str) -> str:
    """What somebody typed from paper: capitals, without blanks and dashes."""
    return "".join(c for c in text.upper() if c.isalnum())


def new_letter() -> tuple[str, str]:
    """(letter number, code) of a letter to be printed; the caller stores the digest of the code."""
    return f"{secrets.randbelow(10**9):09d}", "".join(secrets.choice(ALPHABET) for _n in range(LETTER_LENGTH))


def give_letter(*, number: str, code: str, own_phone: bool, device: str, origin: str, at: datetime) -> Opened:
    """Number and code from the letter; good once. Unknown numbers count and answer like wrong codes."""
    digits = "".join(c for c in number if c.isdigit())
    with transaction.atomic(using="login"):
        _check_guesses(origin, at)
        account = ResidentAccount.objects.filter(letter_no=digits, disabled_at=None).first() if digits else None
        found = LoginCode.objects.select_for_update().filter(account_id=account.pk, kind="letter", ended_at=None).order_by("-made_at").first() if account else None
        used = _use(found, tidy_letter(code), at, sentence=WRONG_LETTER)
        if isinstance(used, str):
            # the address that guesses is counted, whoever's letter it was
            LoginCode.objects.create(id=uuid.uuid4(), kind="letter", code_digest=b"", made_at=at, expires_at=at, ended_at=at, tries=1, origin=origin[:60])
            record("resident.login_failed", account=account.pk if account else None, origin=origin, kind="letter")
            outcome: Opened | str = used
        elif account is None:
            outcome = _(WRONG_LETTER)
        else:
            outcome = _open(account, own_phone=own_phone, device=device, origin=origin, kind="letter")
    if isinstance(outcome, str):
        raise LoginRefused(outcome)
    return outcome


# --- the county's identity provider ---------------------------------------------------------------------------------------


def begin_sso(*, state: str, at: datetime, origin: str) -> uuid.UUID:
    """Remember that this browser set out for the provider; the state comes back once."""
    row = uuid.uuid4()
    LoginCode.objects.create(id=row, kind="sso", code_digest=digest_of_code(row, state), made_at=at, expires_at=at + timedelta(minutes=CODE_MINUTES), origin=origin[:60])
    return row


def check_state(*, row: uuid.UUID, state: str, at: datetime) -> None:
    """Use the state up. Raises LoginRefused where it is another one, too old or used."""
    with transaction.atomic(using="login"):
        used = _use(LoginCode.objects.select_for_update().filter(pk=row, kind="sso").first(), state, at, sentence=STALE)
    if isinstance(used, str):
        raise LoginRefused(used)


def finish_sso(*, issuer: str, subject: str, phone: str, own_phone: bool, device: str, origin: str, at: datetime) -> Opened:
    """The provider vouches for this person; `phone` only where the provider has verified it."""
    digest = keyring.ring().digester().digest("sso", f"{issuer}|{subject}")
    known = list(keyring.ring().digests("sso", f"{issuer}|{subject}").values())  # also those made before the keys were changed
    number = phones.normalise(phone) or ""
    with transaction.atomic(using="login"):
        account = ResidentAccount.objects.select_for_update().filter(sso_digest__in=known).first()
        if account is None and phones.is_mobile(number):
            account = _account_of_phone(number, at)
            if account.sso_digest is None:
                ResidentAccount.objects.filter(pk=account.pk).update(sso_digest=digest)
            elif bytes(account.sso_digest) not in known:  # the number has another owner there now: an account of his own, without it
                account = None
        if account is None:
            account = ResidentAccount.objects.create(id=uuid.uuid4(), sso_digest=digest, made_at=at)
        return _open(account, own_phone=own_phone, device=device, origin=origin, kind="sso")


# --- leaving --------------------------------------------------------------------------------------------------------------


def find(token: str, *, at: datetime) -> Session | None:
    """The live session of a resident's token; None for a colleague's."""
    session = sessions.find(token, at=at)
    return session if session is not None and session.resident_account is not None else None


def log_out(session: Session, *, at: datetime, origin: str) -> None:
    Session.objects.filter(pk=session.pk).update(ended_at=at)
    record("resident.logout", account=session.resident_account, origin=origin)
