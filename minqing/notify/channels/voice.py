"""Telephone calls by a person: what to say, what to heed, the list as a file for a calling system.

Invariant: the script asks for the person first and says nothing of the matter to anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping

from minqing.gateways import voice
from minqing.notify.models import Message
from minqing.notify.rules import routing, templates
from minqing.notify.rules.templates import Template


def script(template: Template, values: Mapping[str, str], message: Message) -> str:
    """The words as they are said, numbers digit by digit."""
    opening = f"您好，请问是{message.name}吗？" if message.name else "您好。"
    return opening + voice.speakable(templates.fill(template, values, language=message.language))


def caution(message: Message) -> str:
    """What the caller must know before dialling; '' where nothing is special."""
    if message.alone:
        return routing.NOT_HOME_CAUTION
    return routing.HOME_PHONE_CAUTION if message.home_phone or message.phone_shared else ""
