"""Desk codes: an area's code, or an area's code, "/" and two characters. Pure; access/sql/desks.sql says the same of rights.

Invariant: a desk is inside an area exactly if its code begins with the area's.
"""

from __future__ import annotations

import re

from minqing.access.rules.roles import DESKS

FORM = re.compile(r"^[0-9]{4,17}(/[0-9A-Z]{2})?$")
RECEPTION, WINDOW, HOTLINE, DISCIPLINE = "SL", "CK", "RX", "JW"


def of(area: str, unit: str = "") -> str:
    """"330881002", "SL" → "330881002/SL"."""
    code = f"{area}/{unit}" if unit else area
    if not FORM.match(code):
        raise ValueError(f"not a desk: {code}")
    return code


def split(desk: str) -> tuple[str, str]:
    """"330881002/SL" → ("330881002", "SL")."""
    area, _slash, unit = desk.partition("/")
    return area, unit


def unit_label(unit: str) -> str:
    """受理台, 窗口, 热线, '' for the area itself or a department (whose name its organisation has)."""
    return DESKS.get(unit, "") if unit != "@" else ""


def county_of(desk: str) -> str:
    return desk[:6]


def town_of(desk: str) -> str:
    return split(desk)[0][:9]


def village_of(place: str) -> str:
    return split(place)[0][:12]


def home_of(place: str, channel: str, taken_at: str = "") -> str:
    """Where a matter is taken in: the desk that took it, else the place's own village, town or county.

    `taken_at` is the desk of who takes it (hotline, window); the door, the web and meetings leave it with the village.
    """
    if taken_at:
        return taken_at
    if channel in ("12345", "platform"):
        return of(place[:6], RECEPTION)
    if len(place) >= 12:
        return place[:12]
    return of(place, RECEPTION)


def keeper_of(place: str, accused: list[str]) -> str:
    """The discipline desk for a complaint about staff who work at `accused` (codes): the town's; the county's if the town itself is named."""
    town = place[:9]
    if len(place) < 9 or any(len(split(a)[0]) <= 9 for a in accused):
        return of(place[:6], DISCIPLINE)
    return of(town, DISCIPLINE)
