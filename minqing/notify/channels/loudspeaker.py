"""Words for the village loudspeaker, as they are read out, twice.

Invariant: nobody is named: a text with personal fields is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from minqing.gateways import voice
from minqing.notify.refusals import Refused
from minqing.notify.rules import templates
from minqing.notify.rules.templates import Template


def words(template: Template, values: Mapping[str, str]) -> str:
    """Raises Refused where the text is about one person."""
    if template.personal:
        raise Refused(f"“{template.label}”写的是某个人的事，不能广播。")
    return "各位村民请注意：" + voice.speakable(templates.fill(template, values)) + "再播送一遍。"
