"""Fifty operators at once on a hotline with a million matters in the table: how long each page takes, over HTTP, at a running installation.

`python -m bench.hotline http://127.0.0.1:8000 qin PASSWORD [SECONDS]` against an installation that holds bench/matters.sql.

Invariant: the mix is that of a working day: each operator polls the pop-up each second and in between types (suggestions), takes matters down, looks
at lists and at files; they come to work one after the other within RAMP seconds, and what is timed (at the client, on the same cores) begins when all
are there; an answer that is no success fails the run. A budget is p95 < 300 ms.
"""

from __future__ import annotations

import re
import statistics
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from http.cookiejar import CookieJar
from random import Random

OPERATORS, BUDGET_MS, RAMP = 50, 300.0, 15.0
WORDS = ("村口路灯坏了三天，晚上看不见路", "自来水浑了两天，请派人来看看", "屋后山上滚下来两块石头，不敢睡后间", "请问医保异地备案怎么办", "垃圾桶满了没人收，臭得很")
PLACE = "330881002205"


class Operator:
    """One browser: a log-in shared by cookie, its own clock."""

    def __init__(self, base: str, jar: CookieJar, seed: int, took: dict[str, list[float]], failed: list[str]) -> None:
        self.base, self.took, self.failed, self.chance, self.begins = base, took, failed, Random(seed), time.time() + RAMP  # noqa: S311 - a fixed mix
        self.open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.token, self.files = "", [""]

    def ask(self, name: str, path: str, data: dict[str, str] | None = None) -> str:
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        request = urllib.request.Request(self.base + path, data=body, headers={"Referer": self.base + "/hotline/"})  # noqa: S310 - the operator's own address
        begun = time.perf_counter()
        try:
            with self.open.open(request, timeout=30) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            self.failed.append(f"{name} {error.code}")
            return ""
        if time.time() >= self.begins:
            self.took[name].append((time.perf_counter() - begun) * 1000)
        return text

    def work(self, until: float) -> None:
        time.sleep(self.chance.random() * (RAMP - 3))
        page = self.ask("board", "/hotline/")
        self.token = (re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page) or [""])[0]
        self.files = re.findall(r'href="(/matters/[0-9a-f-]{36}/)"', page) or ["/hotline/"]
        while time.time() < until:
            begun, what = time.time(), self.chance.random()
            self.ask("pop-up", "/hotline/ring/?seen=0&open=")
            if what < 0.06:
                self.ask("typing", "/hotline/typing/", {"csrfmiddlewaretoken": self.token, "words": self.chance.choice(WORDS), "place": PLACE})
            elif what < 0.09:
                self.ask("take", "/hotline/take/", {"csrfmiddlewaretoken": self.token, "words": self.chance.choice(WORDS), "place": PLACE, "kind": "help", "anonymous": "on", "how": "keep", "urgent": ""})
            elif what < 0.13:
                self.ask(*self.chance.choice((("board", "/hotline/"), ("calls", "/hotline/calls/"), ("call-backs", "/hotline/callbacks/"))))
            elif what < 0.16:
                self.ask("file", self.chance.choice(self.files))
            time.sleep(max(0.0, 1.0 - (time.time() - begun)))


def log_in(base: str, name: str, password: str) -> CookieJar:
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with browser.open(base + "/login/", timeout=30) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
    data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1] if token else "", "username": name, "password": password}).encode()
    browser.open(urllib.request.Request(base + "/login/", data=data, headers={"Referer": base + "/login/"}), timeout=30).close()  # noqa: S310
    return jar


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main(base: str, name: str, password: str, seconds: float = 60) -> int:
    jar = log_in(base, name, password)
    took: dict[str, list[float]] = defaultdict(list)
    failed: list[str] = []
    until = time.time() + RAMP + seconds
    threads = [threading.Thread(target=Operator(base, jar, n, took, failed).work, args=(until,)) for n in range(OPERATORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [t for times in took.values() for t in times]
    print(f"{OPERATORS} operators, {seconds:.0f} s, {len(everything)} requests, {len(everything) / seconds:.0f}/s, failed: {len(failed)} {sorted(set(failed))}")
    for what, times in sorted(took.items()):
        print(f"| {what} | {len(times)} | {statistics.median(times):.0f} | {percentile(times, 0.95):.0f} | {max(times):.0f} |")
    overall = percentile(everything, 0.95)
    print(f"| all | {len(everything)} | {statistics.median(everything):.0f} | {overall:.0f} | {max(everything):.0f} |")
    return 0 if not failed and overall < BUDGET_MS else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1].rstrip("/"), sys.argv[2], sys.argv[3], float(sys.argv[4]) if len(sys.argv) > 4 else 60))
