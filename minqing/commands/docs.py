"""`minqing docs`: the generated half of docs/reference, made from the code that it describes; `--check` only compares."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.conf import settings

from minqing import settings as settings_file
from minqing.access.rules.roles import RIGHT_LABELS, ROLES, Right
from minqing.cli import parser
from minqing.commands.dictionary import dictionary_page
from minqing.commands.output import fail, result
from minqing.service.rules import retention

HEAD = "<!-- 由 `minqing docs` 生成，请勿手改 · generated, do not edit -->\n\n"
APPS = ("access", "notify", "archives", "gather")


def settings_page() -> str:
    lines = ["# 设置 · Settings\n", "每项都是环境变量，都有安全的缺省值。\n", "| 变量 | 缺省 | 说明 |", "|---|---|---|"]
    lines += [f"| `{s.name}` | {f'`{s.default}`' if s.default else '（空）'} | {s.explains} |" for s in sorted(settings_file.SETTINGS.values(), key=lambda s: s.name)]
    return "\n".join(lines) + "\n"


def permissions_page() -> str:
    rights = list(Right)
    lines = ["# 角色与权限 · Roles and permissions\n", "权限只在任职的区域之内有效；没有任何角色能看到所有人的档案。\n",
             "| 角色 | 级别 | 区域代码位数 | " + " | ".join(r.value for r in rights) + " | 说明 |", "|---|---|---|" + "---|" * (len(rights) + 1)]
    for rule in ROLES.values():
        marks = " | ".join("●" if r in rule.rights else "" for r in rights)
        lines.append(f"| {rule.label}{'（须第二因素）' if rule.privileged else ''} | {rule.rank} | {'、'.join(map(str, rule.digits))} | {marks} | {rule.explains} |")
    lines += ["", *[f"- `{r.value}`：{RIGHT_LABELS[r]}" for r in rights]]
    return "\n".join(lines) + "\n"


def glossary_page() -> str:
    lines = ["# 词汇表 · Glossary\n", "代码里的英文名和屏幕上的中文名，一词一物。\n"]
    for label in APPS:
        for model in sorted(apps.get_app_config(label).get_models(), key=lambda m: m.__name__):
            lines += [f"\n## {model._meta.verbose_name} `{label}.{model.__name__}`\n", "| 字段 | 中文 |", "|---|---|"]
            lines += [f"| `{f.name}` | {f.verbose_name} |" for f in model._meta.fields]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    lines = ["# 命令 · Commands\n", "```", parser().format_help().strip(), "```\n"]
    return "\n".join(lines)


def retention_page() -> str:
    lines = ["# 保存多久 · Retention\n", "每晚 03:40 由程序清理，一批一批地做，每批在审计里记一个数；`minqing retention --dry-run` 看今晚会清理多少。去掉的是内容，编号、种类、日期和数字留着。\n",
             "`MINQING_RETENTION` 可以在“可设”范围内改，如 `notice=180,recording=60`。\n", "| 类别 | 代号 | 从何时起 | 缺省（天） | 可设（天） | 去掉什么 | 这些不动 |", "|---|---|---|---|---|---|---|"]
    lines += [f"| {k.label} | `{k.code}` | {k.since} | {k.days} | {k.least}–{k.most} | {k.erases} | {k.unless} |" for k in retention.KINDS.values()]
    lines += ["\n## 不由程序清理的\n", "| 内容 | 由谁、为什么 |", "|---|---|", *[f"| `{name}` | {why} |" for name, why in sorted(retention.STANDS.items())]]
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "retention.md": retention_page,
    "settings.md": settings_page,
    "permissions.md": permissions_page,
    "glossary.md": glossary_page,
    "commands.md": commands_page,
    "data-dictionary.md": dictionary_page,
}


def docs(options: argparse.Namespace) -> int:
    """Write the pages, or with --check say which are out of date (exit code 1)."""
    folder = Path(settings.ROOT) / "docs" / "reference"
    stale = []
    for name, make in PAGES.items():
        text = HEAD + make()
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not options.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    if options.check and stale:
        return fail(f"这些文档已过期，请运行 minqing docs：{'、'.join(stale)}")
    result({"文档": f"{len(PAGES)} 页，更新 {0 if options.check else len(stale)} 页"}, as_json=options.json)
    return 0
