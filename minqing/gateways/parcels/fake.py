"""Another county on this machine, for the demonstration and the tests: it checks, opens, numbers, answers, refuses, stays silent.

Invariant: it is as strict as we are: what is not for it, not signed by the county it knows, or altered gets no answer but a sentence;
the same parcel twice has one number.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from minqing.gateways.parcels import HANDOVER, STATUS, Card, Keys, Letter, Refusal, asking, look, pack, unpack

FRESH = 300


class County:
    """`with County(keys, "330899", theirs) as c:` serves at c.url. `c.letters` came (by id); `c.later` = answer 202 and keep the receipt for
    collecting; `c.silent` = take it and never say so; `c.broken` = no answer at all; `c.settle` = what it says of each one when it is asked next."""

    def __init__(self, keys: Keys, code: str, peer: Card, *, port: int = 0, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.keys, self.code, self.peer = keys, code, peer
        self.letters: dict[uuid.UUID, Letter] = {}
        self.numbers: dict[uuid.UUID, str] = {}
        self.out: list[bytes] = []
        self.posted = 0
        self.later = self.silent = self.broken = False
        self.settle = ""
        county = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _say(self, status: int, content: dict[str, Any]) -> None:
                self._answer(status, "application/json", json.dumps(content, ensure_ascii=False).encode())

            def do_POST(self) -> None:  # noqa: N802 - the name http.server calls
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                county.posted += 1
                if county.broken:
                    self._say(503, {"error": "对方正在维护"})
                    return
                try:
                    receipt = county.take(body)
                except Refusal as refusal:
                    self._say(422, {"error": str(refusal)})
                    return
                if receipt is None or county.silent:
                    self._say(202, {"stored": True})
                elif county.later:
                    county.out.append(receipt)
                    self._say(202, {"stored": True})
                else:
                    self._answer(200, "application/zip", receipt)

            def do_GET(self) -> None:  # noqa: N802
                stamp = self.headers.get("X-Time", "")
                try:
                    Ed25519PublicKey.from_public_bytes(county.peer.sign).verify(bytes.fromhex(self.headers.get("X-Signature", "")), asking(county.peer.code, stamp))
                    fresh = stamp.isdigit() and abs(time.time() - int(stamp)) < FRESH and urlsplit(self.path).path == "/out/"
                except (InvalidSignature, ValueError):
                    fresh = False
                if not fresh or county.broken:
                    self._say(403, {"error": "签名不对或已过期"})
                    return
                self._say(200, {"parcels": [base64.b64encode(p).decode() for p in county.out]})

            def log_message(self, *_args: object) -> None:
                """Silent: what passes here is about people."""

        self.handler, self.port, self.url = Handler, port, ""

    @property
    def card(self) -> Card:
        return self.keys.card(self.code)

    def take(self, parcel: bytes) -> bytes | None:
        """A parcel as our own side takes it; the receipt of one that was handed over."""
        look(parcel)
        letter = unpack(parcel, self.keys, own=self.code, sender=self.peer, now=self.clock())
        self.letters.setdefault(letter.id, letter)
        if letter.kind != HANDOVER:
            return None
        fresh = letter.id not in self.numbers
        number = self.numbers.setdefault(letter.id, f"MN{2600001 + len(self.numbers)}")
        if self.settle and fresh:
            self.out += [self.status(letter.id, "accepted"), self.status(letter.id, self.settle, words="材料不全，请补一张近期照片再寄。" if self.settle == "refused" else "已办好，证件寄到贵县窗口。")]
        return self.status(letter.id, "received", words="", number=number, id=uuid.uuid5(letter.id, "received"))

    def status(self, about: uuid.UUID, state: str, *, words: str = "", number: str = "", id: uuid.UUID | None = None, **more: Any) -> bytes:
        """One word about an errand; the receipt of a parcel has the same id however often it is asked."""
        content = {"state": state, "words": words, "number": number or self.numbers.get(about, ""), **more}
        return pack(Letter(id or uuid.uuid4(), STATUS, self.code, self.peer.code, self.clock(), content, about=about), self.keys, self.peer)

    def hand_over(self, content: dict[str, Any], files: tuple[bytes, ...] = (), *, id: uuid.UUID | None = None) -> bytes:
        """An errand of theirs for us."""
        return pack(Letter(id or uuid.uuid4(), HANDOVER, self.code, self.peer.code, self.clock(), content, files), self.keys, self.peer)

    def __enter__(self) -> County:
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), self.handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
