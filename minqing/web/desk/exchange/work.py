"""What waits on the work desk of orders and parcels: (title, tag, tone, address, label, note) for home.Job.

Invariant: numbers only, one statement, and none for whoever does not work where orders arrive.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.service.actions import exchange
from minqing.service.queries import exchange as queries


def waiting(me: Me) -> list[tuple[str, str, str, str, str, str]]:
    """Rows that could not be read, answers that came back, answers that wait."""
    found: list[tuple[str, str, str, str, str, str]] = []
    if exchange.may_exchange(me):
        n = queries.counts(me, exchange.desk_of(me))
        if n.refused:
            found.append((_("%d 件答复被对方退回") % n.refused, _("退回"), "cin", reverse("exchange-replies"), _("去看"), _("照退回的原因补充，再交一次")))
        if n.rows:
            found.append((_("%d 行工单没有读懂") % n.rows, _("收单"), "och", reverse("exchange-rows"), _("去改"), _("写着哪一列、为什么，改好就收")))
        if n.waiting:
            found.append((_("%d 件办完的要答复 12345、四平台") % n.waiting, _("答复"), "och", reverse("exchange-replies"), _("去交"), ""))
    return found
