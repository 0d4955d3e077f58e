"""What the gateways say of troubles, in the reader's language. Pure.

Invariant: what is kept is a key with values (`{"code", "values"}`); the sentence is made when somebody reads it, so that a trouble which the
worker met, or a colleague who reads Chinese, stands in English on an English page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from minqing.gateways import orders, parcels

SENTENCES = {**orders.SENTENCES, **parcels.SENTENCES}


def say(said: Mapping[str, Any] | None, otherwise: str = "") -> str:
    """The sentence; `otherwise` for what was kept as a sentence before there were keys, or by a newer program."""
    given = said or {}
    template = SENTENCES.get(str(given.get("code", "")))
    if template is None:
        return otherwise
    values = given.get("values") or {}
    try:   # a value that is a word of ours (the name of a column) is translated like the sentence
        return _(template) % {k: _(v) if k == "label" else v for k, v in values.items()}
    except (KeyError, TypeError, ValueError):
        return otherwise


def place(said: Mapping[str, Any] | None, otherwise: str = "") -> str:
    """Where something stands: "工单.xlsx 第 3 行"."""
    given = said or {}
    if "line" not in given:
        return otherwise
    if given.get("file"):
        return _("%(file)s 第 %(line)s 行") % {"file": given["file"], "line": given["line"]}
    return _("第 %s 条") % given["line"]
