"""Cards that hang at a door or a place: whoever scans one says a thing without first saying where.

Invariants: a card names a door or a place, never a person or a household's number; its code is random and says nothing; a door has
one card that holds at a time; a card that was taken back opens nothing any more.
"""

from __future__ import annotations

import uuid

from django.db import models

from minqing.access.models.fields import CodeField
from minqing.service.rules import cards


class PlaceCard(models.Model):
    """One card. `grid_code`: the grid of a door, or the village of a place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grid_code = CodeField("在哪个网格或村")
    kind = models.CharField("挂在哪里", max_length=5, choices=cards.KIND_CHOICES)
    spot = models.CharField("门牌或地点", max_length=80)
    sort_key = models.CharField("走访顺序", max_length=60, blank=True, db_collation="C")
    code = models.CharField("码", max_length=16, unique=True)
    made_by = models.UUIDField("谁做的")
    made_at = models.DateTimeField("何时做的")
    revoked_at = models.DateTimeField("何时停用", null=True)
    revoked_by = models.UUIDField("谁停用的", null=True)

    class Meta:
        verbose_name = "扫码说事卡"
        indexes = [models.Index(fields=["grid_code", "kind", "sort_key"], name="placecard_list")]
        constraints = [models.UniqueConstraint(fields=["grid_code", "kind", "spot"], name="placecard_once", condition=models.Q(revoked_at__isnull=True), violation_error_message="这里已有一张能用的卡。")]

    def __str__(self) -> str:
        return self.spot
