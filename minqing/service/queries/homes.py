"""Open matters of the people of a household, as lists, panels and phones show them.

Invariant: nothing restricted (about staff) or confidential, and no party who asked not to be named, is told beside a household.
"""

from __future__ import annotations

#: The state is asked of the party's copy: of ten years of matters the seat's law is then asked for the open ones only.
#: (household, id, number, title, state, due) once per matter, whichever of its members it is of. Parameters: ids of households, states.OPEN_VALUES.
OPEN_MATTERS = """select distinct t.household_id, m.id, m.number, m.title, m.state, m.due_at from archives_membership t join service_party p on p.person_id = t.person_id join service_matter m on m.id = p.matter_id
   where t.household_id = any(%s) and t.ends_on is null and t.voided_at is null and p.state = any(%s) and not m.restricted and not m.confidential and not p.hidden"""
