"""One table serves all search: under row-level security only =, <, >=, ^@ reach an index.

Invariant: a key holds a suffix of a name, pinyin, initials, a household number, part of an address, or the hex digest of
an identity number or phone, never such a number itself.
"""

from __future__ import annotations

from django.db import models

from minqing.access.models.fields import CodeField


class SearchKey(models.Model):
    key = models.CharField(max_length=80, db_collation="C")
    village = CodeField(max_length=12)
    grid_code = CodeField("网格")
    kind = models.CharField(max_length=1, choices=[("n", "姓名"), ("h", "户号"), ("a", "地址"), ("i", "证件"), ("p", "电话"), ("l", "地块")])
    person_id = models.UUIDField(null=True)
    household_id = models.UUIDField(null=True)
    plot_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = "检索键"
        indexes = [
            models.Index(fields=["village", "key"], name="search_in_villages"),
            models.Index(fields=["key", "grid_code"], name="search_anywhere"),
            models.Index(fields=["person_id"], name="search_person"),
            models.Index(fields=["household_id"], name="search_household"),
            models.Index(fields=["plot_id"], name="search_plot", condition=models.Q(plot_id__isnull=False)),
        ]
