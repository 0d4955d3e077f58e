"""Entering a scope: the one way a transaction may talk to the personal tables.

Invariant: Python never restates who may see what; it hands the session's token to the database, gets back who this is,
and asks `may(right, code)` where a page wants to know in advance.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connections, transaction
from django.db.utils import DatabaseError
from django.utils.translation import gettext as _

from minqing.access.rules.roles import ROLES, Right

#: Acts where time alone acts.
NOBODY = uuid.UUID(int=0)
VILLAGE = 12


class NoSession(Exception):
    """The token opens nothing (unknown, ended, idle for too long, second factor missing)."""


class NotAllowed(Exception):
    """The person's appointments do not contain this. The sentence is shown to him."""


@dataclass(frozen=True)
class Post:
    """One valid appointment of the person who acts."""

    id: uuid.UUID
    role: str
    area: str
    area_name: str
    until: str | None
    stands_in_for: str | None
    #: Codes whose place his village or town took: what stands under them is his to read and to carry on.
    was: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.area_name} · {_(ROLES[self.role].label)}"


@dataclass(frozen=True)
class Me:
    """Who acts in this transaction, as the database said. `rights` maps each right to its ranges of codes."""

    id: uuid.UUID
    name: str
    number: str
    session: uuid.UUID | None
    area: str
    purpose: str
    origin: str
    posts: tuple[Post, ...] = ()
    rights: dict[str, str] = field(default_factory=dict)
    using: str = "default"
    department: str = ""
    desk: str = ""   # the one reception at which nobody stands (enter_exchange)

    @property
    def signs(self) -> uuid.UUID | None:
        """Who stands under what is written: None where time alone acts."""
        return None if self.id == NOBODY else self.id

    def holds(self, right: Right) -> bool:
        """Whether he holds the right anywhere (for menus); `may` asks about a place."""
        return self.rights.get(right.value, "{}") not in ("", "{}")

    def may(self, right: Right, code: str) -> bool:
        """The database's answer for one area code."""
        with connections[self.using].cursor() as cursor:
            cursor.execute("select access.may(%s, %s)", [right.value, code])
            return bool(cursor.fetchone()[0])

    def may_where(self, right: Right, codes: list[str]) -> set[str]:
        """Those of the area codes where he holds the right. One statement."""
        with connections[self.using].cursor() as cursor:
            cursor.execute("select code from unnest(%s::text[]) code where access.may(%s, code)", [codes, right.value])
            return {code for (code,) in cursor.fetchall()}

    def require(self, right: Right, code: str, sentence: str = "") -> None:
        """Raise NotAllowed unless he holds the right at `code`."""
        if not self.may(right, code):
            raise NotAllowed(sentence or _("您的任职不含此项：%s。如工作需要，请联系上级管理员。") % _(RIGHT_SENTENCES[right]))

    @property
    def codes(self) -> list[str]:
        """Area codes of the posts that open files, widest first, none inside another."""
        return narrowest_cover([p.area for p in self.posts if Right.PEOPLE in ROLES[p.role].rights])

    def with_former(self, codes: Iterable[str]) -> list[str]:
        """Areas of his own posts with those whose place they took, without a statement."""
        kept = set(codes)
        return sorted(kept | {old for p in self.posts if p.area[:VILLAGE] in kept for old in p.was})

    @property
    def title(self) -> str:
        return "；".join(p.label for p in self.posts) or _("无有效任职")


#: Opens one short transaction in somebody's scope. An action that asks another machine takes this instead of a person: it looks in one
#: step, asks outside of any, and records in the next, so that no lock is held while the other side is slow.
Step = Callable[[], AbstractContextManager[Me]]


RIGHT_SENTENCES = {
    Right.PEOPLE: "查看这里的档案", Right.WRITE: "更改这里的档案", Right.SENSITIVE: "查看健康、残疾、救助信息", Right.GATHER: "归集这里的文件",
    Right.AREAS: "调整这里的网格", Right.APPOINT: "任命这里的工作人员", Right.AUDIT: "查看这里的审计日志", Right.FIGURES: "查看这里的汇总数",
    Right.INTAKE: "登记这里的事情", Right.MATTERS: "办理这里的事情", Right.DISPATCH: "受理和派单", Right.DECIDE: "作这项审批", Right.CALLBACK: "回访", Right.DISCIPLINE: "受理涉及工作人员的反映",
    Right.CATALOGUE: "维护这里的目录和日历", Right.IDENTIFY: "核对这里的人、开通居民账号",
    Right.CONTACT: "安排这里的值班、会议和沟通日",
}


def narrowest_cover(codes: list[str]) -> list[str]:
    """Drop codes that lie inside another of the list: ["330881002205001", "330881002205"] → ["330881002205"]."""
    kept: list[str] = []
    for code in sorted(set(codes)):
        if not any(code.startswith(k) for k in kept):
            kept.append(code)
    return kept


def _me(claim: dict[str, Any], using: str) -> Me:
    return Me(
        # whoever reads his calendar by its address is told by name, and acts as nobody
        id=uuid.UUID(claim["staff"] or claim["reader"]) if claim["staff"] or claim.get("reader") else NOBODY, name=claim["name"], number=claim["number"],
        session=uuid.UUID(claim["session"]) if claim.get("session") else None,
        area=claim["area"], purpose=claim["purpose"], origin=claim["origin"],
        posts=tuple(Post(uuid.UUID(p["id"]), p["role"], p["area"], p["area_name"] or p["area"], p["until"], p["stands_in_for"], tuple(p.get("was", ()))) for p in claim["appointments"]),
        rights=claim["rights"], using=using, department=claim.get("department") or "",
    )


def _call(using: str, sql: str, parameters: list[Any]) -> Any:
    connection = connections[using]
    if not connection.in_atomic_block:
        raise RuntimeError("a scope lives in a transaction: open one first")
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            claim = cursor.fetchone()[0]
    except DatabaseError as error:
        cause = error.__cause__
        if getattr(cause, "sqlstate", "") == "28000":
            raise NoSession(str(cause)) from error
        raise
    return json.loads(claim) if isinstance(claim, str) else claim


def enter(token: str, *, purpose: str, origin: str, using: str = "default") -> Me:
    """Enter the scope of a staff session in the running transaction. Raises NoSession."""
    me = _me(_call(using, "select access.enter(%s, %s, %s)", [token, purpose, origin]), using)
    connections[using].scope = me
    return me


def enter_batch(batch: uuid.UUID, *, origin: str = "gather") -> Me:
    """Enter a batch as the gathering role: the officer's appointment ∩ the batch's area."""
    me = _me(_call("gather", "select access.enter_batch(%s, %s, %s)", [batch, "gather", origin]), "gather")
    connections["gather"].scope = me
    return me


def enter_job(job: int, *, purpose: str) -> Me:
    """Enter the scope of the person who asked for a running job, with his rights of now."""
    me = _me(_call("jobs", "select access.enter_job(%s, %s)", [job, purpose]), "jobs")
    connections["jobs"].scope = me
    return me


@dataclass(frozen=True)
class Visitor:
    """A resident (or nobody in particular) in this transaction, as the database said. `selves` is empty until he is linked to his file.

    `persons`: himself and those for whom he acts; `shared`: and those whom his household lets him see.
    """

    account: uuid.UUID | None
    purpose: str
    origin: str
    selves: tuple[uuid.UUID, ...] = ()
    persons: tuple[uuid.UUID, ...] = ()
    sensitive: tuple[uuid.UUID, ...] = ()
    shared: tuple[uuid.UUID, ...] = ()
    households: tuple[uuid.UUID, ...] = ()
    using: str = "resident"


def _visitor(claim: dict[str, Any]) -> Visitor:
    def ids(key: str) -> tuple[uuid.UUID, ...]:
        return tuple(uuid.UUID(i) for i in claim.get(key) or ())

    visitor = Visitor(
        account=uuid.UUID(claim["account"]) if claim.get("account") else None, purpose=claim["purpose"], origin=claim["origin"],
        selves=ids("self"), persons=ids("persons"), sensitive=ids("sensitive"), shared=ids("shared"), households=ids("households"),
    )
    connections["resident"].scope = visitor
    return visitor


def enter_resident(token: str, *, purpose: str, origin: str) -> Visitor:
    """Enter the scope of a resident's session in the running transaction of alias `resident`. Raises NoSession."""
    return _visitor(_call("resident", "select access.enter_resident(%s, %s, %s)", [token, purpose, origin]))


def enter_public(*, purpose: str, origin: str) -> Visitor:
    """Enter as nobody in particular: what is published, and the doors for words without a name."""
    return _visitor(_call("resident", "select access.enter_public(%s, %s)", [purpose, origin]))


def enter_matter(matter: uuid.UUID) -> Me:
    """Enter, as the jobs' role, exactly one matter for what time brings: nobody acts, nothing else is seen."""
    me = _me(_call("jobs", "select access.enter_matter(%s)", [matter]), "jobs")
    connections["jobs"].scope = me
    return me


def enter_exchange(desk: str, matter: uuid.UUID | None = None) -> Me:
    """Enter, as the jobs' role, one reception to fetch and hand over: nobody acts, no matter is seen but the new one whose id is given."""
    me = replace(_me(_call("jobs", "select access.enter_exchange(%s, %s)", [desk, matter]), "jobs"), desk=desk)
    connections["jobs"].scope = me
    return me


def enter_evening(village: str) -> Me:
    """Enter, as the jobs' role, one village for its evening list: nobody acts, no row is seen; the definer functions work there alone."""
    me = _me(_call("jobs", "select access.enter_evening(%s)", [village]), "jobs")
    connections["jobs"].scope = me
    return me


def enter_analysis(village: str) -> Me:
    """Enter, as the jobs' role, one village for the draft of its month: nobody acts, figures are read there and no row."""
    me = _me(_call("jobs", "select access.enter_analysis(%s)", [village]), "jobs")
    connections["jobs"].scope = me
    return me


def enter_relatives(grid: str) -> Me:
    """Enter, as the jobs' role, for telling people what their relatives did: without a grid to ask, with one to write there."""
    me = _me(_call("jobs", "select access.enter_relatives(%s)", [grid]), "jobs")
    connections["jobs"].scope = me
    return me


def enter_keeper() -> Me:
    """Enter, as the jobs' role, for the night's erasing: nobody acts, no row is seen; the functions of retention work alone."""
    me = _me(_call("jobs", "select access.enter_keeper()", []), "jobs")
    connections["jobs"].scope = me
    return me


def enter_volunteers() -> Me:
    """Enter, as the jobs' role, for what time brings to volunteer teams: nobody acts, no row is seen; two definer functions work alone."""
    me = _me(_call("jobs", "select access.enter_volunteers()", []), "jobs")
    connections["jobs"].scope = me
    return me


def enter_days(area: str) -> Me:
    """Enter, as the jobs' role, for days with bookings: "" to ask what is due, an area's code to lay out days and tell people there."""
    me = _me(_call("jobs", "select access.enter_days(%s)", [area]), "jobs")
    connections["jobs"].scope = me
    return me


class TooOften(Exception):
    """Too many addresses were tried from there this hour."""


def enter_feed(token: str, *, origin: str) -> tuple[Me, str] | None:
    """Enter as whoever reads a calendar by its address, without a right: (who, "own" | "village"). None for an address that is none. Raises TooOften.

    Commit afterwards: what was refused is counted.
    """
    claim = _call("default", "select access.enter_feed(%s, %s)", [token, origin])
    if claim is None:
        return None
    if claim.get("busy"):
        raise TooOften
    me = _me(claim, "default")
    connections["default"].scope = me
    return me, str(claim["feed"])


@dataclass(frozen=True)
class PhoneActor:
    """A telephone system in this transaction: its line, the desk its calls come to. It acts in nobody's name and holds no right."""

    me: Me
    line: uuid.UUID
    desk: str
    area: str
    fallback: str = ""


def _phone_actor(claim: dict[str, Any], using: str) -> PhoneActor:
    actor = PhoneActor(_me(claim, using), uuid.UUID(claim["line"]), claim["desk"], claim["area"], claim.get("fallback") or "")
    connections[using].scope = actor.me
    return actor


def enter_cti(token: str, *, origin: str, using: str = "default") -> PhoneActor:
    """Enter as the telephone system whose token this is: calls of its own line, nothing else. Raises NoSession."""
    return _phone_actor(_call(using, "select access.enter_cti(%s, %s)", [token, origin]), using)


def enter_line(line: uuid.UUID) -> PhoneActor:
    """Enter, as the jobs' role, one telephone line, to file what was left on its voicemail."""
    return _phone_actor(_call("jobs", "select access.enter_line(%s)", [line]), "jobs")


def current(using: str = "default") -> Me:
    """Who acts now; raises where nobody does."""
    me = connections[using].scope
    if me is None:
        raise NoSession("no scope in this transaction")
    return me  # type: ignore[no-any-return]


@contextlib.contextmanager
def acting(token: str, *, purpose: str, origin: str, using: str = "default") -> Iterator[Me]:
    """One scoped transaction: `with scope.acting(token, purpose="…", origin="…") as me:`."""
    with transaction.atomic(using=using):
        yield enter(token, purpose=purpose, origin=origin, using=using)
