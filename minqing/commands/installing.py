"""`minqing init`, `demo`, `practice`, `migrate`."""

from __future__ import annotations

import argparse

from django.conf import settings
from django.utils import timezone

from minqing.commands import installation, serving
from minqing.commands.output import Failed, out, result, say
from minqing.demo import build
from minqing.demo.cast import CAST, PASSWORD


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


def _print_accounts(port: int) -> None:
    out.print("\n演示账号（口令都是 " + PASSWORD + "；演示中特权角色不要求第二因素）：", markup=False)
    for person in CAST.values():
        out.print(f"  {person.username:<8}{person.name:<6}{installation.describe(person)}", markup=False)
    out.print(f"\n打开 http://127.0.0.1:{port}/ ，用 xiang 登录看 407 户，用 fang 登录看不到其中任何一户。\n", markup=False)


def demo(options: argparse.Namespace) -> int:
    """The cast and their village, from files that belong to the project; a second run finds everything there."""
    if settings.REAL or settings.PRODUCTION:
        raise Failed("演示账号的口令是公开的：不能建在生产环境或真实数据的安装里。请换一个 MINQING_HOME，不设 MINQING_REAL 和 MINQING_MODE=production。")
    (settings.HOME / "demo").touch()  # from the next process on: no second factor among fictitious people
    summary = build.demo(say=say, with_files=not options.without_files)
    if options.json:
        result(summary, as_json=True)
    else:
        _print_accounts(options.port)
    if options.serve:
        options.host, options.workers, options.no_jobs = "127.0.0.1", 2, False
        return serving.serve(options)
    return 0


def practice(options: argparse.Namespace) -> int:
    """A fictitious village for a cadre to try things in; marked on every screen and print."""
    if any(settings.HOME.glob("pg/PG_VERSION")) and not (settings.HOME / "practice").exists() and installation.has_people():
        raise Failed("练习村要用自己的数据目录。请运行：MINQING_HOME=~/minqing-practice minqing practice --serve")
    (settings.HOME / "practice").touch()
    summary = build.practice(say=say)
    result(summary, as_json=options.json)
    if options.serve:
        options.host, options.workers, options.no_jobs = "127.0.0.1", 1, False
        return serving.serve(options)
    return 0
