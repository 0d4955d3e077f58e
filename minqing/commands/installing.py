"""`minqing init`, `minqing migrate`."""

from __future__ import annotations

import argparse

from django.conf import settings
from django.utils import timezone

from minqing.commands import installation
from minqing.commands.output import result, say


def init(options: argparse.Namespace) -> int:
    """Roles, schema, divisions, one administrator and, if named, a first data officer; repeatable."""
    at = timezone.now()
    say("正在建表……")
    installation.migrate()
    new = installation.fill_divisions(at)
    people = [installation.Person("0001", "admin", "系统管理员", "数据局", "county", options.area, (("administrator", options.area),))]
    if options.data_officer:
        people.append(installation.Person("0002", "data", options.data_officer, "数据局", "county", options.area, (("data_officer", options.area),)))
    made = {person.username: password for person in people if (password := installation.employ(person, password=None, at=at))}
    data = {"数据目录": str(settings.HOME), "新建区域": new, "一次性口令": made or "账号已存在，口令未变"}
    result(data, as_json=options.json)
    if made and not options.json:
        say("请当面交给本人；第一次登录必须改口令，并登记第二因素。口令只显示这一次。")
    return 0


def migrate(options: argparse.Namespace) -> int:
    installation.migrate()
    result({"表结构": "已是最新"}, as_json=options.json)
    return 0
