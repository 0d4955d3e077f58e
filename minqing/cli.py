"""`minqing …`: every command an administrator or a clerk runs.

Invariants: progress goes to standard error, results to standard output (`--json` for machines); exit codes: 0 done, 1 refused
or failed with a sentence, 2 wrong words on the command line, 3 something is wrong with the installation (doctor).
The parser needs no Django; a command that does gets it set up first, with the data directory already chosen.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from minqing import ground
from minqing.gateways.backup import BackupError
from minqing.gateways.postgres import PostgresError
from minqing.lib.keys import KeyProblem

ROOT = Path(__file__).resolve().parent.parent
EPILOG = "数据目录：MINQING_HOME。所有设置见 docs/reference/settings.md。退出码：0 完成；1 被拒绝或失败；2 参数有误；3 安装有问题。"


def default_home() -> Path:
    """The same rule as in settings.py, needed before the settings can be read."""
    named = os.environ.get("MINQING_HOME")
    if named:
        return Path(named).absolute()
    return ROOT / "var" if (ROOT / "pyproject.toml").exists() else Path.home() / ".local/share/minqing"


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="minqing", description="连心民情：一村一册、一户一档、一事一表。", epilog=EPILOG)
    top.add_argument("--home", type=Path, help="数据目录（默认取 MINQING_HOME）")
    top.add_argument("--json", action="store_true", help="结果用 JSON 输出")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令")

    init = commands.add_parser("init", help="准备一个空的安装：角色、表结构、区划、一名管理员")
    init.add_argument("--data-officer", metavar="姓名", help="同时设一名县数据管理员")
    init.add_argument("--area", metavar="代码", default="330881", help="管理员和数据管理员的区域代码（默认 330881）")

    demo = commands.add_parser("demo", help="演示：彭里村和斗潭社区一片，及其工作人员")
    demo.add_argument("--serve", action="store_true", help="建好后启动网站")
    demo.add_argument("--port", type=int, default=int(os.environ.get("MINQING_PORT", "8000")))
    demo.add_argument("--without-files", action="store_true", help=argparse.SUPPRESS)

    practice = commands.add_parser("practice", help="练习：一个均为虚构的村，屏幕和打印都有标记")
    practice.add_argument("--serve", action="store_true")
    practice.add_argument("--port", type=int, default=8100)

    serve = commands.add_parser("serve", help="启动网站和后台任务")
    serve.add_argument("--host", default=os.environ.get("MINQING_BIND", "127.0.0.1"))
    serve.add_argument("--port", type=int, default=int(os.environ.get("MINQING_PORT", "8000")))
    serve.add_argument("--workers", type=int, default=int(os.environ.get("MINQING_WORKERS", "2")))
    serve.add_argument("--no-jobs", action="store_true", help="不启动后台任务（另起 minqing worker）")
    commands.add_parser("worker", help="只启动后台任务：归集、审计封印、夜间备份")
    commands.add_parser("stop", help="停止网站和内嵌数据库")
    commands.add_parser("migrate", help="升级表结构")
    commands.add_parser("doctor", help="用白话检查数据库、角色、策略、密钥、磁盘、时钟、备份")

    backup = commands.add_parser("backup", help="立即做一次加密的物理备份")
    backup.add_argument("--to", type=Path, help="备份目录（默认 数据目录/backups）")
    restore = commands.add_parser("restore", help="把一份备份恢复到一个空的数据目录")
    restore.add_argument("backup", type=Path)
    restore.add_argument("new_home", type=Path)
    commands.add_parser("rotate-keys", help="换用新密钥并重新加密；中断后再次运行即可继续")
    kept = commands.add_parser("retention", help="清理到期的内容（每晚自动做）；各类保存多久、去掉什么")
    kept.add_argument("--dry-run", action="store_true", help="只看今晚会清理多少，什么也不动")

    _gathering(commands)
    _registers(commands)
    _exchange(commands)
    _parcels(commands)
    _telephone_and_paper(commands)
    return top


def _gathering(commands: Any) -> None:
    gather = commands.add_parser("gather", help="归集部门文件").add_subparsers(dest="verb", required=True)
    load = gather.add_parser("load", help="归集文件或目录")
    load.add_argument("paths", nargs="+", type=Path)
    load.add_argument("--as", dest="staff", required=True, metavar="工号/登录名/姓名")
    load.add_argument("--area", help="归集范围（默认为其任职区域）")
    load.add_argument("--report", type=Path, help="把逐行报告（Excel）写到这里")
    export = gather.add_parser("export", help="导出本人范围内的结果")
    export.add_argument("directory", type=Path)
    export.add_argument("--as", dest="staff", required=True, metavar="工号/登录名/姓名")
    for verb, words in (("list", "列出批次"), ("undo", "撤销一个批次"), ("resume", "继续一个中断的批次"), ("report", "取一个批次的逐行报告")):
        sub = gather.add_parser(verb, help=words)
        if verb != "list":
            sub.add_argument("batch")
        if verb == "report":
            sub.add_argument("file", type=Path)
        sub.add_argument("--as", dest="staff", required=True, metavar="工号/登录名/姓名")


def _registers(commands: Any) -> None:
    staff = commands.add_parser("staff", help="工作人员").add_subparsers(dest="verb", required=True)
    staff.add_parser("list", help="列出工作人员和任职")
    again = staff.add_parser("restore", help="最后一名管理员也进不来时：在本机恢复一个账号，打印一次性口令（记入审计）")
    again.add_argument("staff", metavar="工号/登录名/姓名")
    roles = staff.add_parser("roles", help="列出角色和权限")
    roles.set_defaults(no_database=True)

    areas = commands.add_parser("areas", help="区域").add_subparsers(dest="verb", required=True)
    listing = areas.add_parser("list", help="列出下级区域")
    listing.add_argument("code", nargs="?", default="3308")
    resolve = areas.add_parser("resolve", help="旧代码或旧名今天指哪里")
    resolve.add_argument("code")

    calendar = commands.add_parser("calendar", help="工作日历：节假日、调休").add_subparsers(dest="verb", required=True)
    year = calendar.add_parser("show", help="看一年的安排")
    year.add_argument("year", nargs="?", type=int, help="年份（默认今年）")
    year.add_argument("--area", default="330881", help="哪里的日历（默认 330881）")
    listed = calendar.add_parser("import", help="导入公布的全年安排：通知全文，或一行一天“2027-02-08 休”，或 Excel、CSV；“-”读标准输入")
    listed.add_argument("file", type=Path)
    listed.add_argument("--year", type=int, help="通知里没有写年份时")
    listed.add_argument("--area", help="只给这个区域（同时写 --as）；不写就是给所有区域")
    listed.add_argument("--as", dest="staff", metavar="工号/登录名/姓名")

    audit = commands.add_parser("audit", help="审计").add_subparsers(dest="verb", required=True)
    audit.add_parser("verify", help="核对封印：有没有被改、被删、被插入的记录")
    audit.add_parser("seal", help="立即封印（平时每分钟自动）")


def _exchange(commands: Any) -> None:
    exchange = commands.add_parser("exchange", help="12345 和四平台的工单：收取、回复").add_subparsers(dest="verb", required=True)
    for verb, words, path in (("receive", "收取工单；不写文件就按设置的地址去取", "Excel、CSV 文件，或放这些文件的目录"), ("reply", "回复已办结的；不写文件就按设置的地址交", "写到这个 Excel 文件")):
        sub = exchange.add_parser(verb, help=words)
        sub.add_argument("path", nargs="?", type=Path, help=path)
        sub.add_argument("--system", default="12345", choices=("12345", "platform"))
        sub.add_argument("--as", dest="staff", required=True, metavar="工号/登录名/姓名")


def _parcels(commands: Any) -> None:
    parcels = commands.add_parser("parcels", help="跨区域通办：寄给外县、收外县的包裹").add_subparsers(dest="verb", required=True)
    sent = parcels.add_parser("send", help="送出备好的和没有回执的包裹，交回执和消息")
    sent.add_argument("--folder", type=Path, help="写成文件放到这个目录，不走接口")
    got = parcels.add_parser("receive", help="收包裹、回执和消息；不写文件就收送到的，并到各县去取")
    got.add_argument("path", nargs="?", type=Path, help="文件，或放这些文件的目录")
    for sub in (sent, got):
        sub.add_argument("--as", dest="staff", required=True, metavar="工号/登录名/姓名")
    parcels.add_parser("card", help="打印本县名片和校验码，给对方县")
    played = parcels.add_parser("partner", help="扮演演示里的对方县（演示、练习时用）")
    played.add_argument("mood", nargs="?", default="done", choices=("done", "refuse", "silent"), help="done 都办好、refuse 都退回、silent 收了不给回执")
    played.add_argument("--port", type=int, default=0)


def _telephone_and_paper(commands: Any) -> None:
    simulate = commands.add_parser("cti-simulate", help="扮一套话机系统，按接口打一个电话进来（演示、练习、接线时用）")
    simulate.add_argument("scene", nargs="?", default="call", choices=("call", "missed", "night", "voicemail"), help="call 接听、missed 未接、night 夜间转接、voicemail 留言")
    simulate.add_argument("--url", help="/cti/<令牌>/ 的完整地址；不写就用演示的线路直接报")
    simulate.add_argument("--number", default="", help="谁打来；不写就是演示里的一位村民，anonymous = 不显示号码")
    simulate.add_argument("--extension", default="8001", help="哪部分机接起")
    simulate.add_argument("--forward", default="15400000011", help="夜间转到哪里")
    simulate.add_argument("--text", default="自来水浑了两天，请派人来看看", help="留言说什么")
    simulate.add_argument("--haste", type=float, default=0.1, help="快慢：1 = 像真的一样，0 = 不等")

    paper = commands.add_parser("print", help="打印空白或预填的户情单（PDF）")
    paper.add_argument("grid", help="网格代码")
    paper.add_argument("file", type=Path)
    paper.add_argument("--blank", action="store_true")
    paper.add_argument("--as", dest="staff", required=True, metavar="工号/登录名/姓名")

    docs = commands.add_parser("docs", help=argparse.SUPPRESS)
    docs.add_argument("--check", action="store_true")

def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    home = (options.home or default_home()).absolute()
    os.environ["MINQING_HOME"] = str(home)
    if options.command == "worker":
        os.environ["MINQING_PROCESS"] = "worker"
    try:
        if options.command == "stop":
            return ground.stop(home)
        if options.command == "restore":
            return ground.restore(options.backup, options.new_home, home)
        if options.command != "docs":
            ground.prepare_home(home)
            ground.prepare_database(home)
        ground.set_up_django()
        return int(ground.load("minqing.commands.dispatch").run(options))
    except (PostgresError, BackupError, KeyProblem) as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - the command line's own voice
        return 1 if isinstance(problem, BackupError) else 3
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
