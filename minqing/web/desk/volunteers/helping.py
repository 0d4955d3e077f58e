"""What the page of a matter says of volunteers: asked or not, how far it is. Invariant: numbers of people and names are not there."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.service.actions import errands
from minqing.service.actions.volunteers import spoken_start
from minqing.service.models import Matter
from minqing.service.queries import volunteers as queries
from minqing.service.rules import volunteers as rules
from minqing.service.rules.states import State
from minqing.web.desk.volunteers import parts


def of_matter(matter: Matter, me: Me) -> dict[str, Any]:
    """{"rows", "may", "matter"}: requests of this matter, and whether one more may be asked for. One statement; none where no volunteer belongs."""
    if matter.restricted or matter.confidential:   # in confidence: his name goes to no team
        return {"rows": [], "may": False, "matter": matter.pk}
    rows = [{"skill": parts.skills([r.skill]), "state": _(rules.HELP_LABELS[r.state]), "tone": parts.TONES[r.state], "team": r.team, "when": spoken_start(r.starts_at) if r.starts_at else ""} for r in queries.of_matter(matter.pk, me)]
    return {"rows": rows, "may": me.holds(Right.INTAKE) and State(matter.state) in errands.RUNNING and len(matter.place_code) >= 12, "matter": matter.pk}
