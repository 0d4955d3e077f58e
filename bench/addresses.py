"""How long an address is looked for: sorted by first word (minqing/web/shared/addresses.py) against the plain list, side by side.

`python -m bench.addresses`. Every address of the program once, with the same identifiers, alternating; microseconds of one lookup.
"""

from __future__ import annotations

import os
import re
import statistics
import time
import uuid
from pathlib import Path
from typing import Any

from minqing import ground

HOME = Path(os.environ.get("MINQING_BENCH_HOME", "var/bench")).absolute()
RUNS = 30


def main() -> None:
    os.environ["MINQING_HOME"] = str(HOME)
    ground.prepare_home(HOME)
    ground.set_up_django()
    urls = ground.load("minqing.urls")
    resolvers = ground.load("django.urls.resolvers")

    def paths(resolver: Any, before: str = "/") -> list[str]:
        found = []
        for one in resolver.url_patterns:
            route = before + str(one.pattern)
            found += paths(one, route) if isinstance(one, resolvers.URLResolver) else [re.sub(r"<(\w+):\w+>", lambda kind: str(uuid.UUID(int=1)) if kind[1] == "uuid" else "1", route)]
        return found

    plain, sorted_ = (resolvers.URLResolver(resolvers.RegexPattern(r"^/"), patterns) for patterns in (urls.ALL, urls.urlpatterns))
    asked = paths(sorted_)
    times: dict[str, list[float]] = {"plain": [], "by first word": []}
    for path in asked:
        for name, resolver in (("plain", plain), ("by first word", sorted_)):
            resolver.resolve(path)  # raises where it leads nowhere
            began = time.perf_counter()
            for _ in range(RUNS):
                resolver.resolve(path)
            times[name].append((time.perf_counter() - began) / RUNS * 1e6)
    for name, spent in times.items():
        print(f"{name:<15} {len(spent)} addresses  median {statistics.median(spent):6.0f} us  p95 {statistics.quantiles(spent, n=20)[-1]:6.0f} us  worst {max(spent):6.0f} us")  # noqa: T201


if __name__ == "__main__":
    main()
