"""What waits on the work desk of orders and parcels: (title, tag, tone, address, label, note) for home.Job.

Invariant: numbers only, one statement each, and none for whoever does not work where orders arrive.
"""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.scope import Me
from minqing.service.actions import exchange, parcels
from minqing.service.queries import exchange as queries
from minqing.service.queries import parcels as parcel_queries


def waiting(me: Me, now: datetime) -> list[tuple[str, str, str, str, str, str]]:
    """Rows that could not be read, answers that came back, answers that wait; then what waits with other counties."""
    found: list[tuple[str, str, str, str, str, str]] = []
    if exchange.may_exchange(me):
        n = queries.counts(me, exchange.desk_of(me))
        if n.refused:
            found.append((_("%d 件答复被对方退回") % n.refused, _("退回"), "cin", reverse("exchange-replies"), _("去看"), _("照退回的原因补充，再交一次")))
        if n.broken:
            found.append((_("%d 条自动收发不通") % n.broken, _("收发"), "cin", reverse("exchange-list"), _("去看"), _("写着哪条、从什么时候起；这期间可以上传文件收")))
        if n.rows:
            found.append((_("%d 行工单没有读懂") % n.rows, _("收单"), "och", reverse("exchange-rows"), _("去改"), _("写着哪一列、为什么，改好就收")))
        if n.waiting:
            found.append((_("%d 件办完的要答复 12345、四平台") % n.waiting, _("答复"), "och", reverse("exchange-replies"), _("去交"), ""))
    if parcels.may_see(me):
        found += abroad(me, now)
    return found


def abroad(me: Me, now: datetime) -> list[tuple[str, str, str, str, str, str]]:
    """Parcels that are lost, came back, were never sent; errands that ended on one side and not on the other. One statement."""
    n, here, there = parcel_queries.counts(me, now), reverse("parcel-list"), reverse("parcel-list") + "?tab=in"
    door = parcels.arrived() if exchange.may_exchange(me) else 0
    lines = (
        (n.lost, _("%d 个寄外县的包裹没有回执"), _("可能丢了"), "cin", here, _("去看"), _("再送一次不会变成两件，或不再等它")),
        (n.refused, _("%d 件被外县退回"), _("退回"), "cin", here, _("去看"), _("改好重新寄，或由本处办")),
        (n.done, _("%d 件外县办好了，要告诉本人"), _("通办"), "och", here, _("去看"), ""),
        (n.packed, _("%d 个包裹备好了没有送"), _("通办"), "och", here, _("去送"), ""),
        (n.untold, _("%d 件外县交来的办完了，要告诉对方"), _("通办"), "och", there, _("去看"), ""),
        (n.words, _("%d 条回执或消息要交给外县"), _("通办"), "och", here, _("去交"), ""),
        (door, _("%d 个外县的包裹等着收"), _("通办"), "och", here, _("去收"), ""),
    )
    return [(title % k, tag, tone, url, label, note) for k, title, tag, tone, url, label, note in lines if k]
