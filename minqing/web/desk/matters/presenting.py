"""From a matter to what templates show: tones, buttons, lines. Nothing is asked of the database here.

Invariant: a button stands only where moving.offered or the seats say that the act is possible now.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.service.queries import files, lists
from minqing.service.rules import kinds, numbers, states
from minqing.service.rules.states import State
from minqing.web.desk.matters.verbs import VERBS, verbs_of

TONES = {State.SUBMITTED: "och", State.ACCEPTED: "och", State.DISPATCHED: "brand", State.PROCESSING: "brand", State.RETURN_PENDING: "och", State.EXTEND_PENDING: "och", State.SUSPEND_PENDING: "och",
         State.SUSPENDED: "ind", State.REPLIED: "brand", State.EXPLAIN_PENDING: "och", State.REDO: "cin", State.CLOSED: "bam", State.ARCHIVED: "bam", State.REJECTED: "", State.TRANSFERRED: "", State.MERGED: "", State.WITHDRAWN: ""}


def tone(state: State) -> str:
    return TONES[state]


def many(n: int) -> str:
    """Counting stops at 999."""
    return f"{lists.MOST_COUNTED}+" if n > lists.MOST_COUNTED else str(n)


def when(moment: datetime | None) -> str:
    """11-25 16:40, with the year where it is another one."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return f"{local:%m-%d %H:%M}" if local.year == timezone.localdate().year else f"{local:%Y-%m-%d %H:%M}"


def file_context(file: files.File, me: Me, *, most: int = 200) -> dict[str, Any]:
    """What page, panel and paper show alike."""
    m = file.matter
    offered = verbs_of(file, me)
    buttons = [{"verb": v, "label": _(VERBS[v].label), "tone": "pri" if n == 0 and VERBS[v].main else ""} for n, v in enumerate(offered)]
    return {
        "spoken": numbers.spoken(m.number), "kind": _(kinds.KIND_LABELS[kinds.Kind(m.kind)]), "channel": _(kinds.CHANNEL_LABELS[kinds.Channel(m.channel)]), "state": file.state, "state_word": _(states.STATE_LABELS[file.state]), "tone": tone(file.state),
        "buttons": buttons[:3], "more": buttons[3:], "events": [{"label": e.label, "when": when(e.at), "who": e.who, "words": e.words, "public": e.public, "facts": e.facts, "tone": e.tone} for e in file.events[-most:]],
        "clock": clock(file), "outcome": _(dict(kinds.OUTCOMES).get(m.outcome, "")) if m.outcome else "", "solved": _(dict(kinds.SOLVED)[m.solved]) if m.solved else "", "satisfied": _(dict(kinds.SATISFIED)[m.satisfied]) if m.satisfied else "",
        "pauses": [{"start": when(p.start), "end": when(p.end) if p.end else _("现在"), "why": p.why} for p in file.pauses],
    }


def clock(file: files.File) -> list[dict[str, str]]:
    """Every moment of a matter in order: name, when, until when."""
    m = file.matter
    lines = [
        (_("提出"), m.submitted_at, None), (_("受理"), m.accepted_at, m.accept_due_at), (_("派单"), m.dispatched_at, None), (_("签收"), m.signed_at, m.sign_due_at), (_("首次联系"), m.contacted_at, m.contact_due_at),
        (_("答复"), m.replied_at, m.due_at), (_("办结"), m.closed_at, m.callback_due_at if m.closed_at is None else None), (_("归档"), m.archived_at, None),
    ]
    return [{"label": label, "at": when(at), "due": when(due)} for label, at, due in lines if at or due]
