"""Papers of a meeting: what lay on the table, the signed sheet of who came, the count sheet. Photos and PDF, checked like those of matters.

Invariants: the first bytes say what a file is; a photo is drawn anew; files lie encrypted under the key of level 4, bound to their own
ids; whoever opens one leaves a trace, and a photo shows who opened it and when.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.scope import Me
from minqing.archives import vault as archive_vault
from minqing.contact import vault
from minqing.contact.actions import meetings
from minqing.contact.models import Meeting, MeetingPaper
from minqing.contact.queries import meetings as reads
from minqing.contact.refusals import Missing, NotHere, Refused
from minqing.contact.rules import meetings as rules
from minqing.lib import ciphers
from minqing.service.actions import attachments, enclosures

NAME, FILE = "contact_meetingpaper.name_cipher", "contact_meetingpaper.file"
MOST = 40


@transaction.atomic
def add(*, meeting: Meeting | uuid.UUID, kind: str, files: Iterable[attachments.Given], by: Me, at: datetime, item: uuid.UUID | None = None) -> list[MeetingPaper]:
    """Keep papers with a meeting, until it is over. The bytes are written before the rows."""
    row = meetings.ready(meeting, by, "planned", "noticed", "held", "signed", "published")
    if kind not in dict(rules.PAPERS):
        raise Missing("kind", _("请选择是什么材料。"))
    checked = attachments.check(files)
    if not checked:
        raise Missing("photos", _("请选文件。"))
    if MeetingPaper.objects.filter(meeting=row).count() + len(checked) > MOST:
        raise Missing("photos", _("一次会最多 %d 份材料。") % MOST)
    about = meetings.item_of(row, item)
    made = [_keep(row, file, kind, about.pk if about else None, by=by, at=at) for file in checked]
    audit.record("meeting.paper", detail={"meeting": str(row.pk), "kind": kind, "n": len(made)})
    return made


def _keep(row: Meeting, file: enclosures.File, kind: str, item: uuid.UUID | None, *, by: Me, at: datetime) -> MeetingPaper:
    made = MeetingPaper(area_code=row.area_code, meeting=row, item_id=item, kind=kind, media=file.media, size=len(file.content), sm3=ciphers.sm3(file.content), made_by=by.id, made_at=at)
    made.name_cipher = vault.encrypt(NAME, made.pk, {"name": file.name})
    target = enclosures.path_of(made.pk)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(archive_vault.ring().cipher(sensitive=True).encrypt(file.content, ciphers.context(FILE, made.pk)))
    made.save(force_insert=True)
    return made


def name_of(paper: MeetingPaper) -> str:
    return str(vault.decrypt(NAME, paper.pk, paper.name_cipher).get("name", ""))


def show(*, paper: uuid.UUID, by: Me, at: datetime) -> attachments.Shown:
    """One paper, audited. Raises NotHere."""
    row = MeetingPaper.objects.filter(pk=paper).first()
    if row is None or not reads.arranges(by, row.area_code) or not enclosures.path_of(row.pk).exists():
        raise NotHere(_("没有这份材料，或不归您这里。"))
    content = archive_vault.ring().cipher(sensitive=True).decrypt(enclosures.path_of(row.pk).read_bytes(), ciphers.context(FILE, row.pk))
    if ciphers.sm3(content) != bytes(row.sm3):
        raise Refused(_("这个附件与上传时不一致，可能已损坏，请联系管理员从备份恢复。"))
    audit.record("meeting.file", detail={"meeting": str(row.meeting_id), "file": str(row.pk)})
    marked = attachments.watermarked(content, f"{by.number} {timezone.localtime(at):%Y-%m-%d %H:%M}") if row.media == "image/jpeg" else content
    return attachments.Shown(name_of(row), row.media, marked)
