"""What contact declares to the areas below: whose rows follow when two files are one person."""

from __future__ import annotations

from minqing.archives.merging import Move

MOVES = (Move("contact_visit", "met"), Move("contact_checkup", "person_id"))
