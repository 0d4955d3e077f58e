"""What every archive row has."""

from __future__ import annotations

import uuid

from django.db import models


class Sourced(models.Model):
    """A row whose fields say where they come from.

    `sources` is {field: {"from": department or "V", "on": "YYYY-MM-DD", "by": staff id or null, "batch": uuid or null,
    "line": "file:sheet:row" or null, "others": [{"from", "on", "value" (null where the field is encrypted)}]}}.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sources = models.JSONField("来源", default=dict)
    version = models.PositiveIntegerField("版次", default=1)
    created_at = models.DateTimeField("建档时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)
    voided_at = models.DateTimeField("作废时间", null=True)  # a row is never deleted: an undone or mistaken one is void

    class Meta:
        abstract = True
