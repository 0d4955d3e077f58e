"""States of a mediation and its moves. Pure.

Invariant: no session before both sides have agreed to be mediated, no agreement without a session, no performance without an
agreement; a mediation that fails ends with its reason and, where wanted, with its papers at the 司法所.
"""

from __future__ import annotations

import enum

#: How many days before it is due somebody is reminded of what he promised.
REMIND_DAYS = 3


class State(enum.StrEnum):
    ASKING = "asking"
    MEDIATING = "mediating"
    AGREED = "agreed"
    SIGNED = "signed"
    KEPT = "kept"
    FAILED = "failed"
    HANDED = "handed"


LABELS = {State.ASKING: "征求同意", State.MEDIATING: "调解中", State.AGREED: "已达成，待签字", State.SIGNED: "已签字，履行中", State.KEPT: "已履行", State.FAILED: "未达成", State.HANDED: "已移交司法所"}
STATE_CHOICES = [(s.value, label) for s, label in LABELS.items()]
ENDED = frozenset({State.KEPT, State.FAILED, State.HANDED})

MOVES: dict[str, tuple[frozenset[State], State]] = {
    "consent": (frozenset({State.ASKING}), State.MEDIATING),
    "meet": (frozenset({State.MEDIATING}), State.MEDIATING),
    "agree": (frozenset({State.MEDIATING}), State.AGREED),
    "sign": (frozenset({State.AGREED}), State.SIGNED),
    "keep": (frozenset({State.SIGNED}), State.KEPT),
    "fail": (frozenset({State.ASKING, State.MEDIATING, State.AGREED, State.SIGNED}), State.FAILED),
    "hand_to_justice": (frozenset({State.ASKING, State.MEDIATING, State.AGREED, State.SIGNED}), State.HANDED),
}
MOVE_LABELS = {"consent": "双方同意", "meet": "开调解会", "agree": "达成协议", "sign": "签字", "keep": "全部履行", "fail": "调解不成", "hand_to_justice": "移交司法所"}


def may(state: str, move: str) -> bool:
    return State(state) in MOVES[move][0]
