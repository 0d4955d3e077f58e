"""`minqing serve` and `minqing worker`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from procrastinate.contrib.django import app

from minqing import ground
from minqing.commands.output import Failed, say


def serve(options: argparse.Namespace) -> int:
    """Web processes (roles app, login, resident) and one worker (gather, jobs, seal); ends with Ctrl-C or `minqing stop`."""
    running = ground.serving_pid(settings.HOME)
    if running:
        raise Failed(f"这个数据目录的网站已在运行（进程 {running}）。先运行 minqing stop。")
    if settings.PRODUCTION and settings.SECRET_KEY.startswith("not-initialised"):
        raise Failed("还没有初始化。请先运行 minqing init。")
    call_command("collectstatic", interactive=False, verbosity=0)
    ground.pid_file(settings.HOME).parent.mkdir(exist_ok=True)
    ground.pid_file(settings.HOME).write_text(str(os.getpid()))
    base = {**os.environ, "MINQING_HOME": str(settings.HOME), "PYTHONUNBUFFERED": "1"}
    commands = [
        ([sys.executable, "-m", "granian", "--interface", "wsgi", "--host", options.host, "--port", str(options.port), "--workers", str(options.workers),
          "--blocking-threads", "4", "--backpressure", "16", "--no-ws", "--log-level", "warning", "minqing.wsgi:application"], {"MINQING_PROCESS": "web"}),
    ]
    if not options.no_jobs:
        commands.append(([sys.executable, "-m", "minqing.cli", "worker"], {"MINQING_PROCESS": "worker"}))
    children = [subprocess.Popen(command, env={**base, **extra}, cwd=Path(__file__).resolve().parents[2]) for command, extra in commands]  # noqa: S603
    say(f"网站：http://{'127.0.0.1' if options.host == '0.0.0.0' else options.host}:{options.port}/    停止：Ctrl-C 或 minqing stop")  # noqa: S104
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: [child.send_signal(signal.SIGINT) for child in children if child.poll() is None])
    code = 0
    try:
        code = children[0].wait()
    finally:
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
        for child in children:
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
        ground.pid_file(settings.HOME).unlink(missing_ok=True)
    return code if code not in (-2, 130) else 0


def worker(options: argparse.Namespace) -> int:
    """Run queued and periodic jobs until told to stop."""

    async def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            async with working.open_async():
                await working.run_worker_async(concurrency=2, install_signal_handlers=True, fetch_job_polling_interval=5)

    asyncio.run(run())
    return 0
