"""Search keys asked: the one way from typed words to ids.

Invariant: a number is asked by its keyed digest, words by `^@` on a C-collated key; a scope of villages names them, so
that the index (village, key) answers; a wide scope goes along (key, grid_code) with a limit.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from django.db import connections
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from minqing.access.scope import Me
from minqing.archives import vault
from minqing.archives.rules import keys
from minqing.lib import identity, phones

MOST = 200
VILLAGE = 12
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Key:
    """One found key: whose, and which kind (n name, h number, a address, i identity, p phone, l land)."""

    key: str
    kind: str
    grid_code: str
    person: uuid.UUID | None
    household: uuid.UUID | None
    plot: uuid.UUID | None = None


def exact_keys(text: str) -> list[str]:
    """Digests of what may be an identity number or a phone, under every key number; [] for words."""
    compact = re.sub(r"[\s\-]", "", text)
    found: list[str] = []
    if re.fullmatch(r"[0-9Xx]{15,18}", compact) or re.fullmatch(r"[A-Za-z]{1,3}\d{7,12}", compact):
        read = identity.validate(compact, today=timezone.localdate(), trust_trailing_zeros=True)
        number = read.value or compact.upper()
        found += [keys.secret("i", d) for d in vault.identity_digests(number).values()]
    if re.fullmatch(r"0?\d{7,12}", compact) and not found:
        number = phones.normalise(text)
        if number:
            found += [keys.secret("p", d) for d in vault.phone_digests(number).values()]
    return found


def find(me: Me, text: str, *, place: str = "", limit: int = MOST) -> list[Key]:
    """Keys that fit, exact ones first; at most `limit`. Words below two characters find nothing."""
    exact = exact_keys(text)
    if exact:
        return _ask("key = any(%s)", [exact], me, place, limit) or _words(me, text, place, limit)
    return _words(me, text, place, limit)


def _words(me: Me, text: str, place: str, limit: int) -> list[Key]:
    word = keys.plain(text)
    if len(word) < SHORTEST:
        return []
    same = _ask("key = %s", [word], me, place, limit)
    if len(same) >= limit:
        return same
    seen = {(k.person, k.household, k.plot) for k in same}
    longer = [k for k in _ask("key ^@ %s and key <> %s", [word, word], me, place, limit) if (k.person, k.household, k.plot) not in seen]
    return (same + longer)[:limit]


def _ask(condition: str, parameters: list[object], me: Me, place: str, limit: int) -> list[Key]:
    where, more = _where(me, place)
    sql = f"select key, kind, grid_code, person_id, household_id, plot_id from archives_searchkey where {where} and {condition} limit %s"  # noqa: S608 - text of this module
    with connections["default"].cursor() as cursor:
        cursor.execute(sql, [*more, *parameters, limit])
        return [Key(*row) for row in cursor.fetchall()]


def _where(me: Me, place: str) -> tuple[str, list[object]]:
    """The caller's villages by name, a chosen place as a range, or (wide scope) the ranges of his posts."""
    if place:
        return _in_place(place)
    if me.codes and all(len(code) >= VILLAGE for code in me.codes):
        return "village = any(%s)", [sorted({code[:VILLAGE] for code in me.codes})]
    ranges = " or ".join("grid_code >= %s and grid_code < %s" for _code in me.codes) or "false"
    return f"({ranges})", [bound for code in me.codes for bound in (code, code + ":")]


def _in_place(place: str) -> tuple[str, list[object]]:
    if len(place) == VILLAGE:
        return "village = %s", [place]
    if len(place) > VILLAGE:
        return "village = %s and grid_code >= %s and grid_code < %s", [place[:VILLAGE], place, place + ":"]
    return "grid_code >= %s and grid_code < %s", [place, place + ":"]


_HOUSEHOLDS = """
with found as (select k.person_id, k.household_id from archives_searchkey k where {where} limit {most})
select household_id from found where household_id is not null
union
select m.household_id from archives_membership m where m.person_id in (select person_id from found where person_id is not null) and m.ends_on is null and m.voided_at is null
"""
MOST_HOUSEHOLDS = 1_000


def _condition(text: str) -> tuple[str, list[object]]:
    """Keys that are a digest of the number or begin with the word; nothing below two characters."""
    exact, word = exact_keys(text), keys.plain(text)
    if len(word) < SHORTEST and not exact:
        return "false", []
    if not exact:
        return "key ^@ %s", [word]
    return "(key = any(%s) or key ^@ %s)", [exact, word]


def households(me: Me, text: str, *, place: str = "") -> set[uuid.UUID]:
    """Ids of the households that fit: by their own keys or through a present member. One statement."""
    (where, bounds), (condition, words) = _where(me, place), _condition(text)
    with connections["default"].cursor() as cursor:
        cursor.execute(_HOUSEHOLDS.format(where=f"{where} and {condition}", most=MOST_HOUSEHOLDS), [*bounds, *words])
        return {row[0] for row in cursor.fetchall()}


def finds(text: str, *, place: str) -> RawSQL:
    """The same as a condition on the rows of archives_household, inside one village or grid."""
    (where, bounds), (condition, words) = _in_place(place), _condition(text)
    found = _HOUSEHOLDS.format(where=f"{where} and {condition}", most=MOST_HOUSEHOLDS)
    return RawSQL(f"archives_household.id in ({found})", [*bounds, *words], output_field=BooleanField())  # noqa: S611 - text of this module
