"""A poster for the wall: large type, no name.

Invariant: a text with personal fields is refused before it is written (actions.messages.straight) and once more here.
"""

from __future__ import annotations

from collections.abc import Mapping

from minqing.notify.refusals import Refused
from minqing.notify.rules import templates
from minqing.notify.rules.templates import Template


def words(template: Template, values: Mapping[str, str]) -> str:
    """Raises Refused where the text is about one person."""
    if template.personal:
        raise Refused(f"“{template.label}”写的是某个人的事，不能张贴。")
    return templates.fill(template, values)
