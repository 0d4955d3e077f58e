"""Orders of other systems as their files and their servers really are."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from minqing.gateways import orders
from minqing.gateways.orders.fake import Platform

HEAD = ["序号", "工 单 编 号", "来电时间", "诉求人", "联系电话", "诉求内容", "事发地址", "诉求类型", "办理时限", "是否保密"]


def book(*rows: list[object], head: list[str] = HEAD, titles: int = 2) -> bytes:
    made = openpyxl.Workbook()
    for n in range(titles):
        made.active.append([f"江山市 12345 交办单 {n}"])
    made.active.append(head)
    for row in rows:
        made.active.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_workbook_with_titles_blanks_totals_and_odd_cells():
    batch = orders.read_file("交办单.xlsx", book(
        [1, "JS2026112500017", "2026-11-25 09:12", "毛水木", 15412345678.0, "村口路灯坏了", "虎山街道彭里村", "求助", "2026年12月2日", "否"],
        [2, "JS2026112500018", datetime(2026, 11, 25, 9, 30), "", "", "想问医保怎么交", "", "咨询", "", "是"],
        [], ["合计", "", "", "", "", "2 件"], [3, "", "2026-11-25", "", "", "没有编号的一行", "", "", "", ""], [4, "JS3", "昨天", "", "", "时间看不明白", "", "", "", ""]))
    first, second = batch.orders
    assert (first.number, first.phone, first.place, first.due_at.date().isoformat()) == ("JS2026112500017", "15412345678", "虎山街道彭里村", "2026-12-02")
    assert second.confidential
    assert [b.where for b in batch.bad] == ["交办单.xlsx／Sheet 第 8 行", "交办单.xlsx／Sheet 第 9 行"]
    assert "没有工单编号" in batch.bad[0].why


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_in_every_encoding(encoding, mark):
    text = mark.join(["受理编号", "反映内容", "事发地点"]) + "\r\n" + mark.join(["A-1", "溪边垃圾没人收", "彭里"]) + "\r\n"
    assert [o.number for o in orders.read_file("a.csv", text.encode(encoding)).orders] == ["A-1"]


@pytest.mark.parametrize(("name", "content", "sentence"), [
    ("空.xlsx", b"", "空的"), ("坏.xlsx", b"PK\x03\x04broken", "打不开"), ("别的.csv", "名称,数量\n苹果,3".encode(), "工单编号"), ("乱.csv", b"\x81\x20\xff\xff", "编码"),
])
def test_a_file_that_is_none_says_what_to_do(name, content, sentence):
    batch = orders.read_file(name, content)
    assert batch.orders == []
    assert sentence in batch.bad[0].why


def test_a_folder_leaves_what_is_still_being_written(tmp_path: Path):
    (tmp_path / "a.csv").write_text("工单编号,内容\nA1,路灯坏了\n", encoding="utf-8")
    for name in ("b.csv.part", "~$c.xlsx", ".d.csv"):
        (tmp_path / name).write_text("工单编号,内容\nX,半个\n", encoding="utf-8")
    assert [o.number for o in orders.read_folder(tmp_path).orders] == ["A1"]


def test_over_http_signed_both_ways_and_twice_is_once():
    with Platform("s3cret", [{"number": "H-1", "words": "路灯坏了", "place": "彭里村"}, {"number": "", "words": "没有编号"}]) as platform:
        link = orders.Http(platform.url, "s3cret")
        batch = link.orders()
        assert [o.number for o in batch.orders] == ["H-1"]
        assert len(batch.bad) == 1
        reply = orders.Reply("H-1", "已解决", "=cmd|' /C calc'!A0", datetime(2026, 11, 25, 10, tzinfo=orders.ZONE), "彭里村")
        assert link.reply([reply]).taken == {"H-1"}
        assert link.reply([reply]).taken == {"H-1"}
        assert list(platform.replies) == ["H-1"]
        with pytest.raises(orders.Unreachable):
            orders.Http(platform.url, "wrong").orders()
        platform.broken = True
        with pytest.raises(orders.Unreachable):
            link.reply([reply])
    with pytest.raises(orders.Unreachable):
        link.orders()
    with pytest.raises(orders.Unreachable, match="https"):
        orders.Http("http://10.1.2.3/x", "s").orders()


def test_a_reply_that_begins_like_a_formula_is_text():
    content = orders.replies_xlsx([orders.Reply("H-1", "已解决", "=1+1", datetime(2026, 11, 25, 10, tzinfo=orders.ZONE), "彭里村", "解决了")])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet["C2"].value == "=1+1"
    assert sheet["C2"].data_type == "s" or sheet["C2"].data_type == "inlineStr"
