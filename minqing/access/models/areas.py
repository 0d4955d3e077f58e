"""Areas: city, county, town, village, grid, micro-grid.

Invariants: a code is never reused; containment is prefix (4, 6, 9, 12, 15, 17 digits); a closed area keeps its row and
its successors for ever, so that an old paper still names a place. Grid 000 of a village is "not yet placed".
"""

from django.db import models

from minqing.access.models.fields import CodeField


class Level(models.TextChoices):
    CITY = "city", "市"
    COUNTY = "county", "县(市、区)"
    TOWN = "town", "乡镇街道"
    VILLAGE = "village", "村(社区)"
    GRID = "grid", "网格"
    MICRO = "micro", "微网格"


LEVEL_BY_LENGTH = {4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.VILLAGE, 15: Level.GRID, 17: Level.MICRO}
UNPLACED = "000"


class Area(models.Model):
    code = CodeField("区域代码", primary_key=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", verbose_name="上级")
    level = models.CharField("层级", max_length=8, choices=Level)
    official_name = models.CharField("法定名称", max_length=80)
    short_name = models.CharField("简称", max_length=80)
    stem = models.CharField("通名前部分", max_length=80, blank=True)
    kind = models.CharField("类型", max_length=16, blank=True)
    covers = models.CharField("覆盖范围", max_length=400, blank=True)
    opened_on = models.DateField("启用日期", null=True)
    closed_on = models.DateField("停用日期", null=True)

    class Meta:
        verbose_name = "区域"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[0-9]{4}([0-9]{2}([0-9]{3}([0-9]{3}([0-9]{3}([0-9]{2})?)?)?)?)?$"),
                name="area_code_form", violation_error_message="区域代码应为 4、6、9、12、15 或 17 位数字。",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


class AreaAlias(models.Model):
    """Another way people write the name: old town names, dialect spellings, 公社 and 大队."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="aliases", verbose_name="区域")
    name = models.CharField("别名", max_length=80)
    why = models.CharField("来由", max_length=80, blank=True)

    class Meta:
        verbose_name = "区域别名"
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="area_alias_once")]


class AreaSuccession(models.Model):
    """An area ended and others took its place (撤并, 拆分, 更码); followed for ever when an old code is met."""

    old = models.ForeignKey(Area, models.PROTECT, related_name="successions", verbose_name="原区域")
    new = models.ForeignKey(Area, models.PROTECT, related_name="predecessions", verbose_name="新区域")
    kind = models.CharField("方式", max_length=12, choices=[("merge", "合并"), ("split", "拆分"), ("recode", "变更代码")])
    on = models.DateField("生效日期")
    basis = models.CharField("依据文号", max_length=120)

    class Meta:
        verbose_name = "区域沿革"
        constraints = [models.UniqueConstraint(fields=["old", "new"], name="area_succession_once")]
