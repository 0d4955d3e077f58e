"""`minqing doctor`: what is wrong, in plain words, with what to do."""

from __future__ import annotations

import argparse
import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from minqing.access.actions import seal
from minqing.access.rules.roles import ROLES
from minqing.commands import rotation
from minqing.commands.output import out, result
from minqing.gateways import backup, postgres
from minqing.gateways.postgres import Finding
from minqing.lib import keys
from minqing.service.rules import exchange, retention, sentences

# What must exist before real people's rows may enter, and where it stands today.
REAL_NEEDS: tuple[tuple[str, bool], ...] = (
    ("恢复演练（备份可恢复，测试通过）", True),
    ("居民更正、删除（清除个人数据的办理流程）", False),
    ("投诉举报的分流（不经过被投诉的村）", False),
    ("居民查看“谁看过我的档案”的页面", False),
)


def _policies() -> list[Finding]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
            " and (c.relname like 'archives\\_%' or c.relname like 'gather\\_%' or c.relname like 'access\\_%')"
            " and c.relname not in ('access_role', 'access_roleright', 'access_auditseal') and not (c.relrowsecurity and c.relforcerowsecurity)",
        )
        naked = [row[0] for row in cursor.fetchall()]
        cursor.execute("select code from access_role where code in (select role_id from access_roleright)")
        known = {row[0] for row in cursor.fetchall()}
        cursor.execute("select count(*) from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'access_auditentry'::regclass"
                       " and c.relname > 'access_auditentry_' || to_char(now() + interval '11 months', 'YYYYMM')")
        months = cursor.fetchone()[0]
    found = [Finding("policies", "fail", f"这些表没有强制行级安全：{'、'.join(naked)}。", "Tables without forced row-level security.", "立即停用，运行 minqing migrate，并报告。")
             if naked else Finding("policies", "ok", "所有个人数据表都启用了强制行级安全。", "Row-level security is forced on every personal table.")]
    missing = [r.code for r in ROLES.values() if r.rights and r.code not in known]
    if missing:
        found.append(Finding("roles_table", "fail", f"数据库里的角色表不全：{'、'.join(missing)}。", "The table of roles is incomplete.", "运行 minqing migrate。"))
    if not months:
        found.append(Finding("audit_months", "warn", "审计日志一年后将没有分区可写。", "The audit log has no partition for next year.", "升级到新版本并运行 minqing migrate。"))
    return found


def _retention() -> list[Finding]:
    try:
        retention.times(settings.RETENTION)
    except retention.OutOfBounds as error:
        return [Finding("retention", "fail", str(error), "MINQING_RETENTION is out of the bounds of the law: nothing is erased at night.", "改正后重启 worker；minqing retention --dry-run 可以先看。")]
    return []


def _schema() -> list[Finding]:
    executor = MigrationExecutor(connections["owner"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        return [Finding("schema", "fail", f"表结构有 {len(plan)} 项升级没有做。", "The schema is not up to date.", "运行 minqing migrate。")]
    return [Finding("schema", "ok", "表结构是最新的。", "The schema is up to date.")]


def _clock() -> list[Finding]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        apart = abs((cursor.fetchone()[0] - timezone.now()).total_seconds())
    if apart > 5:
        return [Finding("clock", "fail", f"程序和数据库的时钟差 {apart:.0f} 秒。", "The clocks differ.", "校准两台机器的系统时间（timedatectl）。")]
    return [Finding("clock", "ok", "时钟一致。", "The clocks agree.")]


def _disk() -> list[Finding]:
    free = shutil.disk_usage(settings.HOME).free / 1024**3
    if free < 2:
        return [Finding("disk", "fail" if free < 0.5 else "warn", f"数据目录所在磁盘只剩 {free:.1f} GB。", "The disk is nearly full.", "清理磁盘或换更大的磁盘。")]
    return [Finding("disk", "ok", f"磁盘还有 {free:.0f} GB。", "There is enough disk space.")]


def _keys() -> list[Finding]:
    try:
        keys.load(settings.HOME / "keys")
    except keys.KeyProblem as problem:
        return [Finding("keys", "fail", str(problem), "The keys cannot be used.", "按上面的说明处理；密钥丢失则加密内容无法恢复。")]
    return [Finding("keys", "ok", "密钥文件齐全，权限正确。", "The key files are complete and private.")]


def _rotation() -> list[Finding]:
    """Whether a change of keys came to its end; every column is looked at, so it is asked only where there is a second key."""
    ring = keys.load(settings.HOME / "keys")
    if not any(len(getattr(ring, purpose)) > 1 for purpose in rotation.PURPOSES):
        return []
    waiting = rotation.waiting()
    if waiting:
        return [Finding("rotation", "warn", f"换密没有做完：还有 {waiting} 处是旧密钥。现在可以照常使用，旧密钥文件不能移走。", "A change of keys has not come to its end.", "运行 minqing rotate-keys，它从中断处继续。")]
    return [Finding("rotation", "ok", "换密已经做完：可以换算的密文和摘要都用最新的密钥。旧密钥仍须保留（旧备份、只存摘要的查询口令要用）。", "The change of keys is complete.", "")]


def _seals() -> list[Finding]:
    waiting = seal.unsealed_minutes()
    if waiting > 15:
        return [Finding("seal", "warn", f"审计日志已有 {waiting:.0f} 分钟没有封印。", "The audit log has not been sealed for a while.", "检查后台任务是否在运行（minqing serve 或 minqing worker）。")]
    return [Finding("seal", "ok", "审计日志按时封印。", "The audit log is sealed in time.")]


def links(now: datetime) -> list[Finding]:
    """Whether orders and parcels are fetched and answers handed over as they are set up to be."""
    wanted = {f"{system}.{kind}" for system, (url, secret) in settings.EXCHANGE.items() if url and secret for kind in ("in", "out")}
    wanted |= {f"{system}.folder" for system, folder in settings.EXCHANGE_FOLDERS.items() if folder}
    if settings.EXCHANGE_EVERY <= 0:
        return []
    with connections["owner"].cursor() as cursor:
        cursor.execute("select name, tried_at, ok_at, failures, trouble from public.service_exchangelink where desk_code = %s and (name = any(%s) or tried_at > %s)",
                       [f"{settings.COUNTY}/SL", sorted(wanted), now - timedelta(days=1)])
        rows = {name: rest for name, *rest in cursor.fetchall()}
    found: list[Finding] = []
    asleep = now - exchange.MOST_WAIT - timedelta(minutes=3 * settings.EXCHANGE_EVERY)
    still = sorted(name for name in wanted if name not in rows or rows[name][0] is None or rows[name][0] < asleep)
    if still:
        found.append(Finding("exchange_worker", "warn", f"自动收发没有在运行：{'、'.join(map(_way, still))}。", "Orders and answers are not being exchanged.", "检查后台任务是否在运行（minqing serve 或 minqing worker），环境变量是否也给了它。"))
    for name, (_tried, ok_at, failures, trouble) in sorted(rows.items()):
        if failures and (ok_at is None or ok_at < now - exchange.PATIENCE):
            since = f"上次通是 {timezone.localtime(ok_at):%m-%d %H:%M}" if ok_at else "还没有通过"
            said = json.loads(trouble) if isinstance(trouble, str) else trouble
            found.append(Finding("exchange", "warn", f"{_way(name)}连着 {failures} 次不通，{since}：{sentences.say(said, '原因不明。')}", "A way to another system does not work.", "核对地址、密钥、目录和网络；这期间可在“12345 和四平台”上传文件收。通了会自己接着收，不会漏也不会重。"))
    return found or ([Finding("exchange", "ok", "和其他系统的自动收发都通。", "The ways to other systems work.")] if rows else [])


def _way(name: str) -> str:
    """"12345.in" → "12345 热线取工单"."""
    read = exchange.read(name)
    return {"12345": "12345 热线", "platform": "四平台", "parcels": "异地通办"}.get(read.who, read.who.replace("partner.", "县 ")) + exchange.LABELS.get(read.what, read.what)


def _real() -> list[Finding]:
    missing = [name for name, present in REAL_NEEDS if not present]
    if not settings.REAL:
        return []
    if missing:
        return [Finding("real", "fail", f"还不能处理真实居民数据，缺少：{'；'.join(missing)}。", "Real people's data may not be entered yet.", "去掉 MINQING_REAL=1，只用虚构数据。")]
    return [Finding("real", "ok", "可以处理真实居民数据。", "Real people's data may be entered.")]


def findings() -> list[Finding]:
    """All findings, worst first."""
    found: list[Finding] = []
    if not settings.DATABASE_URL:
        found += postgres.doctor(settings.HOME)
        backups = Path(settings.BACKUP_DIR)
        found += backup.findings(settings.HOME, backups, timezone.now()) if backups.exists() else []
    schema = _schema()
    found += schema
    if schema[0].level == "ok":
        found += [*_policies(), *_seals(), *_rotation(), *links(timezone.now())]
    found += [*_clock(), *_disk(), *_keys(), *_retention(), *_real()]
    return sorted(found, key=lambda f: ("fail", "warn", "ok").index(f.level))


def doctor(options: argparse.Namespace) -> int:
    found = findings()
    if options.json:
        result([f.__dict__ if hasattr(f, "__dict__") else {"code": f.code, "level": f.level, "sentence": f.sentence_zh, "advice": f.advice} for f in found], as_json=True)
    else:
        for finding in found:
            mark = {"ok": "✓", "warn": "！", "fail": "✗"}[finding.level]
            out.print(f"{mark} {finding.sentence_zh}" + (f"\n    → {finding.advice}" if finding.advice else ""), markup=False)
    return 3 if any(f.level == "fail" for f in found) else 0
