"""`minqing cti-simulate`: plays a telephone system at the documented interface, for demonstrations and for whoever connects a real one.

Invariant: it says nothing that a real telephone system would not say; without `--url` it speaks for the demonstration's own line only.
"""

from __future__ import annotations

import argparse

from minqing.commands.output import Failed, result, say
from minqing.gateways.telephony.simulator import Simulator, over_http, play
from minqing.service.actions import simulating


def simulate(options: argparse.Namespace) -> int:
    demo = simulating.known()
    number = options.number or next((c["phone"] for c in demo.get("callers", [])), "15412340365")
    if options.url:
        send = over_http(options.url)
    elif demo.get("token"):
        send = simulating.in_process(demo["token"])
    else:
        raise Failed("这里没有演示的线路：请写 --url（在“热线·线路”里接一条线路得到的地址），或先运行 minqing demo。")
    steps = []
    for step, status, answer in play(Simulator(send), options.scene, number=number, values={"extension": options.extension, "forward": options.forward, "text": options.text}, haste=options.haste):
        say(f"{step}：{status} {answer}")
        steps.append({"step": step, "status": status, "answer": answer})
    result({"steps": steps}, as_json=options.json)
    return 0 if all(s["status"] == 200 for s in steps) else 1
