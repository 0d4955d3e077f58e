"""民情沟通. Shape, constraints and facts of one row; no verbs."""

from minqing.contact.models.analysis import Analysis, Decision, DecisionWord, Finding
from minqing.contact.models.days import Booking, ContactDay, DayMatter, DaySeat
from minqing.contact.models.doors import Door, DoorCheck
from minqing.contact.models.duty import DutyAbsence, DutyDay, DutyMatter, DutyRota, DutySwap, DutyVisitor
from minqing.contact.models.feeds import Feed
from minqing.contact.models.flood import (
    DangerZone,
    Shelter,
    TransferEvent,
    TransferLine,
    TransferMark,
    TransferNeed,
    TransferPlan,
)
from minqing.contact.models.handover import Handover, HandoverItem
from minqing.contact.models.meetings import (
    AgendaItem,
    Attendance,
    Meeting,
    MeetingPaper,
    MeetingStep,
    Objection,
    Opinion,
    Publication,
    Representative,
    Resolution,
    ResolutionNote,
    VoteCount,
)
from minqing.contact.models.rhythm import Market, Rhythm
from minqing.contact.models.training import Course, CourseSeat, CourseSession, Mentoring
from minqing.contact.models.visits import Checkup, Visit, VisitMatter, VisitNote
from minqing.contact.models.waiting import CountyInterval, DoorAsk, GraveNews

__all__ = [
    "Analysis", "Course", "CourseSeat", "CourseSession", "Decision", "DecisionWord", "Finding", "Handover", "HandoverItem", "Mentoring",
    "AgendaItem", "Attendance", "Booking", "Checkup", "ContactDay", "CountyInterval", "DangerZone", "DayMatter", "DaySeat", "Door", "DoorAsk", "DoorCheck", "DutyAbsence",
    "DutyDay", "DutyMatter", "DutyRota", "DutySwap", "DutyVisitor", "Feed", "GraveNews", "Market", "Meeting", "MeetingPaper", "MeetingStep", "Objection", "Opinion", "Publication",
    "Representative", "Resolution", "ResolutionNote", "Rhythm", "Shelter", "TransferEvent", "TransferLine", "TransferMark", "TransferNeed", "TransferPlan", "Visit", "VisitMatter",
    "VisitNote", "VoteCount",
]
