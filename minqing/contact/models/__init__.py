"""民情沟通: visits and the doors that helpers look in at. Shape, constraints and facts of one row; no verbs."""

from minqing.contact.models.doors import Door, DoorCheck
from minqing.contact.models.visits import Checkup, Visit, VisitMatter, VisitNote

__all__ = ["Checkup", "Door", "DoorCheck", "Visit", "VisitMatter", "VisitNote"]
