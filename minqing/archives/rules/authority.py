"""Which source's value stands in the current file: field × source → rank.

Fields are named as in the archives' models. The department that is authoritative for a field comes first, whatever its
date; among equals the newer statement wins.
A visit (source "V") may overrule phone, address and residence only; of identity and benefits it never is the value, it
opens a 核实 matter. Invariant: every field has a rank for every source, so the choice never depends on the order of rows.

Source: domain.md §6.1 (column "source"), §6.3 (priority), DESIGN §5.
"""

from __future__ import annotations

VISIT = "V"
#: Departments by number, domain.md §6.2; 00 is the township and the village's own ledger.
SOURCES = ("00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", VISIT)

#: Rank of a source that a field does not name: after all named ones, equal among themselves (the newer wins).
OTHERS = 50
#: Rank of a source whose word never is the current value of this field: kept, shown, asked about.
NEVER = 99

_SIDE_BY_SIDE: tuple[tuple[str, ...], ...] = ()

#: Field → groups of sources, the most authoritative first; sources in one group are equal.
ORDER: dict[str, tuple[tuple[str, ...], ...]] = {
    "name": (("01",), ("00",)),
    "former_name": (("01",),),
    "sex": (("01",),),
    "birth_date": (("01",),),
    "ethnicity": (("01",),),
    "hometown": (("01",),),
    "registered_area": (("01",), ("05", "07"), ("02", "04"), ("00",), ("09",), ("06",)),
    "registered_address": (("01",), ("05", "07"), ("02", "04"), ("00",)),
    "living_area": ((VISIT,), ("01",), ("00", "02", "04", "07")),
    "living_address": ((VISIT,), ("01",), ("00", "02", "04", "07")),
    "phone": ((VISIT,), ("00", "01", "02", "03", "04", "05", "06", "07", "10", "11"), ("08", "09")),
    "emergency_name": ((VISIT,), ("02",), ("05", "07")),
    "emergency_phone": ((VISIT,), ("02",), ("05", "07")),
    "marriage": (("02",), ("01",), ("00",)),
    "education": (("07",), ("01",), ("00",)),
    "school": (("07",),),
    "political": (("00", VISIT),),
    "employment": (("03",), ("00", VISIT)),
    "workplace": (("03",), ("00", VISIT), ("01",)),
    "pension_status": (("03",),),
    "pension_benefit": (("03",),),
    "medical_kind": (("06",),),
    "medical_status": (("06",),),
    "medical_year": (("06",),),
    "alive": (("01",), ("03",), ("02",)),
    "died_on": (("01",), ("03",), ("02",)),
    "left_on": (("01",),),
    "left_to": (("01",),),
}
#: Fields a visit may overrule (DESIGN §5).
VISIT_FIELDS = frozenset(field for field, groups in ORDER.items() if any(VISIT in group for group in groups))


def rank(field: str, source: str) -> int:
    """The rank of a source for a field: 0 is the authority, `OTHERS` a source not named, `NEVER` a visit on what it may not change."""
    for place, group in enumerate(ORDER.get(field, _SIDE_BY_SIDE)):
        if source in group:
            return place
    return NEVER if source == VISIT and field not in VISIT_FIELDS else OTHERS


def table() -> list[tuple[str, str, int]]:
    """Every (field, source, rank), for engines that join it."""
    return [(field, source, rank(field, source)) for field in ORDER for source in SOURCES]


def authority(field: str) -> str | None:
    """The department that is asked when others disagree with it; None where none has the last word."""
    groups = ORDER.get(field, _SIDE_BY_SIDE)
    first = groups[0] if groups else ()
    return first[0] if len(first) == 1 and first[0] != VISIT else None
