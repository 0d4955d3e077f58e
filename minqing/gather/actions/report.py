"""The row-level report of a batch: an Excel file, kept encrypted, opened by whoever may gather there."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me
from minqing.archives import vault
from minqing.gather.engine import reporting, store
from minqing.gather.models import Batch
from minqing.lib import ciphers


class Absent(Exception):
    """There is no report (yet)."""


def path_of(batch: uuid.UUID) -> Path:
    return Path(settings.HOME) / "batches" / str(batch) / "report.bin"


def keep(work: store.Workspace, batch: uuid.UUID) -> None:
    """Write the report from the engine's tables; only its ciphertext stays on disk."""
    with tempfile.TemporaryDirectory(dir=work.folder) as folder:
        clear = Path(folder) / "report.xlsx"
        reporting.write(work, clear)
        envelope = vault.ring().cipher(sensitive=True).encrypt(clear.read_bytes(), ciphers.context("gather_batch.report", batch))
    target = path_of(batch)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.with_suffix(".new").write_bytes(envelope)
    target.with_suffix(".new").rename(target)


def read(batch: uuid.UUID, *, by: Me) -> bytes:
    """The Excel file. Audited. Raises Absent; a batch outside the scope is not found."""
    row = Batch.objects.filter(pk=batch).first()
    if row is None or not path_of(batch).exists():
        raise Absent(_("没有这个批次的报告：可能还没有归集完，或不在您的范围内。"))
    by.require(Right.GATHER, row.area_code)
    audit.record("gather.report", detail={"batch": str(batch)})
    return vault.ring().cipher(sensitive=True).decrypt(path_of(batch).read_bytes(), ciphers.context("gather_batch.report", batch))
