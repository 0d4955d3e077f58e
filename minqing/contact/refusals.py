"""Why a visit cannot be written down as it was sent: one Chinese sentence that says what, where, and what to do."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from minqing.service.refusals import Missing, NotHere, NotYours, Refused, saying

__all__ = ["Missing", "NotHere", "NotYours", "Refused", "SentTwice", "saying"]


class SentTwice(Refused):
    """The number stands already, with other content: `mine` was sent now, `theirs` stands. Both are kept for a person to look at."""

    def __init__(self, mine: dict[str, Any], theirs: dict[str, Any]) -> None:
        super().__init__(_("同一编号的记录已经收到过，内容和这次的不一样。已收到的没有改动；请核对后把不同的地方作为补记再交。"))
        self.mine, self.theirs = mine, theirs
