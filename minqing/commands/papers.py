"""`minqing print`: blank or pre-filled sheets for a grid, in walking order."""

from __future__ import annotations

import argparse

from minqing.commands.acting import acting_as
from minqing.commands.output import result
from minqing.web.shared import printing


def print_sheets(options: argparse.Namespace) -> int:
    with acting_as(options.staff, purpose="print") as me:
        pdf = printing.sheets(me, options.grid, blank=options.blank)
    options.file.write_bytes(pdf)
    result({"文件": str(options.file)}, as_json=options.json)
    return 0
