"""The gateways of the outbox against a real HTTP server on this machine: signatures, keys, time-outs, what is worth another try."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from minqing.gateways import sms, webhook
from minqing.gateways.webhook import Result, Webhook

NOW = 1_795_000_000.0
PHONE = "15400000007"


class Other:
    """The other side: remembers requests, answers what the test says."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.status, self.body, self.pause = 200, b'{"id": "gw-7"}', 0.0
        self.url = ""


@pytest.fixture
def other() -> Iterator[Other]:
    made = Other()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.requests.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(made.pause)
            with contextlib.suppress(OSError):  # the caller may have hung up meanwhile
                self.send_response(made.status)
                if made.status in (301, 302, 307):
                    self.send_header("Location", made.url + "elsewhere")
                self.end_headers()
                self.wfile.write(made.body)
                self.wfile.flush()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join(5)


def gateway(other: Other, *, timeout: float = 2.0) -> sms.HttpGateway:
    return sms.HttpGateway(Webhook(other.url, "agreed", timeout, "短信网关"))


def test_what_leaves_is_signed_and_carries_its_key(other):
    outcome = gateway(other).send(phone=PHONE, text="【连心民情】您好", key="sms-1", now=NOW)
    assert (outcome.result, outcome.id) == (Result.HANDED, "gw-7")
    headers, body = other.requests[0]
    assert json.loads(body) == {"to": PHONE, "text": "【连心民情】您好", "key": "sms-1"}
    assert headers["Idempotency-Key"] == "sms-1"
    assert webhook.genuine("agreed", timestamp=headers["X-Minqing-Timestamp"], signature=headers["X-Minqing-Signature"], body=body, now=NOW + 60)


@pytest.mark.parametrize(("status", "result"), [(200, Result.HANDED), (202, Result.HANDED), (400, Result.REFUSED), (401, Result.REFUSED), (404, Result.REFUSED), (422, Result.REFUSED), (302, Result.REFUSED),
                                                (408, Result.LATER), (429, Result.LATER), (500, Result.LATER), (502, Result.LATER), (503, Result.LATER)])
def test_four_hundred_is_final_five_hundred_is_not(other, status, result):
    other.status = status
    outcome = gateway(other).send(phone=PHONE, text="x", key="k", now=NOW)
    assert outcome.result is result
    assert (outcome.sentence == "") == (result is Result.HANDED)
    assert PHONE not in outcome.sentence and len(other.requests) == 1


def test_a_redirect_is_not_followed(other):
    other.status = 307
    gateway(other).send(phone=PHONE, text="x", key="k", now=NOW)
    assert len(other.requests) == 1


def test_silence_and_a_broken_line_are_worth_another_try(other):
    other.pause = 1.0
    slow = gateway(other, timeout=0.2).send(phone=PHONE, text="x", key="k", now=NOW)
    assert slow.result is Result.LATER and "没有回答" in slow.sentence
    nobody = sms.HttpGateway(Webhook("http://127.0.0.1:9/", "agreed", 1, "短信网关")).send(phone=PHONE, text="x", key="k", now=NOW)
    assert nobody.result is Result.LATER and "连不上" in nobody.sentence


@pytest.mark.parametrize("answer", [b"", b"OK", b"[]", b"{}", b"\xff\xfe", b'{"id": null}'])
def test_an_answer_without_a_number_is_an_answer(other, answer):
    other.body = answer
    outcome = gateway(other).send(phone=PHONE, text="x", key="k", now=NOW)
    assert (outcome.result, outcome.id) == (Result.HANDED, "")


@pytest.mark.parametrize(("url", "secret"), [("", "s"), ("file:///etc/passwd", "s"), ("ftp://x/", "s"), ("https://x.invalid/", "")])
def test_a_wrong_configuration_is_said_and_nothing_leaves(url, secret):
    with pytest.raises(ValueError, match="短信网关"):
        Webhook(url, secret, 1, "短信网关").post({}, key="k", now=NOW)


@pytest.mark.parametrize("phone", ["", "110", "0570-4012345", "1540000000", "154000000071", "+8615400000007"])
def test_what_no_text_message_reaches_does_not_leave(other, phone, tmp_path):
    for made in (gateway(other), sms.FileGateway(tmp_path / "x.jsonl")):
        assert made.send(phone=phone, text="x", key="k", now=NOW).result is Result.REFUSED
    assert other.requests == [] and not (tmp_path / "x.jsonl").exists()


def test_a_signature_holds_five_minutes_for_these_bytes_only():
    body = b'{"receipts": []}'
    good = webhook.sign("agreed", int(NOW), body)
    assert webhook.genuine("agreed", timestamp=str(int(NOW)), signature=good, body=body, now=NOW + 299)
    assert webhook.genuine("agreed", timestamp=str(int(NOW)), signature=good.upper(), body=body, now=NOW)
    for secret, stamp, signature, content, now in (
        ("agreed", str(int(NOW)), good, body, NOW + 301), ("agreed", str(int(NOW)), good, body + b" ", NOW), ("other", str(int(NOW)), good, body, NOW),
        ("", str(int(NOW)), webhook.sign("", int(NOW), body), body, NOW), ("agreed", "", good, body, NOW), ("agreed", "١٢٣", good, body, NOW), ("agreed", str(int(NOW) + 1), good, body, NOW), ("agreed", str(int(NOW)), "", body, NOW),
    ):
        assert not webhook.genuine(secret, timestamp=stamp, signature=signature, body=content, now=now)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"receipts": 1}', b'{"receipts": [1]}', b'{"receipts": [{"key": "x"}]}', b'{"receipts": [{"key": "x", "delivered": true, "at": "yesterday"}]}', b"\xff"])
def test_receipts_that_nobody_can_read_are_a_sentence(body):
    with pytest.raises(ValueError, match="回执应为"):
        sms.read_receipts(body)


def test_delivered_is_true_and_nothing_like_it():
    first, second = sms.read_receipts(b'{"receipts": [{"key": "a", "delivered": true}, {"key": "b", "delivered": "no"}]}')
    assert (first.delivered, second.delivered) == (True, False)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_one_key_is_one_line_in_however_many_processes(tmp_path):
    path = tmp_path / "outbox" / "sms.jsonl"

    def one(n: int) -> None:
        sms.FileGateway(path).send(phone=PHONE, text=f"第{n % 5}条", key=f"k{n % 5}", now=NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))
    lines = sms.FileGateway(path).lines()
    assert sorted(line["key"] for line in lines) == [f"k{n}" for n in range(5)]
    assert lines[0]["to"] == PHONE and lines[0]["at"].startswith("2026-")
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_an_emptied_file_begins_anew(tmp_path):
    made = sms.FileGateway(tmp_path / "sms.jsonl")
    made.send(phone=PHONE, text="一", key="a", now=NOW)
    Path(made.path).write_text("")
    made.send(phone=PHONE, text="二", key="b", now=NOW)
    assert [line["key"] for line in made.lines()] == ["b"]
