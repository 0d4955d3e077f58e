"""What 为民服务 knows."""

from minqing.service.models.calendar import WorkCalendarDay
from minqing.service.models.matters import Attachment, CallBack, Contact, Matter, Move, Party, Seat
from minqing.service.models.rules import DispatchRule, Limit

__all__ = ["Attachment", "CallBack", "Contact", "DispatchRule", "Limit", "Matter", "Move", "Party", "Seat", "WorkCalendarDay"]
