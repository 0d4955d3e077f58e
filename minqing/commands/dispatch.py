"""From the words of the command line to the function that does it.

Each command names its module, which is loaded when it is asked for: `minqing areas list` need not load the engine.
"""

from __future__ import annotations

import argparse

from minqing import ground
from minqing.commands.output import Failed, fail

COMMANDS: dict[str, str] = {
    "init": "installing.init",
    "demo": "building.demo",
    "practice": "building.practice",
    "migrate": "installing.migrate",
    "serve": "serving.serve",
    "worker": "serving.worker",
    "doctor": "doctor.doctor",
    "backup": "backups.backup_now",
    "rotate-keys": "backups.rotate_keys",
    "retention": "retention.retention",
    "gather": "gathering.gather",
    "staff": "registers.staff",
    "areas": "registers.areas",
    "audit": "registers.audit",
    "calendar": "calendars.calendar",
    "cti-simulate": "hotline.simulate",
    "exchange": "exchanging.exchange",
    "parcels": "parcelling.parcels",
    "print": "papers.print_sheets",
    "docs": "docs.docs",
}


def run(options: argparse.Namespace) -> int:
    """Exit code of one command; a refusal is one sentence on standard error."""
    module, _, function = COMMANDS[options.command].partition(".")
    try:
        return int(getattr(ground.load(f"minqing.commands.{module}"), function)(options))
    except Failed as refusal:
        return fail(str(refusal))
