"""docs/reference/data-dictionary.md: every column with its level, purpose, legal basis and retention."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from django.apps import apps
from django.db import models

from minqing.access.rules import fields as access_fields
from minqing.access.rules.classification import LEVEL_LABELS, Field
from minqing.archives.rules import fields as archives_fields
from minqing.contact.rules import fields as contact_fields
from minqing.gather.rules import fields as gather_fields
from minqing.notify.rules import fields as notify_fields
from minqing.service.rules import fields as service_fields
from minqing.sync.rules import fields as sync_fields

TABLES: dict[str, dict[tuple[str, str], Field]] = {"access": access_fields.FIELDS, "notify": notify_fields.FIELDS, "archives": archives_fields.FIELDS, "service": service_fields.FIELDS, "contact": contact_fields.FIELDS, "gather": gather_fields.FIELDS, "sync": sync_fields.FIELDS}


def columns() -> Iterator[tuple[str, type[models.Model], models.Field[object, object], Field | None]]:
    """(app, model, column, classification or None) for every column of every model, in the order of the tables."""
    for app, table in TABLES.items():
        for model in sorted(apps.get_app_config(app).get_models(), key=lambda m: m.__name__):
            for column in model._meta.local_concrete_fields:
                yield app, model, column, table.get((model.__name__, column.name))


def dictionary_page() -> str:
    """The data dictionary as Markdown. Raises LookupError where a column has no classification."""
    lines = ["# 数据字典 · Data dictionary\n", "每一项为什么在这里、什么级别、依据什么、留多久。没有用途的列在归集时就丢弃。\n"]
    for (app, model), rows in groupby(columns(), key=lambda row: (row[0], row[1])):
        found = list(rows)
        missing = [column.name for _, _, column, field in found if field is None]
        if missing:
            raise LookupError(f"{app}.{model.__name__}: {', '.join(missing)} 没有写进 minqing/{app}/rules/fields.py")
        kept = next(field.kept for *_, field in found if field)
        lines += [f"\n## {model._meta.verbose_name} `{app}.{model.__name__}`\n", f"留存：{kept}\n", "| 字段 | 中文 | 级别 | 用途 | 依据 |", "|---|---|---|---|---|"]
        lines += [f"| `{column.name}` | {column.verbose_name} | {LEVEL_LABELS[field.level]} | {field.purpose} | {field.basis.value} |" for _, _, column, field in found if field]
    return "\n".join(lines) + "\n"
