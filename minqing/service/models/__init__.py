"""What 为民服务 knows."""

from minqing.service.models.calendar import WorkCalendarDay
from minqing.service.models.calls import Call, CallEvent, DutyShift, Extension, Knowledge, PhoneLine
from minqing.service.models.cards import PlaceCard
from minqing.service.models.catalogue import CatalogueItem, PolicyRule
from minqing.service.models.certificates import Certificate, CertificateCount, CertificateItem
from minqing.service.models.errands import AgentCard, Assignment, Errand, MoneyLine, Paper
from minqing.service.models.exchange import ExchangeLink, ForeignOrder, OrderFile, OrderRow
from minqing.service.models.matters import Attachment, CallBack, Contact, Matter, Move, Party, Seat
from minqing.service.models.mediation import Mediation, MediationConsent, MediationPromise, MediationSession
from minqing.service.models.offers import Benefit, Offer, OfferReason
from minqing.service.models.parcels import Parcel, ParcelRefusal, ParcelStep, Partner, PartnerItem
from minqing.service.models.plots import MatterPlot
from minqing.service.models.rules import DispatchRule, Learnt, Limit
from minqing.service.models.volunteers import (
    Activity,
    ActivityPart,
    Care,
    HelpRequest,
    HelpStep,
    HourLine,
    Introduction,
    MedicineCheck,
    Pairing,
    ShiftSwap,
    Team,
    TeamMember,
    TeamShift,
    Volunteer,
)
from minqing.service.models.window import (
    Counter,
    CounterSitting,
    HandedChange,
    Pad,
    PadSlip,
    Ticket,
    TicketMatter,
    WindowDay,
)

__all__ = [
    "AgentCard", "Assignment", "Attachment", "Benefit", "Call", "CallBack", "CallEvent", "CatalogueItem", "Contact", "DispatchRule", "DutyShift", "Errand", "Extension", "ForeignOrder", "Knowledge", "Learnt", "Limit", "Matter",
    "Mediation", "MediationConsent", "MediationPromise", "MediationSession", "MoneyLine", "Move", "Offer", "OfferReason", "Paper", "Party", "PhoneLine", "PolicyRule", "Seat", "WorkCalendarDay",
    "Certificate", "CertificateCount", "CertificateItem", "MatterPlot", "PlaceCard",
    "ExchangeLink", "OrderFile", "OrderRow", "Parcel", "ParcelRefusal", "ParcelStep", "Partner", "PartnerItem",
    "Counter", "CounterSitting", "HandedChange", "Pad", "PadSlip", "Ticket", "TicketMatter", "WindowDay",
    "Activity", "ActivityPart", "Care", "HelpRequest", "HelpStep", "HourLine", "Introduction", "MedicineCheck", "Pairing", "ShiftSwap", "Team", "TeamMember", "TeamShift", "Volunteer",
]
