"""The life of a message: one table of moves, when the next attempt comes, after how many the next channel.

Invariants: "delivered" comes only from a gateway's receipt or from a person who says so, never from having sent; a final state
is never left; a message that no channel could bring ends as given_up, where somebody sees it, not in silence.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    HANDED = "handed"
    DELIVERED = "delivered"
    FAILED = "failed"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"


LABELS = {
    State.WAITING: "待办", State.SENDING: "正在发送", State.HANDED: "已发出，未确认收到", State.DELIVERED: "已送达", State.FAILED: "这种方式不通",
    State.GIVEN_UP: "没能告知", State.CANCELLED: "不再通知",
}
TONES = {State.WAITING: "", State.SENDING: "", State.HANDED: "brand", State.DELIVERED: "bam", State.FAILED: "och", State.GIVEN_UP: "cin", State.CANCELLED: ""}
FINAL = frozenset({State.DELIVERED, State.CANCELLED})


class Move(StrEnum):
    CLAIM = "claim"        # the sender takes it
    HAND = "hand"          # the gateway has it; a letter is printed
    RETRY = "retry"        # nobody knows: the same channel again, later
    FAIL = "fail"          # this channel does not reach the person
    TURN = "turn"          # on to the next channel
    GIVE_UP = "give_up"    # there is no next channel
    DELIVER = "deliver"    # a receipt, or a person says so
    CANCEL = "cancel"      # no longer to be told


#: (state, move) → state. What is not here does not happen.
MOVES: dict[tuple[State, Move], State] = {
    (State.WAITING, Move.CLAIM): State.SENDING,
    (State.WAITING, Move.HAND): State.HANDED,          # a letter printed, a poster put up
    (State.WAITING, Move.RETRY): State.WAITING,        # nobody answered the telephone
    (State.WAITING, Move.FAIL): State.FAILED,
    (State.WAITING, Move.DELIVER): State.DELIVERED,    # told in person, reached by telephone
    (State.WAITING, Move.CANCEL): State.CANCELLED,
    (State.SENDING, Move.CLAIM): State.SENDING,        # the worker that had it is gone: with the same key again
    (State.SENDING, Move.HAND): State.HANDED,
    (State.SENDING, Move.RETRY): State.WAITING,
    (State.SENDING, Move.FAIL): State.FAILED,
    (State.SENDING, Move.DELIVER): State.DELIVERED,    # a receipt may overtake the answer
    (State.SENDING, Move.CANCEL): State.CANCELLED,     # the person died meanwhile
    (State.HANDED, Move.DELIVER): State.DELIVERED,
    (State.HANDED, Move.FAIL): State.FAILED,
    (State.HANDED, Move.CANCEL): State.CANCELLED,
    (State.FAILED, Move.TURN): State.WAITING,
    (State.FAILED, Move.GIVE_UP): State.GIVEN_UP,
    (State.GIVEN_UP, Move.TURN): State.WAITING,        # somebody finds another way
    (State.GIVEN_UP, Move.DELIVER): State.DELIVERED,   # somebody met the person after all
    (State.GIVEN_UP, Move.CANCEL): State.CANCELLED,
}


class NoSuchMove(ValueError):
    """The message has moved on meanwhile; `state` is where it stands."""

    def __init__(self, state: State, move: Move) -> None:
        super().__init__(f"{state} does not {move}")
        self.state, self.move = state, move


def after(state: str, move: Move) -> State:
    """The state after a move. Raises NoSuchMove."""
    found = MOVES.get((State(state), move))
    if found is None:
        raise NoSuchMove(State(state), move)
    return found


#: Waiting times before the attempts after the first; then the next channel. A night's failure of a gateway is outlived.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
#: Calls, visits and deliveries that reached nobody, before the next channel.
BY_PERSON = 3
#: How long a gateway that gives receipts may keep silent.
RECEIPT_WAIT = timedelta(hours=24)


def pause_after(attempts: int) -> timedelta | None:
    """The pause after so many attempts of the machine (1 = the first has failed); None = on to the next channel."""
    return BACK_OFF[attempts - 1] if 1 <= attempts <= len(BACK_OFF) else None


def next_channel(route: list[str], channel: str) -> str:
    """The channel after this one in the person's route, '' at its end."""
    try:
        return route[route.index(channel) + 1]
    except (ValueError, IndexError):
        return ""
