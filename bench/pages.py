"""Every page of the desk that needs no identifier, and those of a grid, a village and a household, at 1.1 M households with ten years of matters and
two years of visits, duty, days, meetings, analyses and transfers.

`python -m bench.pages [--only PATTERN] [--slow DIR] [--runs N]`. Each is opened by everybody of the cast who may; told are the whole request in the
server, how many statements it sends and how long they take, and the slowest statement. Plans of statements over SLOW_MS go to --slow. There is no
hand-written form here (bench/scope.py has that for the archives): what a page must not do is grow with the county.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import scope
from minqing import ground

#: Who looks: officer, secretary, clerk, helper, cadre, window, hotline, receptions, leader, administrator, discipline, department, data officers, auditor.
WHO = ("lan", "xiang", "wen", "mei", "miao", "min", "qin", "shou", "zong", "guo", "jie", "ji", "jian", "bench-town", "shu", "shen")
SLOW_MS = 25.0
MOST_STATEMENTS, MOST_MS = 12, 100.0
#: Addresses that are no pages: they answer a machine, print a book or leave.
NOT_PAGES = re.compile(r"(logout|login|enrol|\.pdf|\.csv|\.xlsx|phone-|cti|practice|static)")


@dataclass
class Seen:
    """One page of one person: milliseconds of its requests, its statements with their milliseconds."""

    who: str
    path: str
    requests: list[float] = field(default_factory=list)
    statements: dict[str, list[float]] = field(default_factory=dict)
    sent: int = 0


class Bench(scope.Bench):
    """The visitors of the pages."""

    def addresses(self, subject: scope.Subject) -> list[str]:
        """Paths of the desk: those without arguments, and with the subject's area, household, person."""
        resolvers, reverse = ground.load("django.urls").get_resolver(), ground.load("django.urls").reverse
        given = {"code": subject.grid[:12], "village": subject.grid[:12], "grid": subject.grid, "household": subject.household, "person": subject.person, "year": 2026}
        found = []
        for name in sorted(k for k in resolvers.reverse_dict if isinstance(k, str)):
            pattern = resolvers.reverse_dict[name]
            needed = pattern[0][0][1]
            if set(needed) <= set(given) and not NOT_PAGES.search(name):
                path = reverse(name, kwargs={k: given[k] for k in needed})
                if not NOT_PAGES.search(path) and not path.startswith(("/phone/", "/my/", "/v/", "/api/", "/health")):
                    found.append(path)
        return found

    def look(self, username: str, only: str, runs: int, slow: Path | None) -> list[Seen]:
        account = self.account.objects.filter(username=username).first()
        if account is None:
            return []
        token = self.token(username)
        with self.scope.acting(token, purpose="bench", origin="bench") as me:
            areas = sorted({lo for rights in me.rights.values() for lo in re.findall(r"\[(\d{6,15})", rights)}, key=len, reverse=True)
        lo = areas[0] if areas else "330881002205001"
        subject = scope.subjects(self.root, lo, f"{lo}:", 1) or scope.subjects(self.root, "330881002205", "330881002205:", 1)
        rows = []
        for path in self.addresses(subject[0]):
            if re.search(only, path):
                seen = self.one(username, token, path, runs, slow)
                if seen:
                    rows.append(seen)
                    worst = max(((statistics.median(t), sql) for sql, t in seen.statements.items()), default=(0.0, ""))
                    print(f"{username:<11}{path[:62]:<64}{statistics.median(seen.requests):8.1f} ms {seen.sent:>3} sent  slowest {worst[0]:7.1f}  {'' if worst[0] < SLOW_MS else short(worst[1])}", file=sys.stderr, flush=True)
        return rows

    def one(self, username: str, token: str, path: str, runs: int, slow: Path | None) -> Seen | None:
        visitor = self.visitor(token)
        if visitor.get(path).status_code != 200:
            return None
        seen = Seen(username, path)
        for _ in range(runs):
            sent: list[tuple[str, Any]] = []
            number = 0

            def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any], sent: list[tuple[str, Any]] = sent) -> Any:
                nonlocal number
                number += 1
                begun = time.perf_counter()
                try:
                    return execute(sql, params, many, context)
                finally:
                    took = (time.perf_counter() - begun) * 1000
                    seen.statements.setdefault(f"{number} {sql}", []).append(took)
                    if took > SLOW_MS and context["connection"].alias == "default":
                        sent.append((sql, params))

            with self.connections["default"].execute_wrapper(note), self.connections["login"].execute_wrapper(note):
                seen.requests.append(scope.timed(lambda: visitor.get(path)))
            seen.sent = max(seen.sent, number)
        if slow and sent:
            self.explain(username, token, path, sent, slow)
        return seen

    def explain(self, username: str, token: str, path: str, sent: list[tuple[str, Any]], slow: Path) -> None:
        slow.mkdir(parents=True, exist_ok=True)
        with self.scope.acting(token, purpose="bench", origin="bench"), self.connections["default"].connection.cursor() as cursor:
            for i, (sql, params) in enumerate(sent):
                if sql.lstrip().lower().startswith(("select", "with")):
                    plan = "\n".join(r[0] for r in cursor.execute("explain (analyze, buffers) " + sql, params).fetchall())
                    (slow / f"{username}-{re.sub('[^a-z]+', '-', path)}-{i}.txt").write_text(f"{path}\n{sql}\n{params}\n\n{plan}")


def short(sql: str) -> str:
    """Which tables and functions a statement names."""
    return " ".join(dict.fromkeys(re.findall(r'(?:from|join)\s+"?(?:public\.)?([a-z_]+)|(access\.[a-z_]+)', sql, re.IGNORECASE) and [a or b for a, b in re.findall(r'(?:from|join)\s+"?(?:public\.)?([a-z_]+)|(access\.[a-z_]+)', sql, re.IGNORECASE)]))[:90]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="")
    options.add_argument("--who", default=",".join(WHO))
    options.add_argument("--slow", type=Path)
    options.add_argument("--runs", type=int, default=7)
    chosen = options.parse_args()
    bench = Bench()
    rows = [seen for who in chosen.who.split(",") for seen in bench.look(who, chosen.only, chosen.runs, chosen.slow)]
    over = [s for s in rows if s.sent > MOST_STATEMENTS or statistics.median(s.requests) > MOST_MS]
    print(f"{len(rows)} pages of {len({s.who for s in rows})} people; {len(over)} over {MOST_STATEMENTS} statements or {MOST_MS:.0f} ms:\n")
    print("| page | who | median ms | slowest ms | statements | slowest statement ms |\n|---|---|---|---|---|---|")
    for s in sorted(over, key=lambda s: -statistics.median(s.requests)):
        worst = max((statistics.median(t) for t in s.statements.values()), default=0.0)
        print(f"| `{s.path}` | {s.who} | {statistics.median(s.requests):.0f} | {max(s.requests):.0f} | {s.sent} | {worst:.1f} |")


if __name__ == "__main__":
    main()
