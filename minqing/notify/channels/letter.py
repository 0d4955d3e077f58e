"""Letters in large type (18 pt, A4), printed in walking order, carried by whoever goes there.

Invariant: nothing on the outside but the name and the door; where nothing may be left at home there is no letter.
"""

from __future__ import annotations

from collections.abc import Mapping

from minqing.notify.models import Message
from minqing.notify.rules import templates
from minqing.notify.rules.templates import Template


def paragraphs(template: Template, values: Mapping[str, str], message: Message) -> list[str]:
    """The letter's words, one paragraph a line."""
    return [line for line in templates.fill(template, values, letter=True, language=message.language).split("\n") if line.strip()]


def walking_order(message: Message) -> tuple[str, str, str]:
    """Grid, then hamlet and door, then name: one walk."""
    return (message.grid_code, message.walk_key or message.address, message.name)
