"""A 12345 platform on this machine, for the demonstration and the tests: it checks signatures, keeps orders and takes replies.

Invariant: what it was told twice it has once; an unsigned or wrongly signed request gets nothing.
"""

from __future__ import annotations

import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from minqing.gateways.orders import signature

FRESH = 300  # seconds


class Platform:
    """`with Platform(secret) as p:` serves at p.url; `p.orders` wait, `p.replies` arrived (by number), `p.refuse` says which it sends back and why."""

    def __init__(self, secret: str, orders: list[dict[str, Any]] | None = None) -> None:
        self.secret, self.orders, self.replies, self.broken = secret, orders or [], {}, False  # type: ignore[var-annotated]
        self.refuse: dict[str, str] = {}
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def _body(self) -> bytes | None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                stamp = self.headers.get("X-Time", "")
                good = hmac.compare_digest(self.headers.get("X-Signature", ""), signature(platform.secret, stamp, body))
                return body if good and stamp.isdigit() and abs(time.time() - int(stamp)) < FRESH else None

            def _answer(self, status: int, content: dict[str, Any]) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(content, ensure_ascii=False).encode())

            def do_GET(self) -> None:  # noqa: N802 - the name http.server calls
                body = self._body()
                if body is None or platform.broken:
                    self._answer(401 if body is None else 503, {})
                elif self.path == "/orders":
                    self._answer(200, {"orders": platform.orders})
                else:
                    self._answer(404, {})

            def do_POST(self) -> None:  # noqa: N802
                body = self._body()
                if body is None or platform.broken:
                    self._answer(401 if body is None else 503, {})
                    return
                given = json.loads(body)["replies"]
                for reply in given:
                    if reply["number"] not in platform.refuse:
                        platform.replies[reply["number"]] = reply
                self._answer(200, {"taken": list(platform.replies), "refused": [{"number": r["number"], "why": platform.refuse[r["number"]]} for r in given if r["number"] in platform.refuse]})

            def log_message(self, *_args: object) -> None:
                """Silent: what passes here is about people."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Platform:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
