"""Logging in and out: passwords, second factors, lock-out, idle end. Alias `login` only.

Invariants: the token leaves the server only in the cookie, the database holds its digest; five failures lock for fifteen
minutes and say so without saying whether the name exists; a privileged account has no session that counts until the
second factor has been given.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import connections, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.models import Account, SecondFactor, Session


class LoginRefused(Exception):
    """Why nobody was logged in, as a sentence for the page."""


WRONG = "登录名或口令不对。请核对大小写；连续输错 {tries} 次会锁定 {minutes} 分钟。"
LOCKED = "连续输错次数过多，已锁定到 {until}（还有 {left} 分钟）。请到时再试；着急请同级或上级同事当面恢复。"
DISABLED = "这个账号已停用。请联系上级管理员。"
TOO_SHORT = "口令至少 10 位，并至少含字母、数字、符号中的两种。"


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True)
class Opened:
    """A session just opened: `token` for the cookie; not `complete` while the second factor is missing."""

    token: str
    session: uuid.UUID
    account: uuid.UUID
    complete: bool
    must_change: bool


def check_strength(password: str) -> None:
    """Raise LoginRefused unless the password has 10 characters of two kinds."""
    kinds = sum((any(c.isalpha() for c in password), any(c.isdigit() for c in password), any(not c.isalnum() for c in password)))
    if len(password) < 10 or kinds < 2:
        raise LoginRefused(_(TOO_SHORT))


def needs_second_factor(account: Account) -> bool:
    return account.privileged and settings.SECOND_FACTOR == "privileged"


def unfinished(account: Account) -> bool:
    """Whether the password alone does not open a session: a second factor is due or wanted, or the password must be changed."""
    if settings.SECOND_FACTOR == "off":
        return account.must_change
    return account.privileged or account.must_change or SecondFactor.objects.filter(account=account).exists()


def locked_sentence(account: Account, at: datetime) -> str:
    """Until when an account is locked, in the time of the place."""
    until = account.locked_until or at
    return _(LOCKED).format(until=timezone.localtime(until).strftime("%H:%M"), left=max(1, round((until - at).total_seconds() / 60)))


def open_session(account: Account, *, device: str, origin: str, complete: bool) -> Opened:
    """Open a session through the definer function that only the log-in role may call."""
    token = secrets.token_urlsafe(32)
    with connections["login"].cursor() as cursor:
        cursor.execute(
            "select access.open_session(%s, %s, %s, %s, %s, %s, %s)",
            [account.id, digest(token), settings.SESSION_SECONDS, settings.IDLE_SECONDS, device[:120], origin[:60], complete],
        )
        session = cursor.fetchone()[0]
    return Opened(token, session, account.id, complete, account.must_change)


def log_in(*, username: str, password: str, device: str, origin: str, at: datetime) -> Opened:
    """Check name and password. Raises LoginRefused with what to do; each failure is audited and counted."""
    with transaction.atomic(using="login"):
        account = Account.objects.select_for_update().filter(username=username.strip()).first()
        if account is None:
            make_password(password)  # the same time as for a real account, so that names cannot be tried out
            audit.record_login("login_failed", account=None, origin=origin)
            outcome: Opened | str = _(WRONG).format(tries=settings.LOGIN_TRIES, minutes=settings.LOCK_SECONDS // 60)
        elif account.disabled_at:
            audit.record_login("login_failed", account=account.id, origin=origin, detail={"why": "disabled"})
            outcome = _(DISABLED)
        elif account.locked_until and account.locked_until > at:
            audit.record_login("login_locked", account=account.id, origin=origin)
            outcome = locked_sentence(account, at)
        elif not check_password(password, account.password):
            account.failures += 1
            if account.failures >= settings.LOGIN_TRIES:
                account.failures, account.locked_until = 0, at + timedelta(seconds=settings.LOCK_SECONDS)
            account.save(update_fields=["failures", "locked_until"])
            audit.record_login("login_failed", account=account.id, origin=origin)
            outcome = _(WRONG).format(tries=settings.LOGIN_TRIES, minutes=settings.LOCK_SECONDS // 60)
        else:
            outcome = open_session(account, device=device, origin=origin, complete=not unfinished(account))
            # while a second factor is due the count goes on: who has the password must not try codes for ever
            if outcome.complete:
                Account.objects.filter(pk=account.pk).update(failures=0, locked_until=None)
                audit.record_login("login", account=account.id, origin=origin)
    if isinstance(outcome, str):
        raise LoginRefused(outcome)
    return outcome


def find(token: str, *, at: datetime) -> Session | None:
    """The live session of a token, complete or not; touches `seen_at` at most once a minute."""
    session = Session.objects.filter(token_digest=digest(token), ended_at=None, expires_at__gt=at).first()
    if session is None or session.seen_at + timedelta(seconds=session.idle_seconds) <= at:
        return None
    if session.seen_at < at - timedelta(seconds=60):
        Session.objects.filter(pk=session.pk).update(seen_at=at)
    return session


def complete(session: Session, *, origin: str) -> None:
    """The second factor has been given."""
    Session.objects.filter(pk=session.pk).update(complete=True, challenge=None)
    audit.record_login("login", account=session.account_id, origin=origin, detail={"second_factor": True})


def log_out(session: Session, *, at: datetime, origin: str) -> None:
    Session.objects.filter(pk=session.pk).update(ended_at=at)
    audit.record_login("logout", account=session.account_id, origin=origin)


@transaction.atomic(using="login")
def change_password(account: Account, *, old: str | None, new: str, origin: str) -> None:
    """`old` is None only when a colleague restored access face to face. All other sessions go on; the next log-in needs the new one."""
    if old is not None and not check_password(old, account.password):
        raise LoginRefused(_("原口令不对，没有更改。"))
    check_strength(new)
    Account.objects.filter(pk=account.pk).update(password=make_password(new), must_change=False, failures=0, locked_until=None)
    audit.record_login("password_changed", account=account.id, origin=origin)


@transaction.atomic(using="login")
def restore_access(account: Account, *, by: uuid.UUID, at: datetime, origin: str) -> str:
    """Face to face: a new one-time password, second factors removed, old sessions ended. The caller has checked the rank."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    Account.objects.filter(pk=account.pk).update(password=make_password(password), must_change=True, failures=0, locked_until=None, disabled_at=None)
    SecondFactor.objects.filter(account=account).delete()
    Session.objects.filter(account_id=account.id, ended_at=None).update(ended_at=at)
    audit.record_login("access_restored", account=account.id, origin=origin, detail={"by": str(by)})
    return password


def create_account(*, id: uuid.UUID, username: str, password: str | None, privileged: bool, origin: str, using: str = "login") -> str:
    """The second of two repeatable steps (Staff first). Returns the one-time password where none was given."""
    chosen = password or "-".join(secrets.token_hex(2) for _ in range(4))
    account, made = Account.objects.using(using).get_or_create(
        id=id, defaults={"username": username, "password": make_password(chosen), "must_change": password is None, "privileged": privileged},
    )
    if not made and privileged and not account.privileged:
        Account.objects.using(using).filter(pk=id).update(privileged=True)
    if made and using == "login":
        audit.record_login("account_created", account=id, origin=origin)
    return chosen if made else ""


def make_privileged(account: uuid.UUID) -> None:
    """A privileged role was given: from the next log-in on a second factor is wanted. Repeatable; never taken back by itself."""
    Account.objects.filter(pk=account).update(privileged=True)


def disable(account: uuid.UUID, *, at: datetime, origin: str) -> None:
    """He left: the name logs in no more. Repeatable.

    His sessions were ended by staff.leave in the other transaction; touching them here would wait for that one for ever.
    """
    with transaction.atomic(using="login"):
        if Account.objects.filter(pk=account, disabled_at=None).update(disabled_at=at):
            audit.record_login("account_disabled", account=account, origin=origin)


def count_failure(account_id: uuid.UUID, *, at: datetime, origin: str) -> None:
    """A wrong second factor counts like a wrong password."""
    with transaction.atomic(using="login"):
        Account.objects.filter(pk=account_id).update(failures=F("failures") + 1)
        Account.objects.filter(pk=account_id, failures__gte=settings.LOGIN_TRIES).update(failures=0, locked_until=at + timedelta(seconds=settings.LOCK_SECONDS))
        audit.record_login("second_factor_failed", account=account_id, origin=origin)
