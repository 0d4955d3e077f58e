"""评价: how somebody who has nothing but a receipt (number and six-letter word) says whether it was solved.

Invariants: what is typed stays; one sentence for a wrong number and a wrong word; nothing of the matter is shown that the receipt does not show.
"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from minqing.service.actions import own
from minqing.service.refusals import Missing, NotHere, Refused
from minqing.service.rules import numbers, states
from minqing.web.portal import forms
from minqing.web.portal.middleware import PortalRequest, everybody


class ReceiptRateForm(forms.RateForm, forms.ReceiptForm):
    """Number and word, then the four questions."""

    field_order = ("number", "word", "solved", "satisfied", "told", "words")


def after(state: str) -> tuple[str, str]:
    """(what happened, what happens next) of the state a rating led to."""
    if state == states.State.REDO:
        return _("已经退回重新办理"), _("会有人和您联系。办好以后再请您评价。")
    if state == states.State.EXPLAIN_PENDING:
        return _("已报上一级"), _("由上一级领导看怎么办：退回重办，或给您一个说明。")
    return _("评价收到了，谢谢您"), _("这件事办结了。三十天内又有新情况，凭编号再说。")


@everybody
def rate(request: PortalRequest) -> HttpResponse:
    """By receipt. `fill`: the receipt was already typed on the page before."""
    if request.method == "POST" and "fill" in request.POST:
        form = ReceiptRateForm(initial={"number": request.POST.get("number", "")[:24], "word": request.POST.get("word", "")[:12]})
        return render(request, "portal/rate.html", {"form": form})
    form = ReceiptRateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        d = form.cleaned_data
        try:
            state = own.rate_by_receipt(number=d["number"], word=d["word"], solved=d["solved"], satisfied=d["satisfied"], told_that_day={"yes": True, "no": False}.get(d["told"]), words=d["words"],
                                        visitor=request.visitor, at=request.now)
        except Missing as lacking:
            form.add_error(lacking.field if lacking.field in form.fields else None, str(lacking))
        except NotHere as refusal:
            form.add_error("number", str(refusal))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            said, next_ = after(state)
            return render(request, "portal/rated.html", {"said": said, "next": next_, "number": numbers.spoken(numbers.read(d["number"])), "good": state == states.State.CLOSED})
    return render(request, "portal/rate.html", {"form": form}, status=422 if form.errors else 200)
