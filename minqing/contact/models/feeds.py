"""Private addresses of calendars: a colleague's own, a village's for the public.

Invariant: the token is shown once and kept as a digest; an address that is taken back answers like one that never was.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from minqing.access.models.fields import CodeField


class Feed(models.Model):
    KINDS = [("own", "本人的"), ("village", "本村公开的")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField("哪一种", max_length=8, choices=KINDS)
    area_code = CodeField("村", blank=True, default="")
    staff = models.UUIDField("谁的", null=True)
    digest = models.BinaryField("地址摘要", unique=True)
    made_by = models.UUIDField("谁建的")
    made_at = models.DateTimeField("何时建的")
    ended_at = models.DateTimeField("收回时间", null=True)

    class Meta:
        verbose_name = "日历地址"
        constraints = [
            models.CheckConstraint(condition=Q(kind="own", staff__isnull=False, area_code="") | (Q(kind="village", staff__isnull=True) & ~Q(area_code="")), name="feed_whose"),
            models.UniqueConstraint(fields=["staff"], condition=Q(ended_at__isnull=True, kind="own"), name="feed_own_once"),
            models.UniqueConstraint(fields=["area_code"], condition=Q(ended_at__isnull=True, kind="village"), name="feed_village_once"),
        ]
