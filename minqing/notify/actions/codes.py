"""Log-in codes: sent at once, by the same gateway, and kept nowhere.

Invariant: a code stands in no table, no log and no step; at night it is sent as well, since somebody is waiting for it.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from minqing.gateways.webhook import Result
from minqing.lib import phones
from minqing.notify.channels import sms
from minqing.notify.refusals import Refused
from minqing.notify.rules import templates


def send_code(phone: str, code: str, at: datetime) -> None:
    """Send one code to one mobile. The same code to the same number is sent once. Raises Refused with what to do instead."""
    if not phones.is_mobile(phone):
        raise Refused(_("这不是手机号，收不到验证码：请写 11 位手机号，或请村里帮您登录。"))
    text = sms.words(templates.TEMPLATES["code"], {"code": code})
    gateway = sms.gateway()
    if gateway.name == "off":
        raise Refused(_("这里没有开通短信，收不到验证码：请到村便民服务点，由工作人员帮您登录。"))
    key = "code-" + hmac.new(settings.SECRET_KEY.encode(), f"{phone}|{code}|{at:%Y%m%d%H}".encode(), hashlib.sha256).hexdigest()[:40]
    try:
        outcome = gateway.send(phone=phone, text=text, key=key, now=at.timestamp())
    except (ValueError, OSError):
        raise Refused(_("验证码没有发出去：短信没有设置好，请联系管理员。")) from None
    if outcome.result is not Result.HANDED:
        raise Refused(_("验证码没有发出去：请过一分钟再试，或请村里帮您登录。"))
