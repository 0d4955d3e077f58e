"""What access knows: areas, organisations, staff, appointments, accounts, sessions, the audit."""

from minqing.access.models.accounts import Account, SecondFactor, Session, Subject
from minqing.access.models.areas import Area, AreaAlias, AreaSuccession
from minqing.access.models.audit import AuditEntry, AuditSeal
from minqing.access.models.residents import Consent, Feedback, LoginCode, ResidentAccount
from minqing.access.models.staff import Appointment, Organisation, Role, RoleRight, Staff, StaffPerson

__all__ = [
    "Account", "Appointment", "Area", "AreaAlias", "AreaSuccession", "AuditEntry", "AuditSeal",
    "Consent", "Feedback", "LoginCode", "Organisation", "ResidentAccount", "Role", "RoleRight", "SecondFactor", "Session", "Staff", "StaffPerson", "Subject",
]
