"""Which plots of land a matter is about: so that a plot leads to every matter and mediation that ever concerned it (花园岗).

Invariant: seen from the seats of the matter alone; whoever links must see both; a wrong link ends, it is not deleted.
"""

from __future__ import annotations

import uuid

from django.db import models

from minqing.service.models.matters import Matter


class MatterPlot(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="plots")
    plot_id = models.UUIDField("地块")
    at = models.DateTimeField("何时关联")
    by = models.UUIDField("谁关联")
    ended_at = models.DateTimeField("取消时间", null=True)

    class Meta:
        verbose_name = "关联地块"
        indexes = [models.Index(fields=["plot_id"], name="matterplot_plot"), models.Index(fields=["matter"], name="matterplot_matter")]
        constraints = [models.UniqueConstraint(fields=["matter", "plot_id"], condition=models.Q(ended_at__isnull=True), name="matterplot_once", violation_error_message="这块地已经关联。")]
