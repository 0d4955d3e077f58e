"""When a village or town ends in another: what stood there and goes on.

Invariant: papers keep the code they were written under and are read where people are now (sql/former.sql); what an area of the program
lets begin anew under the new code it declares in its `resident.py` as `CARRIES = (…)`; access itself only says that it is time.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Protocol

from django.apps import apps

from minqing.access.scope import Me


class Carry(Protocol):
    """Take along what goes on from `old` to `new`; called when files and posts have gone along, once for each successor, the first named first."""

    def __call__(self, *, old: str, new: str, by: Me) -> object: ...


def carry(*, old: str, new: list[str], by: Me) -> None:
    """Tell every area of the program, in the order of INSTALLED_APPS."""
    for app in apps.get_app_configs():
        name = f"{app.name}.resident"
        if app.name.startswith("minqing.") and importlib.util.find_spec(name):
            for one in getattr(importlib.import_module(name), "CARRIES", ()):
                for code in new:
                    one(old=old, new=code, by=by)
