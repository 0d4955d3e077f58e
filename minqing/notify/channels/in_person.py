"""An errand: tell her in person. What to say, in plain words, and what to heed.

Invariant: the errand holds the words and the door, nothing else of the file.
"""

from __future__ import annotations

from collections.abc import Mapping

from minqing.notify.models import Message
from minqing.notify.rules import routing, templates
from minqing.notify.rules.templates import Template


def words(template: Template, values: Mapping[str, str], message: Message) -> str:
    return templates.fill(template, values, language=message.language)


def caution(message: Message) -> str:
    return routing.NOT_HOME_CAUTION if message.alone else ""
