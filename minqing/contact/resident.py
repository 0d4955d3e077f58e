"""What contact declares to the areas below: whose rows follow when two files are one person, what is open when a post ends."""

from __future__ import annotations

from minqing.archives.merging import Move
from minqing.contact.actions import leaving, succeeding

MOVES = (Move("contact_booking", "person_id"), Move("contact_visit", "met"), Move("contact_checkup", "person_id"), Move("contact_attendance", "person_id"), Move("contact_opinion", "person_id"), Move("contact_representative", "person_id"), Move("contact_transferplan", "person_id"))
OPEN_THINGS = leaving.OPEN_THINGS
CARRIES = (succeeding.carry,)
