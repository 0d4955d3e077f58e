"""`minqing backup`, `minqing rotate-keys`."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from minqing.commands import rotation
from minqing.commands.output import Failed, result, say
from minqing.gateways import backup
from minqing.lib import keys


def target_dir() -> Path:
    return Path(settings.BACKUP_DIR)


def backup_now(options: argparse.Namespace) -> int:
    """One encrypted physical backup; older ones beyond the kept number go."""
    if settings.DATABASE_URL:
        raise Failed("使用自有 PostgreSQL 时，请由数据库管理员做物理备份（见 docs/guide/backup.md）。")
    target = options.to or target_dir()
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    _, key = keys.load(settings.HOME / "keys").current("backup")
    say("正在备份……")
    info = backup.backup(settings.HOME, target, key, timezone.now())
    gone = backup.prune(target)
    result({"文件": str(info.path), "字节": info.size, "清理旧备份": len(gone)}, as_json=options.json)
    return 0


def rotate_keys(options: argparse.Namespace) -> int:
    """New field, sensitive and digest keys; everything is encrypted anew, in slices, resumable."""
    done = rotation.rotate(say=say)
    result(done, as_json=options.json)
    return 0
