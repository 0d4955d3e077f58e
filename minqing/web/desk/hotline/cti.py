"""The telephone system's door: POST /cti/<token>/ in the shape of Zammad's generic CTI, GET /cti/<token>/now/ for who answers.

Invariants: no log-in session and no right, the line's token alone (and, where one is set, the signature of webhooks); an answer in
milliseconds; what is wrong is said in one sentence; guesses of tokens from one address are slowed down before they reach the database.
"""

from __future__ import annotations

import threading
import time

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from minqing.access.scope import NoSession
from minqing.gateways import telephony
from minqing.gateways.webhook import SIGNATURE, TIMESTAMP, genuine
from minqing.service.actions import calls, enclosures, rota
from minqing.service.refusals import Missing
from minqing.web.shared.middleware import address_of, open_to_all

#: Wrong tokens from one address within a minute, in this process, before it has to wait.
WRONG, WINDOW, MOST_ADDRESSES = 10, 60.0, 2_000
_wrong: dict[str, list[float]] = {}
_lock = threading.Lock()


def slowed(address: str, now: float) -> bool:
    with _lock:
        tries = [t for t in _wrong.get(address, ()) if t > now - WINDOW]
        if tries:
            _wrong[address] = tries
        else:
            _wrong.pop(address, None)
        return len(tries) >= WRONG


def remember_wrong(address: str, now: float) -> None:
    with _lock:
        if len(_wrong) >= MOST_ADDRESSES:
            _wrong.clear()
        _wrong.setdefault(address, []).append(now)


def refuse(sentence: str, status: int, **headers: str) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status, json_dumps_params={"ensure_ascii": False}, headers=headers)


def _forged(request: HttpRequest) -> bool:
    if not settings.CTI_SECRET:
        return False
    return not genuine(settings.CTI_SECRET, timestamp=request.headers.get(TIMESTAMP, ""), signature=request.headers.get(SIGNATURE, ""), body=request.body, now=time.time())


@open_to_all
@csrf_exempt
def cti(request: HttpRequest, token: str) -> HttpResponse:
    """One event of one call."""
    if request.method != "POST":
        return refuse("此地址只接收话机系统的事件（POST）。", 405, Allow="POST")
    address, now = address_of(request), time.monotonic()
    if slowed(address, now):
        return refuse("令牌错得太多，请一分钟后再试。", 403, **{"Retry-After": "60"})
    multipart = (request.content_type or "").startswith("multipart/")
    if not multipart and int(request.headers.get("Content-Length") or 0) > telephony.MOST_BYTES:
        return refuse("请求太大；录音请用 multipart 表单的 file 字段传。", 400)
    try:
        if _forged(request):
            return refuse("签名不对或已过期，请核对话机系统的密钥和时钟。", 403)
        event = telephony.read(telephony.fields_of(request.content_type or "", b"" if multipart else request.body, {k: request.POST.getlist(k) for k in request.POST}))
        given = request.FILES.get("file")
        file = enclosures.check("voice", given.name or "voicemail", given.read()) if given is not None else None
        call, fresh = calls.receive(token=token, event=event, origin=f"cti {address}", at=timezone.now(), file=file)
    except NoSession:
        remember_wrong(address, now)
        return refuse("没有这条线路，或令牌已停用。请在“热线·值班与线路”里核对。", 403)
    except calls.TooMany:
        return refuse("这条线路一分钟内的事件太多，请稍后再发。", 403, **{"Retry-After": "60"})
    except (telephony.Bad, Missing) as problem:
        return refuse(str(problem), 422)
    except (RequestDataTooBig, MultiPartParserError):
        return refuse("请求看不明白或太大，请核对话机系统的设置。", 400)
    return JsonResponse({"ok": True, "call": str(call), "new": fresh})


@open_to_all
def who_answers(request: HttpRequest, token: str) -> HttpResponse:
    """Where a call of this line goes now: extensions, duty telephones in order, the fallback, or the machine."""
    if request.method != "GET":
        return refuse("此地址只回答谁在接听（GET）。", 405, Allow="GET")
    address, now = address_of(request), time.monotonic()
    if slowed(address, now):
        return refuse("令牌错得太多，请一分钟后再试。", 403, **{"Retry-After": "60"})
    try:
        if _forged(request):
            return refuse("签名不对或已过期，请核对话机系统的密钥和时钟。", 403)
        found = rota.now(token=token, origin=f"cti {address}", at=timezone.now())
    except NoSession:
        remember_wrong(address, now)
        return refuse("没有这条线路，或令牌已停用。请在“热线·值班与线路”里核对。", 403)
    return JsonResponse({"how": found.how, "to": list(found.to), "names": list(found.names), "voicemail": found.how == "voicemail", "until": found.until.isoformat() if found.until else None}, json_dumps_params={"ensure_ascii": False})
