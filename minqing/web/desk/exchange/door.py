"""Where other counties' systems put their parcels: POST /parcels/in/, without a log-in, as nobody in particular.

Invariants: a parcel is kept only if a county whose card we have signed it for us; it is not opened here; what is wrong is said in one
sentence and noted; the reception takes it in later, in a transaction of its own.
"""

from __future__ import annotations

from django.db import DatabaseError, transaction
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from minqing.access.actions import audit
from minqing.gateways import parcels as gateway
from minqing.service.actions import parcels
from minqing.web.portal.middleware import PortalRequest, everybody


def say(status: int, **content: object) -> JsonResponse:
    return JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})


@csrf_exempt
@everybody
def arrive(request: PortalRequest) -> HttpResponse:
    """One parcel in the body."""
    if request.method != "POST":
        return say(405, error="此地址只接收外县的通办包裹（POST）。")
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or not 0 < int(length) <= gateway.MOST_BYTES:
        return say(413, error="包裹是空的，或超过 24 MB。")
    try:
        with transaction.atomic(using="resident"):
            return take_down(request)
    except DatabaseError:
        return say(429, error="这个地址送来的包裹太多，请一小时后再送。")


def take_down(request: PortalRequest) -> HttpResponse:
    """Keep it or say why not; either is counted for the address it came from."""
    try:
        parcels.arrive(data=request.read(gateway.MOST_BYTES + 1), using="resident", at=request.now)
    except gateway.Refusal as refusal:
        audit.record("parcel.refuse", detail={"kind": refusal.code}, using="resident")
        return say(422, error=str(refusal), code=refusal.code)
    except parcels.Full as refusal:
        return say(503, error=str(refusal))
    return say(202, stored=True)
