"""«模拟来电»: plays a telephone system at the demonstration's own door. There is no such page where real people are.

Invariant: the simulated telephone system knows its line's token and nothing else; its events go the way of every event, after the operator's own
transaction has ended.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages as says
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minqing.gateways.telephony.simulator import Simulator
from minqing.service.actions import simulating
from minqing.service.models import Call
from minqing.service.queries import calls as queries
from minqing.web.desk.hotline import board
from minqing.web.shared.middleware import StaffRequest

SAID = {"ring": "来电", "answer": "接起", "forward": "转接", "hangup": "挂断", "missed": "没人接，挂断", "voicemail": "留言", "rate": "按键评价"}


def simulate(request: StaffRequest) -> HttpResponse:
    """Ring, answer, forward, hang up, leave a message, press a key."""
    if not settings.FICTITIOUS:
        raise Http404
    desk = board.need_hotline(request.me)
    demo = simulating.known()
    if request.method == "POST":
        if not demo.get("token"):
            says.error(request, _("演示没有接好线路。请先运行 minqing demo，或在“值班与线路”里接一条线路后用 minqing cti-simulate。"))
            return HttpResponseRedirect(reverse("hotline-simulate"))
        act, said = request.POST.get("act", ""), request.POST
        simulator = Simulator(simulating.in_process(demo["token"]), line=demo.get("line", "4888365"))
        if said.get("call_id"):
            simulator.call_id, simulator.number = said["call_id"][:80], said.get("number", "")[:20]
        steps = {
            "ring": lambda: simulator.ring(said.get("number", "")), "answer": lambda: simulator.answer(said.get("extension", "") or "8001"), "forward": lambda: simulator.forward(said.get("forward", "") or "15400000011"),
            "hangup": lambda: simulator.hangup(), "missed": lambda: simulator.hangup("noAnswer"), "voicemail": lambda: simulator.voicemail(said.get("text", "") or _("请给我回个电话")), "rate": lambda: simulator.rate(int(said["digit"]) if said.get("digit", "") in ("1", "2", "3") else 1, said.get("matter", "")),
        }
        step = steps.get(act)
        if step is None:
            says.error(request, _("请选一种办法。"))
        else:
            # the operator's transaction ends first: the telephone system enters in a scope of its own
            transaction.on_commit(step)
            says.success(request, _("话机系统已报：%s。") % _(SAID[act]))
        return HttpResponseRedirect(reverse("hotline") if act == "ring" else reverse("hotline-simulate"))
    live = list(Call.objects.filter(desk_code=desk, ended_at=None).order_by("-started_at")[:10])
    return render(request, "desk/hotline/simulate.html", {"callers": demo.get("callers", []), "connected": bool(demo.get("token")), "live": [{"c": c, "number": queries.clear_number(c)} for c in live], "extension": queries.extension_of(request.me),
                                                          **board.ring_context(request), "crumbs": [(_("热线"), reverse("hotline")), (_("模拟来电"), "")]})
