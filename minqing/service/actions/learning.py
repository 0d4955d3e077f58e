"""Each month: what the counties' own matters say about words, learnt and tried; used only where it was right more often.

Invariant: the newest fifth is never learnt from before it has been tried on; what goes into use was learnt from all texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog
from django.db import connections, transaction
from psycopg.types.json import Jsonb

from minqing.access import scope
from minqing.service.rules import learning, suggest

log = structlog.get_logger("minqing.learning")
#: Matters of a county, the newest first.
MOST = 100_000


def run(*, now: Callable[[], datetime]) -> dict[str, learning.Trial]:
    """Every county that has matters. A county that fails stops no other."""
    with transaction.atomic(using="jobs"):
        scope.enter_keeper()
        with connections["jobs"].cursor() as cursor:
            cursor.execute("select access.learning_counties()")
            counties = [code for (code,) in cursor.fetchall()]
    done = {}
    for county in counties:
        try:
            done[county] = learn(county)
        except Exception as error:  # the next county must not wait for this one
            log.error("learning failed", county=county, error=type(error).__name__)
    return done


def learn(county: str) -> learning.Trial:
    """Learn from all but the newest fifth, try on that fifth; keep what was found."""
    with transaction.atomic(using="jobs"):
        scope.enter_keeper()
        with connections["jobs"].cursor() as cursor:
            cursor.execute("select category, label, kind, keywords from access.words_of_sorts(%s)", [county])
            rules = [suggest.Rule(category, label, kind, tuple(keywords)) for category, label, kind, keywords in cursor.fetchall()]
            cursor.execute("select category, pairs, hits from access.said_of_sorts(%s, %s, %s, %s) order by newest", [county, suggest.EMPTY.pattern, learning.SHARED_BY, MOST])
            texts = [learning.Said(category, frozenset(pairs), tuple(hits)) for category, pairs, hits in cursor.fetchall()]
            trial, model = learn_from(texts, rules)
            cursor.execute("select access.keep_learnt(%s, %s, %s, %s, %s, %s, %s)", [county, len(texts), trial.tried, trial.words, trial.history, trial.better, Jsonb(model.as_data())])
    return trial


def learn_from(texts: Sequence[learning.Said], rules: Iterable[suggest.Rule]) -> tuple[learning.Trial, learning.Linear]:
    """(how it did on the newest fifth, what all texts together teach); texts are newest first."""
    known = list(rules)
    newest = len(texts) // learning.TRIED
    trial = learning.try_on(learning.learn(texts[newest:]), texts[:newest], known)
    return trial, learning.learn(texts)
