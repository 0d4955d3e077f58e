"""The phone's doors: JSON in, JSON out (minqing/sync/README.md).

Invariants: a view reads the call, calls one action, answers; whatever is not of the protocol gets a code and one sentence; without a
session the answer is 401, never a page. Answers are small and carry nothing that a cache may keep.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import uuid
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from minqing.access import scope
from minqing.access.actions import sessions
from minqing.access.rules.roles import Right
from minqing.access.scope import NoSession, NotAllowed
from minqing.archives.refusals import Refused
from minqing.sync import queries, vault
from minqing.sync.actions import blobs as photos
from minqing.sync.actions import boxes as sealed_boxes
from minqing.sync.actions import devices as phones
from minqing.sync.actions import operations, sealed_files
from minqing.sync.models import Operation
from minqing.sync.refusals import Unfit
from minqing.sync.rules import protocol
from minqing.web.portal.middleware import everybody
from minqing.web.shared.middleware import StaffRequest, open_to_all

#: From here on an answer is worth packing.
WORTH_PACKING = 1024


def say(request: HttpRequest, content: dict[str, Any], status: int = 200) -> HttpResponse:
    """One answer, packed where the phone takes it. Nothing secret that somebody could guess by its length is beside what he can choose."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    if len(body) > WORTH_PACKING and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(body, compresslevel=6, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding, Cookie"
    return response


def refuse(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, Unfit):
        return say(request, {"error": error.code, "msg": str(error)}, error.status)
    return say(request, {"error": "refused", "msg": str(error)}, 403)


def door(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view of the protocol: these methods only, and every refusal as JSON. A refused call leaves nothing."""
    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: StaffRequest, **named: Any) -> HttpResponse:
            if request.method not in methods:
                return say(request, {"error": "method", "msg": _("这个地址只给手机程序用。")}, 405)
            try:
                with transaction.atomic():
                    return view(request, **named)
            except (Unfit, Refused, NotAllowed) as error:
                response = refuse(request, error)
                if response.status_code in (403, 404):  # what is not his is remembered, as for a page
                    request.refused = "not_found"
                return response
        return answer
    return wrap


def body_of(request: HttpRequest, most: int) -> dict[str, Any]:
    """The JSON object of a call. Raises Unfit."""
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > most:
        raise Unfit("large", _("这一次送的太多，请分几次送。"), 413)
    try:
        found = json.loads(request.body)
    except (ValueError, UnicodeDecodeError) as error:
        raise Unfit("json", _("手机送来的内容读不懂，请更新手机上的程序。")) from error
    if not isinstance(found, dict):
        raise Unfit("json", _("手机送来的内容读不懂，请更新手机上的程序。"))
    return found


def uuid_of(content: dict[str, Any], name: str) -> uuid.UUID:
    try:
        return uuid.UUID(str(content[name]))
    except (KeyError, ValueError) as error:
        raise Unfit(name, _("手机送来的内容缺少“%s”，请更新手机上的程序。") % name) from error


def moment_of(content: dict[str, Any], name: str) -> datetime:
    try:
        found = parse_datetime(str(content.get(name) or ""))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Unfit(name, _("手机送来的内容缺少“%s”，请更新手机上的程序。") % name)
    return found


def check_schema(content: dict[str, Any]) -> None:
    """A phone older than we can read updates first; a newer one is heard: what we do not know, we keep."""
    if not isinstance(content.get("schema"), int) or content["schema"] < protocol.MIN_SCHEMA:
        raise Unfit("schema", _("手机上的程序太旧，请联网打开一次，等它自己更新。没有上传的内容都在。"), 409)


@open_to_all
def hello(request: HttpRequest) -> HttpResponse:
    """Is the server there, who am I, to which key do I seal. Nothing of anybody but the caller."""
    number, key = vault.seal_key()
    me = None
    token = request.COOKIES.get(settings.SESSION_COOKIE, "")
    session = sessions.find(token, at=timezone.now()) if token else None
    if session is not None and session.account_id is not None and session.complete:
        try:
            with scope.acting(token, purpose="direct:phone-api-hello", origin="phone") as who:
                me = {"id": str(who.id), "name": who.name, "title": who.title, "helper": bool(who.posts) and not who.holds(Right.PEOPLE)}
        except NoSession:
            me = None
    return say(request, {
        "schema": protocol.SCHEMA, "min_schema": protocol.MIN_SCHEMA, "now": timezone.localtime().isoformat(timespec="seconds"), "csrf": get_token(request),
        "seal_key": base64.b64encode(key).decode(), "seal_key_no": number, "me": me,
    })


@door("POST")
def devices(request: StaffRequest) -> HttpResponse:
    content = body_of(request, 4096)
    row = phones.register(id=uuid_of(content, "id"), name=str(content.get("name") or ""), public_key=str(content.get("public_key") or ""), by=request.me, at=request.now)
    return say(request, {"device": str(row.pk), "lease": timezone.localtime(row.lease_until).isoformat(timespec="seconds"), "state": row.state})


@door("POST")
def close(request: StaffRequest, device: uuid.UUID) -> HttpResponse:
    row = phones.close(device=device, state=str(body_of(request, 4096).get("state") or ""), by=request.me, at=request.now)
    return say(request, {"device": str(row.pk), "state": row.state})


@door("POST")
def pull(request: StaffRequest) -> HttpResponse:
    content = body_of(request, 64 * 1024)
    check_schema(content)
    try:
        want = tuple(uuid.UUID(str(i)) for i in (content.get("want") or [])[:500])
    except (ValueError, TypeError) as error:
        raise Unfit("want", _("手机送来的内容缺少“%s”，请更新手机上的程序。") % "want") from error
    asked = queries.Asked(cursor=str(content.get("cursor") or ""), digest=str(content.get("digest") or ""), ids=content.get("ids") is True, want=want)
    device = phones.mine(uuid_of(content, "device"), request.me)
    answer = queries.pull(asked, device=device, by=request.me, at=request.now)
    phones.shut_out(device, request.me)
    return say(request, answer)


@door("POST")
def push(request: StaffRequest) -> HttpResponse:
    content = body_of(request, protocol.MOST_OPERATIONS * protocol.MOST_BYTES)
    check_schema(content)
    device = phones.mine(uuid_of(content, "device"), request.me)
    given = content.get("ops")
    if not isinstance(given, list) or len(given) > protocol.MOST_OPERATIONS:
        raise Unfit("ops", _("一次最多送 %d 项，请分几次送。") % protocol.MOST_OPERATIONS)
    if device.state == "lost":  # whoever holds it writes nothing in the owner's name; what the owner had not sent is in its sealed boxes
        return say(request, {"now": timezone.localtime(request.now).isoformat(timespec="seconds"), "results": []})
    results = operations.push(given, device=device, clock=moment_of(content, "clock"), by=request.me, at=request.now)
    return say(request, {"now": timezone.localtime(request.now).isoformat(timespec="seconds"), "results": results})


@door("GET")
def operation(request: StaffRequest, op: uuid.UUID) -> HttpResponse:
    """What I wrote in an operation that is not done: also where the phone it came from is gone."""
    row = Operation.objects.filter(pk=op, state__in=["waiting", "later", "refused"]).first()
    if row is None:
        raise Unfit("no_op", _("没有这一项，或已办好。"), 404)
    content = vault.decrypt_json(vault.CONTENT, row.pk, row.content)
    return say(request, {"id": str(row.pk), "s": row.state, **content, "msg": vault.decrypt_json(vault.ANSWER, row.pk, row.answer).get("msg", "")})


@door("POST")
def blobs(request: StaffRequest) -> HttpResponse:
    content = body_of(request, 4096)
    size = content.get("size")
    row = photos.announce(id=uuid_of(content, "id"), size=size if isinstance(size, int) else 0, sha256=str(content.get("sha256") or ""), media=str(content.get("type") or ""), by=request.me, at=request.now)
    return say(request, {"have": photos.held(row), "parts": photos.parts_of(row)})


@door("PUT", "POST")
def part(request: StaffRequest, blob: uuid.UUID, number: int) -> HttpResponse:
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > protocol.PART:
        raise Unfit("large", _("这一次送的太多，请分几次送。"), 413)
    row = photos.put(blob=blob, no=number, content=request.body, by=request.me)
    done = photos.complete(row)
    if done:
        operations.resume(by=request.me, at=request.now)
    return say(request, {"have": photos.have(row), "complete": done})


def left(request: Any, method: str, put: Callable[[], dict[str, Any]]) -> HttpResponse:
    """What is put down by nobody in particular: no cookie is believed, none is needed, and a refused call leaves nothing."""
    if request.method != method:
        return say(request, {"error": "method", "msg": _("这个地址只给手机程序用。")}, 405)
    try:
        with transaction.atomic(using="resident"):
            return say(request, put())
    except Unfit as error:
        return refuse(request, error)


def base64_of(content: dict[str, Any], name: str) -> bytes:
    """Bytes of a call, at least as long as something sealed is. Raises Unfit."""
    try:
        found = base64.b64decode(str(content.get(name) or ""), validate=True)
    except binascii.Error:
        found = b""
    if len(found) < 64:
        raise Unfit(name, _("手机送来的内容读不懂，请更新手机上的程序。"))
    return found


@csrf_exempt
@everybody
def sealed(request: Any) -> HttpResponse:
    """Put down what cannot be sent under one's own name now."""
    def put() -> dict[str, Any]:
        content = body_of(request, protocol.MOST_BOX * 4 // 3 + 4096)
        sealed_boxes.leave(device=uuid_of(content, "device"), box=uuid_of(content, "id"), content=base64_of(content, "box"))
        return {"s": "kept"}
    return left(request, "POST", put)


@csrf_exempt
@everybody
def sealed_file(request: Any) -> HttpResponse:
    """A photo or a recording that is sealed is coming: which parts of it are there."""
    def put() -> dict[str, Any]:
        content = body_of(request, 16 * 1024)
        size = content.get("size")
        return sealed_files.leave(device=uuid_of(content, "device"), file=uuid_of(content, "id"), header=base64_of(content, "box"), size=size if isinstance(size, int) else -1, sha256=str(content.get("sha256") or ""))
    return left(request, "POST", put)


@csrf_exempt
@everybody
def sealed_part(request: Any, device: uuid.UUID, file: uuid.UUID, number: int) -> HttpResponse:
    """One part of it."""
    def put() -> dict[str, Any]:
        length = request.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > protocol.PART:
            raise Unfit("large", _("这一次送的太多，请分几次送。"), 413)
        return sealed_files.leave_part(device=device, file=file, no=number, content=request.body)
    return left(request, "PUT", put)


@csrf_exempt
@everybody
def word(request: Any) -> HttpResponse:
    """What became of this phone: asked where nobody is logged in, so that a lost one empties itself all the same."""
    if request.method != "POST":
        return say(request, {"error": "method", "msg": _("这个地址只给手机程序用。")}, 405)
    try:
        return say(request, {"state": phones.word_for(uuid_of(body_of(request, 4096), "device"))})
    except Unfit as error:
        return refuse(request, error)


@door("GET")
def boxes(request: StaffRequest) -> HttpResponse:
    return say(request, {"boxes": sealed_boxes.waiting(request.me)})


@door("POST")
def box(request: StaffRequest, box: uuid.UUID) -> HttpResponse:
    yes = body_of(request, 4096).get("confirm")
    if not isinstance(yes, bool):
        raise Unfit("confirm", _("请选择“是我填的”或“不要了”。"))
    return say(request, {"results": sealed_boxes.confirm(box=box, yes=yes, by=request.me, at=request.now)})
