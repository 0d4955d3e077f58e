"""`minqing demo`, `minqing practice`: installations with fictitious people."""

from __future__ import annotations

import argparse

from django.conf import settings

from minqing.commands import installation, serving
from minqing.commands.output import Failed, out, result, say
from minqing.demo import build
from minqing.demo.cast import CAST, PASSWORD


def _print_accounts(port: int) -> None:
    out.print("\n演示账号（口令都是 " + PASSWORD + "；演示中特权角色不要求第二因素）：", markup=False)
    for person in CAST.values():
        out.print(f"  {person.username:<8}{person.name:<6}{installation.describe(person)}", markup=False)
    out.print(f"\n打开 http://127.0.0.1:{port}/ ，用 xiang 登录看 407 户，用 fang 登录看不到其中任何一户。\n", markup=False)


def demo(options: argparse.Namespace) -> int:
    """The cast and their village, from files that belong to the project; a second run finds everything there."""
    if settings.REAL or settings.PRODUCTION:
        raise Failed("演示账号的口令是公开的：不能建在生产环境或真实数据的安装里。请换一个 MINQING_HOME，不设 MINQING_REAL 和 MINQING_MODE=production。")
    if not (settings.HOME / "demo").exists() and installation.has_people():
        raise Failed("这个数据目录已经有人使用：演示账号的口令是公开的，不能混在一起。请换一个目录：MINQING_HOME=~/minqing-demo minqing demo --serve")
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
    if not (settings.HOME / "practice").exists() and installation.has_people():
        raise Failed("练习村要用自己的数据目录。请运行：MINQING_HOME=~/minqing-practice minqing practice --serve")
    (settings.HOME / "practice").touch()
    summary = build.practice(say=say)
    result(summary, as_json=options.json)
    if options.serve:
        options.host, options.workers, options.no_jobs = "127.0.0.1", 1, False
        return serving.serve(options)
    return 0
