"""What waits on the work desk of errands and offers: (title, tag, tone, address, label, note) for home.Job.

Invariant: numbers only; whoever opens no files gets no number about people of files.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.service.queries import errands, offers

MOST_PLACES = 6


def waiting(me: Me) -> list[tuple[str, str, str, str, str, str]]:
    """Errands that wait for a yes, for somebody to run them; people whom a policy found."""
    found = []
    if me.holds(Right.INTAKE) or me.holds(Right.MATTERS):
        asked = errands.asked_of(me)
        if asked:
            found.append((_("%d 件代办等您答应") % asked, _("代办"), "cin", reverse("errand-list") + "?tab=mine", _("去看"), _("能办点“我来办”，办不了写原因退回")))
        alone = errands.unassigned(me) if me.holds(Right.MATTERS) else 0
        if alone:
            found.append((_("%d 件代办还没有人去跑") % alone, _("代办"), "och", reverse("errand-list"), _("去安排"), ""))
    codes = me.codes if me.holds(Right.WRITE) else []
    if codes and len(codes) <= MOST_PLACES and all(len(c) >= 12 for c in codes):
        n = offers.waiting(codes)
        if n:
            found.append((_("%d 人有政策该告诉") % n, _("政策找人"), "och", reverse("policy-list"), _("去看"), _("先说“持身份证即可享受”，要办的再开代办")))
    return found
