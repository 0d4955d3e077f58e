"""Level 4: health, disability, relief. Read and written with the right `sensitive` and a reason in words, each time.

Invariant: nothing of it reaches a list, a tag, an act's sentence or the log in clear; every reading is audited before
the content is returned; the content has a key of its own.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from minqing.access.actions import audit
from minqing.access.rules.roles import Right
from minqing.access.scope import Me, NotAllowed
from minqing.access.words import lasting
from minqing.archives import vault
from minqing.archives.actions import acts, people
from minqing.archives.models import Disability, Health, Placement, Relief, Resident
from minqing.archives.refusals import NeedsReason, Refused
from minqing.archives.rules import items, lifecycle, purposes

MODELS: dict[str, type[Health] | type[Disability] | type[Relief]] = {"health": Health, "disability": Disability, "relief": Relief}


@dataclass(frozen=True, slots=True)
class Item:
    """One decrypted item; `content` as its department or a visit gave it."""

    id: uuid.UUID
    code: str
    content: dict[str, Any]
    starts_on: date | None
    ends_on: date | None


def _column(kind: str) -> str:
    return f"archives_{kind}.payload"


def _check(person: Resident, kind: str, reason: str, by: Me) -> str:
    """The grid where the caller holds the right. Raises NotAllowed, NeedsReason or Refused."""
    if kind not in MODELS:
        raise Refused(_("没有“%s”这一类敏感信息。") % kind)
    grids = Placement.objects.filter(person=person, ends_on=None).order_by("grid_code").values_list("grid_code", flat=True)
    grid = next((g for g in grids if by.may(Right.SENSITIVE, g)), "")
    label = items.SENSITIVE[kind][1]
    if not grid:
        raise NotAllowed(_("您的任职不含查看“%s”信息。如工作需要，请联系村书记或上级管理员。") % label)
    if not purposes.is_reason(reason):
        raise NeedsReason(_("“%s”是敏感个人信息，请写明为什么要看（不少于四个字）。") % label)
    return grid


@transaction.atomic
def read(*, person: Resident | uuid.UUID, kind: str, reason: str, by: Me, at: datetime) -> list[Item]:
    """The present items of one kind, decrypted; audited with the reason."""
    row = people.get(person, lock=False)
    _check(row, kind, reason, by)
    audit.record("person.sensitive", persons=[row.pk], reason=reason, detail={"kind": kind})
    found = MODELS[kind]._default_manager.filter(person=row, voided_at=None, ends_on=None).order_by("code")
    return [Item(r.pk, r.code, vault.decrypt_json(_column(kind), r.pk, r.payload), r.starts_on, r.ends_on) for r in found]


@transaction.atomic
def write(
    *, person: Resident | uuid.UUID, kind: str, code: str, content: dict[str, Any], reason: str, by: Me, at: datetime, starts_on: date | None = None, ends_on: date | None = None,
) -> uuid.UUID:
    """Write one item (the present one of this code is replaced; `ends_on` ends it). The department's word stays among the sources."""
    row = people.get(person)
    grid = _check(row, kind, reason, by)
    if not code.strip() or len(code) > 24:
        raise Refused(_("请选择项目。"))
    problem = lifecycle.why_not_dated(_("开始"), starts_on, today=timezone.localdate(at), born=row.birth_date, name=row.name) if starts_on else ""
    if problem:
        raise Refused(problem)
    if starts_on and ends_on and ends_on < starts_on:
        raise Refused(_("结束日期早于开始日期，请核对。"))
    model = MODELS[kind]
    with acts.acting("person.sensitive_write", lasting("更新%s的敏感信息") % row.name, by=by, at=at, grid=grid, persons=[row.pk], url=f"/residents/{row.pk}"):
        found = model._default_manager.filter(person=row, code=code, ends_on=None, voided_at=None).first()
        if found is None:
            found = model(person=row, code=code, sources={})
            found.payload = vault.encrypt_json(_column(kind), found.pk, content)
            found.starts_on, found.ends_on, found.sources = starts_on, ends_on, {"payload": people.said(by, at)}
            found.save(force_insert=True)
        else:
            found.payload = vault.encrypt_json(_column(kind), found.pk, content)
            found.starts_on, found.ends_on = starts_on or found.starts_on, ends_on
            found.sources = {**found.sources, "payload": people.keep_others(found.sources.get("payload"), people.said(by, at))}
            people.store(found, {"payload", "starts_on", "ends_on", "sources"})
        audit.record("person.sensitive", persons=[row.pk], reason=reason, detail={"kind": kind, "written": True})
    return found.pk
