"""Where the gateway says what became of text messages.

Invariant: believed with its signature only; what is heard is kept in a file, no message is changed here.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from minqing.gateways.webhook import MOST_BYTES, SIGNATURE, TIMESTAMP
from minqing.notify.actions import receipts
from minqing.web.shared.middleware import open_to_all


@open_to_all
@csrf_exempt
def sms_receipt(request: HttpRequest) -> HttpResponse:
    """POST {"receipts": [{"key", "delivered", "at", "why"}]}, signed as our own requests are."""
    if request.method != "POST":
        return HttpResponse("此地址只接收短信网关的回执（POST）。", status=405, content_type="text/plain; charset=utf-8", headers={"Allow": "POST"})
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return HttpResponse("一次的回执太多，请分几次发。", status=413, content_type="text/plain; charset=utf-8")
    try:
        n = receipts.accept(request.body, timestamp=request.headers.get(TIMESTAMP, ""), signature=request.headers.get(SIGNATURE, ""), at=timezone.now())
    except receipts.Forged as forged:
        return HttpResponse(str(forged), status=403, content_type="text/plain; charset=utf-8")
    except ValueError as problem:
        return HttpResponse(str(problem), status=400, content_type="text/plain; charset=utf-8")
    return JsonResponse({"accepted": n})
