"""`minqing staff`, `minqing areas`, `minqing audit`: registers for the administrator of the machine. No residents here."""

from __future__ import annotations

import argparse
import getpass

from django.db import transaction
from django.utils import timezone

from minqing.access.actions import areas as area_actions
from minqing.access.actions import seal, sessions
from minqing.access.models import Appointment, Area, Staff
from minqing.access.rules.roles import RIGHT_LABELS, ROLES
from minqing.commands.acting import find_account
from minqing.commands.output import Failed, result


def staff(options: argparse.Namespace) -> int:
    if options.verb == "roles":
        data = [{"code": r.code, "label": r.label, "rights": sorted(x.value for x in r.rights), "explains": r.explains} for r in ROLES.values()]
        result(data, as_json=options.json, heads=["角色", "说明", "权限"],
               rows=[[r.label, r.explains, "；".join(RIGHT_LABELS[x] for x in sorted(r.rights)) or "无"] for r in ROLES.values()])
        return 0
    if options.verb == "restore":
        account = find_account(options.staff)
        password = sessions.restore_access(account, by=account.id, at=timezone.now(), origin=f"cli {getpass.getuser()}")
        result({"登录名": account.username, "一次性口令": password}, as_json=options.json)
        return 0
    with transaction.atomic(using="owner"):
        people = list(Staff.objects.using("owner").order_by("number"))
        posts = list(Appointment.objects.using("owner").order_by("area_code"))
    data = [{"number": p.number, "name": p.name, "left_at": p.left_at,
             "posts": [{"role": a.role_id, "area": a.area_code, "starts_at": a.starts_at, "ends_at": a.ends_at} for a in posts if a.staff_id == p.id]} for p in people]
    result(data, as_json=options.json, heads=["工号", "姓名", "任职"], rows=[
        [d["number"], d["name"], "；".join(f"{ROLES[a['role']].label} {a['area']}" + (f"（至 {a['ends_at']:%Y-%m-%d}）" if a["ends_at"] else "") for a in d["posts"]) or "无"] for d in data])
    return 0


def areas(options: argparse.Namespace) -> int:
    with transaction.atomic(using="owner"):
        if options.verb == "list":
            found = list(Area.objects.using("owner").filter(parent_id=options.code).order_by("code"))
        else:
            found = area_actions.resolve(options.code, using="owner")
            if not found:
                raise Failed(f"没有代码为 {options.code} 的区域。")
    result([{"code": a.code, "name": a.short_name, "level": a.level} for a in found], as_json=options.json,
           heads=["代码", "名称", "类型"], rows=[[a.code, a.short_name, a.kind] for a in found])
    return 0


def audit(options: argparse.Namespace) -> int:
    if options.verb == "seal":
        made = seal.seal()
        result({"封印": made}, as_json=options.json)
        return 0
    report = seal.verify()
    result(report.as_dict(), as_json=options.json)
    return 0 if report.sound else 1
