"""The states of a matter and the one table of its moves (domain.md §3.2). Pure; docs/reference/states.md is made from here.

Invariants: a matter changes its state by a move of this table and by nothing else; every state has a move or is final;
*when* a move is possible stands here, *who* may make it (right at which seat) beside it, and neither stands anywhere else.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from minqing.access.rules.roles import Right


class State(enum.StrEnum):
    """Where a matter stands."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    PROCESSING = "processing"
    RETURN_PENDING = "return_pending"
    EXTEND_PENDING = "extend_pending"
    SUSPEND_PENDING = "suspend_pending"
    SUSPENDED = "suspended"
    REPLIED = "replied"
    EXPLAIN_PENDING = "explain_pending"
    REDO = "redo"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


STATE_LABELS = {
    State.SUBMITTED: "待受理", State.ACCEPTED: "待派单", State.DISPATCHED: "待签收", State.PROCESSING: "办理中", State.RETURN_PENDING: "退单待审",
    State.EXTEND_PENDING: "延期待批", State.SUSPEND_PENDING: "挂起待批", State.SUSPENDED: "已挂起", State.REPLIED: "待回访", State.EXPLAIN_PENDING: "解释待审",
    State.REDO: "重办待签收", State.CLOSED: "已办结", State.ARCHIVED: "已归档", State.REJECTED: "不予受理", State.TRANSFERRED: "已转办", State.MERGED: "已并单", State.WITHDRAWN: "已撤回",
}
STATE_CHOICES = [(s.value, label) for s, label in STATE_LABELS.items()]
#: Nothing leads out of these.
FINAL = frozenset({State.REJECTED, State.TRANSFERRED, State.MERGED, State.WITHDRAWN})
#: Somebody is still at work on it.
OPEN = frozenset(State) - FINAL - {State.CLOSED, State.ARCHIVED}
#: The same as a row keeps them.
OPEN_VALUES = sorted(s.value for s in OPEN)
#: The clock of the handling unit runs.
RUNNING = frozenset({State.DISPATCHED, State.PROCESSING, State.RETURN_PENDING, State.EXTEND_PENDING, State.SUSPEND_PENDING, State.REDO})
#: Waits for a leader's word: he sees it for so long.
DECIDING = frozenset({State.EXTEND_PENDING, State.SUSPEND_PENDING, State.EXPLAIN_PENDING})


class Role(enum.StrEnum):
    """What somebody's seat at a matter is for."""

    HOME = "home"      # 受理处：受理、派单、回访，始终看得到
    LEAD = "lead"      # 主办
    JOINT = "joint"    # 协办
    DECIDE = "decide"  # 等一位领导决定
    WATCH = "watch"    # 督办、逾期上报
    FIRST = "first"    # 首问负责人，终身看得到进展
    AGENT = "agent"    # 代办员


ROLE_LABELS = {Role.HOME: "受理处", Role.LEAD: "主办", Role.JOINT: "协办", Role.DECIDE: "待决定", Role.WATCH: "督办", Role.FIRST: "首问负责", Role.AGENT: "代办"}
ROLE_CHOICES = [(r.value, label) for r, label in ROLE_LABELS.items()]


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow of the diagram.

    `right` at a seat with one of `seats`; no right = only by the requester or the clock (`by`). `needs` names the data the
    action must bring; `says` is what the requester is told ('' = nothing).
    """

    name: str
    label: str
    sources: frozenset[State]
    target: State
    right: Right | None
    seats: tuple[Role, ...]
    needs: tuple[str, ...] = ()
    says: str = ""
    by: tuple[str, ...] = ("staff",)


def _m(name: str, label: str, sources: str, target: State, right: Right | None, seats: str, *, needs: str = "", says: str = "", by: str = "staff") -> Move:
    found = OPEN if sources == "open" else frozenset(State(s) for s in sources.split())
    return Move(name, label, found, target, right, tuple(Role(s) for s in seats.split()), tuple(needs.split()), says, tuple(by.split()))


S = State
MOVES: dict[str, Move] = {
    m.name: m
    for m in (
        _m("accept", "受理", "submitted", S.ACCEPTED, Right.DISPATCH, "home", says="已受理"),
        _m("reject", "不予受理", "submitted", S.REJECTED, Right.DISPATCH, "home", needs="reason channel", says="不予受理及正确渠道"),
        _m("transfer", "转交", "submitted accepted", S.TRANSFERRED, Right.DISPATCH, "home", needs="reason channel", says="已转交"),
        _m("hand_over", "移交受理", "submitted accepted", S.SUBMITTED, Right.DISPATCH, "home", needs="desk reason"),
        _m("answer", "直接答复", "submitted accepted", S.CLOSED, Right.DISPATCH, "home", needs="words outcome", says="答复"),
        _m("dispatch", "派单", "accepted", S.DISPATCHED, Right.DISPATCH, "home", needs="desk", says="由谁办、何时前答复"),
        _m("sign", "签收", "dispatched redo", S.PROCESSING, Right.MATTERS, "lead", by="staff clock"),
        _m("ask_return", "申请退单", "dispatched processing", S.RETURN_PENDING, Right.MATTERS, "lead", needs="reason basis"),
        _m("grant_return", "同意退单", "return_pending", S.ACCEPTED, Right.DISPATCH, "home", needs="reason"),
        _m("refuse_return", "不同意退单", "return_pending", S.PROCESSING, Right.DISPATCH, "home", needs="reason"),
        _m("ask_extend", "申请延期", "processing", S.EXTEND_PENDING, Right.MATTERS, "lead", needs="reason days"),
        _m("grant_extend", "批准延期", "extend_pending", S.PROCESSING, Right.DECIDE, "decide", says="延期到何时、为什么"),
        _m("refuse_extend", "不批准延期", "extend_pending", S.PROCESSING, Right.DECIDE, "decide", needs="reason"),
        _m("ask_suspend", "申请挂起", "processing", S.SUSPEND_PENDING, Right.MATTERS, "lead", needs="reason review_on"),
        _m("grant_suspend", "批准挂起", "suspend_pending", S.SUSPENDED, Right.DECIDE, "decide", says="为什么暂停、何时再看"),
        _m("refuse_suspend", "不批准挂起", "suspend_pending", S.PROCESSING, Right.DECIDE, "decide", needs="reason"),
        _m("resume", "恢复办理", "suspended", S.PROCESSING, Right.MATTERS, "lead", says="已恢复办理", by="staff clock"),
        _m("reply", "答复", "processing", S.REPLIED, Right.MATTERS, "lead agent", needs="words outcome", says="答复"),
        _m("close", "回访后办结", "replied", S.CLOSED, Right.CALLBACK, "home", says="已办结", by="staff requester clock"),
        _m("redo", "重办", "replied", S.REDO, Right.CALLBACK, "home", says="重新办理", by="staff requester"),
        _m("ask_explain", "申请解释办结", "replied", S.EXPLAIN_PENDING, Right.CALLBACK, "home", needs="reason", by="staff requester"),
        _m("grant_explain", "解释到位，办结", "explain_pending", S.CLOSED, Right.DECIDE, "decide", needs="reason", says="依据和解释"),
        _m("refuse_explain", "退回重办", "explain_pending", S.REDO, Right.DECIDE, "decide", needs="reason", says="重新办理"),
        _m("merge", "并单", "submitted accepted dispatched processing", S.MERGED, Right.DISPATCH, "home", needs="parent"),
        _m("withdraw", "撤回", "submitted accepted dispatched processing", S.WITHDRAWN, Right.DISPATCH, "home", needs="words", says="已撤回", by="staff requester"),
        _m("reopen", "重新打开", "closed archived", S.REDO, Right.CALLBACK, "home", needs="words", says="重新办理", by="staff requester"),
        _m("archive", "归档", "closed", S.ARCHIVED, None, "", by="clock"),
    )
}
#: Moves that one unit makes at most once.
ONCE = {"ask_return": "returned_by", "ask_extend": "extended"}


class NotNow(Exception):  # noqa: N818 - what happened, as the person reads it
    """The move is not possible in this state."""

    def __init__(self, move: Move, state: State) -> None:
        super().__init__(f"现在是“{STATE_LABELS[state]}”，不能{move.label}。")
        self.move, self.state = move, state


def check(name: str, state: str) -> Move:
    """The move, if it starts from this state. Raises NotNow."""
    move = MOVES[name]
    if State(state) not in move.sources:
        raise NotNow(move, State(state))
    return move


def possible(state: str) -> list[Move]:
    """Moves that lead out of a state, in the order of the table."""
    return [m for m in MOVES.values() if State(state) in m.sources]
