"""What the values of a column say it is, where its heading says nothing the program knows (part of step `map`).

Invariant: only fields whose values are of a closed or unmistakable form are told by their values, only when exactly one
column of the sheet can be it, and always as a question to the data officer.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from minqing.lib import codes

#: Columns with fewer filled cells prove nothing.
ENOUGH = 3
_MOBILE = re.compile(r"^(?:\+?86[\s-]*)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?:\D.*)?$")
#: A disability certificate: the holder's number, category, grade.
_CERTIFICATE = re.compile(r"^[1-9]\d{5}(?:18|19|20)\d{9}[\dXx][1-7][1-4](?:[Bb]\d{1,2})?$")
_VILLAGE = re.compile(r"^[一-鿿]{2,14}(?:村|社区|居委会|村委会|村民委员会|居民委员会)$")
_SEXES = frozenset(["男", "女", "男性", "女性"])


def _words(table: codes.CodeTable) -> Callable[[str], bool]:
    return lambda cell: not cell.isascii() and table.to_code(cell) is not None


#: field → (test of one cell, share of cells that must pass, how many different values at least).
TESTS: dict[str, tuple[Callable[[str], bool], float, int]] = {
    "sex": (lambda cell: cell in _SEXES, 0.95, 1),
    "relation": (_words(codes.RELATION), 0.9, 2),
    "ethnicity": (lambda cell: cell.endswith("族") and codes.NATION.to_code(cell) is not None, 0.95, 1),
    "education": (_words(codes.EDUCATION), 0.9, 2),
    "marriage": (_words(codes.MARRIAGE), 0.9, 2),
    "politics": (_words(codes.POLITICS), 0.9, 2),
    "disability_category": (_words(codes.DISABILITY), 0.9, 2),
    "disability_grade": (_words(codes.DISABILITY_GRADE), 0.9, 2),
    "phone": (lambda cell: bool(_MOBILE.match(cell)), 0.8, 3),
    "disability_number": (lambda cell: bool(_CERTIFICATE.match(re.sub(r"\s", "", cell))), 0.8, 3),
    "village": (lambda cell: bool(_VILLAGE.match(cell)), 0.95, 1),
}


@functools.lru_cache(maxsize=1024)
def fields_of(cells: tuple[str, ...]) -> frozenset[str]:
    """The fields that a column with these (non-empty, stripped) cells may be."""
    if len(cells) < ENOUGH:
        return frozenset()
    distinct = set(cells)
    found = set()
    for field, (test, share, least) in TESTS.items():
        if len(distinct) >= least and sum(1 for cell in cells if test(cell)) >= share * len(cells):
            found.add(field)
    if "relation" in found and not distinct & codes.HEAD_WORDS:
        found.discard("relation")
    return frozenset(found)
