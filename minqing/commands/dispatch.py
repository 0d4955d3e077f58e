"""From the words of the command line to the function that does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from minqing.commands import backups, docs, doctor, gathering, installing, papers, registers, serving
from minqing.commands.output import Failed, fail

COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "init": installing.init,
    "demo": installing.demo,
    "practice": installing.practice,
    "migrate": installing.migrate,
    "serve": serving.serve,
    "worker": serving.worker,
    "doctor": doctor.doctor,
    "backup": backups.backup_now,
    "rotate-keys": backups.rotate_keys,
    "gather": gathering.gather,
    "staff": registers.staff,
    "areas": registers.areas,
    "audit": registers.audit,
    "print": papers.print_sheets,
    "docs": docs.docs,
}


def run(options: argparse.Namespace) -> int:
    """Exit code of one command; a refusal is one sentence on standard error."""
    try:
        return COMMANDS[options.command](options)
    except Failed as refusal:
        return fail(str(refusal))
