"""Which line of the log is told to whom, in which words. Pure table.

Invariant: every move whose row in rules/states.py says something to the requester (`says`) has its words here; a test compares.
"""

from __future__ import annotations

from dataclasses import dataclass

from minqing.notify.rules import templates

#: Whom to call where a desk has no telephone of its own.
HOTLINE = "0570-12345"


@dataclass(frozen=True, slots=True)
class Wording:
    """`result`: the answer as it was written, not its headline; `to_children`: also to those merged into it."""

    template: str
    result: bool = False
    to_children: bool = False
    only_clock: bool = False


TO_REQUESTER: dict[str, Wording] = {
    "submit": Wording("matter.receipt"), "dispatch": Wording("matter.moved"), "reject": Wording("matter.refused"), "transfer": Wording("matter.refused"),
    "grant_extend": Wording("matter.longer", to_children=True), "grant_suspend": Wording("matter.longer", to_children=True), "resume": Wording("matter.progress", to_children=True),
    "reply": Wording("matter.answer", result=True, to_children=True), "answer": Wording("matter.answer", result=True), "redo": Wording("matter.progress"), "reopen": Wording("matter.progress"),
    "refuse_explain": Wording("matter.progress"), "grant_explain": Wording("matter.answer"), "merge": Wording("matter.progress"), "withdraw": Wording("matter.progress"),
    "close": Wording("matter.progress"), "accept": Wording("matter.progress"), "recompute": Wording("matter.progress", to_children=True),
}
#: Said with the next step, not by itself: the dispatch minutes later says who and until when; after a call-back one has just spoken.
SILENT = frozenset({"accept", "close"})
TO_REQUESTER = {name: wording for name, wording in TO_REQUESTER.items() if name not in SILENT}

_STAFF = {"submit": "work.assigned", "dispatch": "work.assigned", "hand_over": "work.assigned", "remind": "work.due", "late": "work.due", "unacknowledged": "work.urgent", "redo": "work.assigned",
          "ask_retaliation": "work.due", "promise_due": "work.due", "pressed": "work.due", "refuse_explain": "work.assigned", "reopen": "work.assigned", "urge": "work.due"}


def to_staff(move: str, *, urgent: bool) -> str:
    """The template for the colleagues of the desk that a line names; '' = they see it on their work desk."""
    found = _STAFF.get(move, "")
    return "work.urgent" if found == "work.assigned" and urgent else found


def fields_of(template: str) -> tuple[str, ...]:
    """The values that a template takes."""
    return tuple(templates.TEMPLATES[template].fields)

#: What somebody hears whose relative acted for him: act of the audit → what was done.
BY_RELATIVE: dict[str, str] = {
    "matter.submit": "替您说了一件事", "matter.withdraw": "替您撤回了一件事", "matter.redo": "替您说事情没有办好", "matter.close": "替您评价了一件事", "matter.ask_explain": "替您说事情还没有办好",
    "matter.reopen": "替您请求重新办一件事", "file.propose": "替您提出更正档案", "file.copy": "取了您档案的副本", "file.sensitive": "看了您档案里的敏感信息", "help.ask": "替您请了志愿者",
}
