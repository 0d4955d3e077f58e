"""The policies against a hand-written WHERE, for every statement the desk's pages send, at 2.6 M residents; and the pages' own time.

`python -m bench.scope [--plans DIR] [--csv FILE] [--only PATTERN]`. An officer of a grid, a village secretary, a data officer of a town and one of the
county open every page and read with subjects drawn from their scope. Each statement is then timed by itself, warm, side by side and
alternating: as the application's role under the policies, and as a superuser (no policies) with every table replaced by
`(select … where grid_code >= lo and grid_code < hi)`, which is what one would have written by hand. A statement is within the budget
(DESIGN §9) at 1.3 times, or one millisecond more. The work desk's small questions travel together in two statements
and are timed each by itself: a millisecond is allowed to a question, not to two dozen. Page times are whole requests inside the server process, with templates.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from bench import population
from minqing import ground
from minqing.gateways import postgres

#: Repetitions of a statement for one subject, subjects for statements, subjects for page times.
RUNS, SUBJECTS, PAGES = 9, 3, 24
RATIO, MORE_MS = 1.3, 1.0
#: So many times the repetitions for what seems to be outside the budget.
AGAIN = 5
WHO = {"lan": "grid", "xiang": "village", "bench-town": "town", "shu": "county", "shen": "auditor"}
AREA_TABLES = (
    "archives_household", "archives_membership", "archives_dwelling", "archives_occupancy", "archives_placement", "archives_searchkey", "archives_proposal", "gather_question",
)
PERSON_TABLES = {"archives_resident": "id", "archives_health": "person_id", "archives_disability": "person_id", "archives_relief": "person_id"}
#: Forms of their own: {t_area} and its like are the condition on a code, {placed} on a person's placements.
OWN_TABLES = {
    "archives_kinship": "select t.* from public.archives_kinship t where {placed[person_id]} or {placed[relative_id]}",
    "archives_change": "select t.* from public.archives_change t where (t.grid_code is not null and ({t_area})) or (t.grid_code is null and {placed[person_id]})",
    "archives_act": "select t.* from public.archives_act t where t.grid_code = '' or {t_area}",
    "access_auditentry": "select t.* from public.access_auditentry t where {t_audit}",
    # a matter is seen from a seat: without that a query by hand would show everybody's
    "service_seat": "select t.* from public.service_seat t where t.ends_at is null and {t_seat}",
    "service_matter": "select t.* from public.service_matter t where exists (select from public.service_seat s where s.matter_id = t.id and s.ends_at is null and {s_seat})",
    "service_party": "select t.* from public.service_party t where exists (select from public.service_seat s where s.matter_id = t.matter_id and s.ends_at is null and {s_seat})",
}


@dataclass
class Times:
    """Seconds of one statement, both ways, in milliseconds."""

    sql: str
    policy: list[float] = field(default_factory=list)
    hand: list[float] = field(default_factory=list)
    plan: str = ""

    @property
    def within(self) -> bool:
        if not self.hand:
            return True
        policy, hand = statistics.median(self.policy), statistics.median(self.hand)
        return policy <= hand * RATIO or policy - hand <= MORE_MS


@dataclass
class Page:
    """One page (or read) of one person: times of its requests and of its statements by text."""

    who: str
    name: str
    requests: list[float] = field(default_factory=list)
    statements: dict[str, Times] = field(default_factory=dict)
    sent: int = 0


def by_hand(sql: str, ranges: list[tuple[str, str]]) -> str:
    """The same query with each personal table narrowed in its FROM clause."""

    def area(column: str) -> str:
        return "(" + (" or ".join(f"({column} >= '{lo}' and {column} < '{hi}')" for lo, hi in ranges) or "false") + ")"

    class Placed(dict):  # type: ignore[type-arg]
        def __missing__(self, column: str) -> str:
            return f"exists (select from public.archives_placement p where p.person_id = t.{column} and p.ends_on is null and {area('p.grid_code')})"

    def replace(match: re.Match[str]) -> str:
        table, alias = match["table"], match["alias"] or f'"{match["table"]}"'
        if table in AREA_TABLES:
            inner = f"select * from public.{table} where {area('grid_code')}"
        elif table in PERSON_TABLES:
            inner = f"select t.* from public.{table} t where {Placed()[PERSON_TABLES[table]]}"
        else:
            inner = OWN_TABLES[table].format(t_area=area("t.grid_code"), t_audit=area("t.area_code"), t_seat=area("t.desk_code"), s_seat=area("s.desk_code"), placed=Placed())
        return f'{match["word"]} ({inner}) {alias}'

    names = "|".join([*AREA_TABLES, *PERSON_TABLES, *OWN_TABLES])
    pattern = re.compile(rf'(?P<word>\b(?:from|join))\s+(?:public\.)?"?(?P<table>{names})"?(?:\s+(?:as\s+)?(?P<alias>(?!(?:where|on|inner|left|join|order|group|limit|using|cross|union|for)\b)"?[a-z_][a-z_0-9]*"?))?(?=[\s,)]|$)', re.IGNORECASE)
    return re.sub(r"access\.may\(%s, \(?(\"[a-z_]+\"\.\"[a-z_]+\")\)?::text\)", lambda m: f"(%s = '' or {area(m[1])})", pattern.sub(replace, sql))


# --- what is asked ----------------------------------------------------------------------------------------------------


@dataclass
class Subject:
    """Somebody in the scope, and the words by which he is found."""

    household: Any
    person: Any
    grid: str
    name: str
    sound: str
    initials: str
    number: str
    door: str
    identity: str
    phone: str


def subjects(root: psycopg.Connection[Any], lo: str, hi: str, many: int) -> list[Subject]:
    """People with numbers, drawn from a scope."""
    rows = root.execute(
        f"select p.household, p.id, p.grid, p.name, p.s0 || p.sa || p.sb, left(p.s0, 1) || left(p.sa, 1) || left(p.sb, 1), h.number, h.door, p.serial, p.birth"
        f" from bench.person p join archives_household h on h.id = p.household where p.grid >= %s and p.grid < %s and p.k = 1 and ({population.NUMBERED})", [lo, hi]).fetchall()
    chosen = random.Random(881).sample(rows, min(many, len(rows)))  # noqa: S311 - the same subjects in every run
    return [Subject(*row[:8], population.identity_number(row[8], row[9]), f"154{row[8] % 100_000_000:08d}") for row in chosen]


def pages(who: str, s: Subject) -> dict[str, tuple[str, str, dict[str, str]]]:
    """name → (method, path, data) of every page of the desk that reads files, questions or the log."""
    if who == "shen":
        return {"audit page": ("get", "/audit/", {}), "audit page, one kind": ("get", "/audit/", {"what": "household.open"}), "audit page, one person": ("get", "/audit/", {"person": str(s.person)}), "audit page, too many": ("get", "/audit/", {"odd": "many"})}
    village, here = s.grid[:12], {"village": s.grid[:12]}
    found: dict[str, tuple[str, str, dict[str, str]]] = {
        "work desk": ("get", "/", {}),
        "household list": ("get", "/households/", here),
        "household list, one grid": ("get", "/households/", {"grid": s.grid}),
        "household list, elders": ("get", "/households/", {**here, "tab": "elders"}),
        "household list, to check": ("get", "/households/", {**here, "tab": "check"}),
        "household list, natural village": ("get", "/households/", {**here, "nv": "上坞"}),
        "household list, part of a name": ("get", "/households/", {**here, "q": s.name[1:]}),
        "household list with panel": ("get", "/households/", {**here, "open": str(s.household)}),
        "household page": ("get", f"/households/{s.household}/", {}),
        "household page, history": ("get", f"/households/{s.household}/", {"tab": "history"}),
        "resident page": ("get", f"/people/{s.person}/", {}),
        "family tree": ("get", f"/people/{s.person}/tree/", {}),
        "search: exact name": ("get", "/search/", {"q": s.name}),
        "search: part of a name": ("get", "/search/", {"q": s.name[1:]}),
        "search: pinyin": ("get", "/search/", {"q": s.sound}),
        "search: beginning of pinyin": ("get", "/search/", {"q": s.sound[:4]}),
        "search: initials": ("get", "/search/", {"q": s.initials}),
        "search: household number": ("get", "/search/", {"q": s.number[:6]}),
        "search: part of an address": ("get", "/search/", {"q": s.door}),
        "search: identity number": ("post", "/search/", {"q": s.identity}),
        "search: phone": ("post", "/search/", {"q": s.phone}),
        "questions": ("get", "/questions/", {}),
        "questions of a village": ("get", "/questions/", {"village": village}),
        "today": ("get", "/today/", {}),
    }
    return found


def reads(queries: Any, s: Subject) -> dict[str, Callable[[Any], Any]]:
    """Reads over the whole scope that no page of the desk makes by itself, and what comes before every page."""
    on = date(2026, 11, 21)
    return {
        "entering the scope": lambda me: None,
        "ordered list of the whole scope": lambda me: queries.household_list(me, on=on),
        "the same, a later page": lambda me: queries.household_list(me, on=on, after=f"{s.grid}~{s.number[-6:]:0>8}~"),
        "the same, exact name": lambda me: queries.household_list(me, on=on, q=s.name),
    }


# --- measuring --------------------------------------------------------------------------------------------------------


class Bench:
    """The two connections and the people."""

    def __init__(self) -> None:
        population.prepare()
        self.scope, self.sessions = ground.load("minqing.access.scope"), ground.load("minqing.access.actions.sessions")
        self.queries, self.refusals = ground.load("minqing.archives.queries"), ground.load("minqing.archives.refusals")
        self.account, self.connections, self.settings = ground.load("minqing.access.models").Account, ground.load("django.db").connections, ground.load("django.conf").settings
        self.settings.STORAGES["staticfiles"] = {"BACKEND": "minqing.web.shared.files.Plain"}
        self.settings.ALLOWED_HOSTS = ["*"]
        self.client = ground.load("django.test").Client
        # As the application speaks: nothing prepared (psycopg's own default would prepare the hand-written form at its sixth run and spare it the
        # planning), values bound by the same kind of cursor, rows read by the same adapters.
        self.connections["default"].ensure_connection()
        own = self.connections["default"].connection
        self.root = psycopg.connect(**postgres.open_cluster(population.HOME).superuser_dsn(postgres.DATABASE), autocommit=True, prepare_threshold=None, cursor_factory=own.cursor_factory, context=own)
        self.root.execute("set timezone = 'UTC'")

    def token(self, username: str) -> str:
        return str(self.sessions.open_session(self.account.objects.get(username=username), device="bench", origin="bench", complete=True).token)

    def visitor(self, token: str) -> Any:
        made = self.client(headers={"host": "localhost"})
        made.cookies[self.settings.SESSION_COOKIE] = token
        return made

    def everything(self, only: str) -> Iterator[Page]:
        for username, who in WHO.items():
            token = self.token(username)
            with self.scope.acting(token, purpose="bench", origin="bench") as me:
                found = me.rights.get("people") or me.rights.get("audit") or "{}"
                if found == "{}":
                    found = me.rights["audit"]
            ranges = [(part.split(",")[0], part.split(",")[1]) for part in re.findall(r"\[([^)]*)\)", found)]
            drawn = subjects(self.root, ranges[0][0], ranges[-1][1], PAGES)
            for name in pages(username, drawn[0]):
                if re.search(only, f"{who} {name}"):
                    page = Page(who, name)
                    self.page(page, token, [pages(username, s)[name] for s in drawn], ranges)
                    yield page
            for name in reads(self.queries, drawn[0]) if username != "shen" else ():
                if re.search(only, f"{who} {name}"):
                    page = Page(who, name)
                    self.read(page, token, [reads(self.queries, s)[name] for s in drawn], ranges)
                    yield page

    def page(self, page: Page, token: str, asked: list[tuple[str, str, dict[str, str]]], ranges: list[tuple[str, str]]) -> None:
        visitor = self.visitor(token)

        def ask(method: str, path: str, data: dict[str, str]) -> None:
            response = getattr(visitor, method)(path, data)
            if response.status_code not in (200, 302):
                raise SystemExit(f"{page.who} {page.name}: {response.status_code} at {path}")

        ask(*asked[0])
        page.requests = [timed(lambda a=a: ask(*a)) for a in asked]  # type: ignore[misc]
        for a in asked[:SUBJECTS]:
            self.statements(page, token, self.captured(page, lambda a=a: ask(*a)), ranges)  # type: ignore[misc]

    def read(self, page: Page, token: str, asked: list[Callable[[Any], Any]], ranges: list[tuple[str, str]]) -> None:
        def ask(call: Callable[[Any], Any]) -> None:
            with self.scope.acting(token, purpose="bench", origin="bench") as me:
                call(me)

        ask(asked[0])
        page.requests = [timed(lambda a=a: ask(a)) for a in asked]  # type: ignore[misc]
        for a in asked[:SUBJECTS]:
            self.statements(page, token, self.captured(page, lambda a=a: ask(a)), ranges)  # type: ignore[misc]

    def captured(self, page: Page, call: Callable[[], None]) -> list[tuple[str, Any]]:
        """The reading statements of one request on the application's connection; all are counted."""
        sent: list[tuple[str, Any]] = []
        count = 0

        def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            nonlocal count
            count += 1
            if context["connection"].alias == "default" and sql.lstrip(" (\n").lower().startswith(("select", "with")) and "access.enter" not in sql:
                sent.extend(questions(sql, params))
            return execute(sql, params, many, context)

        with self.connections["default"].execute_wrapper(note), self.connections["login"].execute_wrapper(note):
            call()
        page.sent = max(page.sent, count)
        return sent

    def statements(self, page: Page, token: str, sent: list[tuple[str, Any]], ranges: list[tuple[str, str]]) -> None:
        """Each by itself, alternating, inside one scoped transaction."""
        with self.scope.acting(token, purpose="bench", origin="bench"):
            own = self.connections["default"].connection
            for number, (sql, params) in enumerate(sent):
                times = page.statements.setdefault(f"{number} {sql}", Times(sql))
                rewritten = by_hand(sql, ranges)
                comparable = "access." not in rewritten
                with own.cursor() as mine:
                    with self.root.cursor() as other:
                        sides = [(times.policy, partial(ask_all, mine, sql, params)), (times.hand, partial(ask_all, other, rewritten, params))][: 2 if comparable else 1]
                        for _times, call in sides:
                            call()
                        alternate(sides, RUNS)
                        if not times.within:
                            # a neighbour on the machine can hold up one side: what seems to be outside is timed once more, and longer
                            times.policy.clear()
                            times.hand.clear()
                            alternate(sides, RUNS * AGAIN)
                    if not times.plan:
                        plan = mine.execute("explain (analyze, buffers) " + sql, params).fetchall()
                        times.plan = "\n".join(r[0] for r in plan)
                        if comparable:
                            times.plan += "\n--- by hand\n" + "\n".join(r[0] for r in self.root.execute("explain (analyze, buffers) " + rewritten, params).fetchall())


def questions(sql: str, params: Any) -> list[tuple[str, Any]]:
    """A statement, or the questions of which it consists (web/shared/counting.py, the counts of service/queries/lists.py, contact/queries/homes.py): each with its own values."""
    parts, jobs = [sql], re.fullmatch(r"select job, .*? from \((\(select '.*\))\) x group by job", sql, re.DOTALL)
    if sql.startswith("select %s, count(*), "):
        parts = re.split(r" union all (?=select %s, count\(\*\), )", sql)
    elif "'seen' as what" in sql:
        parts = re.split(r" union all (?=\(select )", sql)
    elif jobs:
        parts = re.split(r" union all (?=\(select ')", jobs[1])
    found, rest = [], list(params or ())
    for part in parts:
        many = part.count("%s")
        found.append((part, rest[:many]))
        rest = rest[many:]
    return found if len(found) > 1 else [(sql, params)]


def ask_all(cursor: Any, sql: str, params: Any) -> None:
    (cursor.execute(sql, params) if params else cursor.execute(sql)).fetchall()


def alternate(sides: list[tuple[list[float], Callable[[], None]]], turns: int) -> None:
    """Each side once a turn, the other one first in every second turn."""
    for turn in range(turns):
        for times, call in sides[:: 1 if turn % 2 else -1]:
            times.append(timed(call))


def timed(call: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000


# --- telling ----------------------------------------------------------------------------------------------------------


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def short(sql: str) -> str:
    """Which tables a statement reads, for a person who looks for it."""
    found = re.findall(r'(?:from|join)\s+"?(?:public\.)?((?:archives|gather|access|contact|service)_[a-z]+)', sql, re.IGNORECASE)
    functions = re.findall(r"access\.(?:far_kin|households_in|households_by_child)", sql)
    return " ".join(dict.fromkeys([t.removeprefix("archives_") for t in found] + functions))[:70] or " ".join(sql.split())[:60]


def table(rows: list[Page]) -> str:
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores, {platform.system()} {platform.machine()}; ms. Page: median and p95 of {PAGES} subjects, whole request in the server.",
        "Statements: sent in all (with session, scope and audit) · the slowest one under the policies and by hand (median, p95) · how many are outside the budget.\n",
        "| page | scope | page median | p95 | sent | slowest: policy | p95 | by hand | p95 | ratio | outside |", "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for page in rows:
        slowest = max(page.statements.values(), key=lambda t: statistics.median(t.policy), default=None)
        outside = sum(not t.within for t in page.statements.values())
        cells = [page.name, page.who, f"{statistics.median(page.requests):.1f}", f"{p95(page.requests):.1f}", str(page.sent)]
        if slowest is None:
            cells += ["", "", "", "", ""]
        else:
            policy, hand = statistics.median(slowest.policy), statistics.median(slowest.hand) if slowest.hand else None
            cells += [f"{policy:.2f}", f"{p95(slowest.policy):.2f}", f"{hand:.2f}" if hand else "—", f"{p95(slowest.hand):.2f}" if hand else "—", f"{policy / hand:.2f}" if hand else "—"]
        lines.append("| " + " | ".join([*cells, f"**{outside}**" if outside else "0"]) + " |")
    every = [t for page in rows for t in page.statements.values()]
    lines.append(f"\n{len(every)} statements measured, {sum(bool(t.hand) for t in every)} against a hand-written form, {sum(not t.within for t in every)} outside the budget.")
    return "\n".join(lines)


def write_csv(rows: list[Page], path: Path) -> None:
    with path.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["page", "scope", "statement", "policy_median_ms", "policy_p95_ms", "hand_median_ms", "hand_p95_ms", "within"])
        for page in rows:
            for number, t in enumerate(page.statements.values(), 1):
                hand = [f"{statistics.median(t.hand):.3f}", f"{p95(t.hand):.3f}"] if t.hand else ["", ""]
                out.writerow([page.name, page.who, f"{number} {short(t.sql)}", f"{statistics.median(t.policy):.3f}", f"{p95(t.policy):.3f}", *hand, "yes" if t.within else "no"])


def write_plans(rows: list[Page], folder: Path) -> None:
    """Plans of what is outside the budget or slower than 20 ms."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in rows:
        for number, t in enumerate(page.statements.values(), 1):
            if not t.within or statistics.median(t.policy) > 20:
                head = f"{page.who} {page.name} {number}: policy {statistics.median(t.policy):.2f} by hand {statistics.median(t.hand) if t.hand else 0:.2f}\n{t.sql}\n\n"
                (folder / f"{page.who}-{re.sub('[^a-z]+', '-', page.name)}-{number}.txt").write_text(head + t.plan)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--plans", type=Path)
    options.add_argument("--csv", type=Path)
    options.add_argument("--only", default="")
    chosen = options.parse_args()
    rows = []
    for page in Bench().everything(chosen.only):
        rows.append(page)
        outside = [f"{short(t.sql)} {statistics.median(t.policy):.2f}/{statistics.median(t.hand):.2f}" for t in page.statements.values() if not t.within]
        print(f"{page.who:<8} {page.name:<34} {statistics.median(page.requests):7.1f} {p95(page.requests):7.1f} ms  {page.sent:>2} sent  {' · '.join(outside)}", file=sys.stderr, flush=True)
    print(table(rows))
    if chosen.csv:
        write_csv(rows, chosen.csv)
    if chosen.plans:
        write_plans(rows, chosen.plans)


if __name__ == "__main__":
    main()
