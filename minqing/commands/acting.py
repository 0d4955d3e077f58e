"""Acting as a member of staff from the command line.

Invariant: there is no way around the scope. A command that touches files opens a short session of the named person, with
his rights and no more, and is audited like a page; with real data (MINQING_REAL=1) his password is asked.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from minqing.access import scope
from minqing.access.actions import sessions
from minqing.access.models import Account, Session, Staff
from minqing.commands.output import Failed


def find_account(words: str) -> Account:
    """By staff number, log-in name, full name or the last character of it. Raises Failed when none or several fit."""
    account = Account.objects.filter(username=words).first()
    if account:
        return account
    with transaction.atomic(using="owner"):
        staff = list(Staff.objects.using("owner").filter(Q(number=words) | Q(name=words))) or list(Staff.objects.using("owner").filter(name__endswith=words))
    if len(staff) != 1:
        raise Failed(f"没有找到“{words}”这名工作人员。" if not staff else f"有 {len(staff)} 人叫“{words}”，请用工号。")
    return Account.objects.get(pk=staff[0].pk)


def open_token(words: str) -> str:
    """A session of that person for this command, ended by `acting_as`."""
    account = find_account(words)
    if settings.REAL:
        password = os.environ.get("MINQING_PASSWORD") or (getpass.getpass("口令：") if sys.stdin.isatty() else "")
        if not check_password(password, account.password):
            raise Failed("口令不对。处理真实数据时，命令行也要本人的口令（或环境变量 MINQING_PASSWORD）。")
    return sessions.open_session(account, device="command line", origin=f"cli {getpass.getuser()}", complete=True).token


@contextlib.contextmanager
def session_of(words: str) -> Iterator[str]:
    """A token that lives as long as the block."""
    token = open_token(words)
    try:
        yield token
    finally:
        Session.objects.filter(token_digest=sessions.digest(token)).update(ended_at=timezone.now())


@contextlib.contextmanager
def acting_as(words: str, *, purpose: str) -> Iterator[scope.Me]:
    """One scoped transaction of that person."""
    with session_of(words) as token, scope.acting(token, purpose=purpose, origin="cli") as me:
        yield me
