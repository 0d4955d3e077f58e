"""村情民情分析 on the desk: 香 drafts October, changes a sentence, decides, signs, prints; 国 reads the signed one and opens no list from it."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import docx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdfium2 import PdfDocument

from minqing.contact.actions import analysis
from minqing.contact.models import Analysis, Finding
from minqing.contact.queries import analysis as queries
from tests.archives import village
from tests.people import PENGLI
from tests.service.doors import ask
from tests.web.test_staff import text


@pytest.fixture
def past(world) -> Any:
    """Last month: twelve matters in 彭里, five of lamps; drafted by 香."""
    village.grids()
    first = queries.month_after(timezone.localdate().replace(day=1), -1)
    with world.acting("文") as me:
        for n in range(12):
            ask(me, f"{n}号门前的路灯不亮" if n < 5 else f"第{n}处水沟堵了", at=datetime(first.year, first.month, 9 + n, 2, 0, tzinfo=UTC))
    with world.acting("香") as me:
        return analysis.draft(area=PENGLI, month=first, by=me, at=timezone.now())


def key(past: Any, name: str, world: Any) -> Finding:
    with world.acting("香"):
        return Finding.objects.get(analysis=past, key=name)


def test_a_month_is_begun_from_the_list_and_drafted_anew_by_the_same_button(world, open_as):
    xiang = open_as("香")
    page = xiang.get("/analysis/")
    which = re.findall(r'<option value="(330881002205:[^"]+)"', page.content.decode())
    assert len(which) == 13
    begun = xiang.post("/analysis/begin/", {"which": which[1]})
    assert begun.status_code == 302 and "没有登记的事情" in text(xiang.get(begun["Location"]))
    assert xiang.post("/analysis/begin/", {"which": which[1]})["Location"] == begun["Location"]
    assert "请选哪个村" in text(xiang.post("/analysis/begin/", {"which": "x"}, follow=True))


def test_each_sentence_opens_the_list_it_rests_on(world, open_as, past):
    xiang = open_as("香")
    page = xiang.get(f"/analysis/{past.pk}/")
    links = [html.unescape(u) for u in re.findall(r'<a href="([^"]+)">看依据', page.content.decode())]
    assert any(u.startswith("/matters/?view=all&place=330881002205&month=") for u in links) and any(u.endswith("/rows/") for u in links)
    shown = text(xiang.get(next(u for u in links if u.startswith("/matters/?view=all"))))
    assert "提出的" in shown and shown.count("路灯不亮") >= 5
    counted = [text(xiang.get(u)) for u in links if u.endswith("/rows/")]
    assert sorted(c.count("路灯不亮") for c in counted) == [0, 5] and sorted(c.count("水沟堵了") for c in counted)[0] == 0


def test_ones_own_words_stand_and_bad_ones_are_not_lost(world, open_as, past):
    xiang, f = open_as("香"), key(past, "whole", world)
    with world.acting("兰") as me:
        name = village.Family(me).wife.name
    url = f"/analysis/sentences/{f.pk}/"
    assert "起草的话" in text(xiang.get(url))
    wrong = xiang.post(url, {"words": f"{name}家又来问了。", "version": 1})
    assert wrong.status_code == 422 and "不写姓名" in text(wrong) and f"{name}家又来问了" in wrong.content.decode()
    assert xiang.post(url, {"words": "上个月一共十二件，路灯最多。", "version": 1}).status_code == 302
    page = text(xiang.get(f"/analysis/{past.pk}/"))
    assert "上个月一共十二件，路灯最多。" in page and f"起草的话：{f.drafted}" in page
    # 文 had opened it before: both are shown, nothing is written over until he sends it again
    wen = open_as("文")
    late = wen.post(url, {"words": "文书的话。", "version": 1})
    assert late.status_code == 422 and "刚刚被别人改过" in text(late) and "文书的话。" in late.content.decode()
    again = re.search(r'name="version" value="(\d+)"', late.content.decode()).group(1)
    assert wen.post(url, {"words": "文书的话。", "version": again}).status_code == 302
    assert xiang.post(f"/analysis/sentences/{f.pk}/strike/", {"struck": "1", "version": "3"}).status_code == 302
    assert "划掉了" in text(xiang.get(f"/analysis/{past.pk}/"))


def test_signed_it_is_read_in_the_town_without_its_lists_and_printed_the_same(world, open_as, past):
    xiang, guo = open_as("香"), open_as("国")
    assert guo.get(f"/analysis/{past.pk}/").status_code == 404
    due = timezone.localdate() + timedelta(days=9)
    assert xiang.post(f"/analysis/{past.pk}/decide/", {"what": "换桥头的路灯", "who": "村两委", "due_on": str(due)}).status_code == 302
    assert xiang.post(f"/analysis/{past.pk}/add/", {"section": "own", "words": "请乡镇帮助联系路灯厂家。"}).status_code == 302
    assert xiang.post(f"/analysis/{past.pk}/sign/").status_code == 302
    page = guo.get(f"/analysis/{past.pk}/")
    shown = text(page)
    assert "受理群众诉求 12 件" in shown and "换桥头的路灯" in shown and "看依据" not in shown and "改写" not in shown
    assert "彭里" in text(guo.get("/analysis/"))
    words = "".join("".join(p.get_textpage().get_text_range() for p in PdfDocument(guo.get(f"/analysis/{past.pk}/paper.pdf").content)).split())
    file = docx.Document(io.BytesIO(xiang.get(f"/analysis/{past.pk}/paper.docx").content))
    written = "".join("".join([*(p.text for p in file.paragraphs), *(c.text for t in file.tables for r in t.rows for c in r.cells)]).split())
    for sentence in ("受理群众诉求12件", "一、本月情况", "请乡镇帮助联系路灯厂家。", "换桥头的路灯", "村情民情分析", "不足10件的不写"):
        assert sentence in words and sentence in written, sentence
    # what became of the decision
    url = re.search(r'href="(/analysis/decisions/[^"]+/)"', xiang.get(f"/analysis/{past.pk}/").content.decode()).group(1)
    assert xiang.post(url, {"state": "done", "words": "换好了"}).status_code == 302
    assert "办成了" in text(xiang.get(f"/analysis/{past.pk}/")) and guo.get(url).status_code == 404
    with world.acting("香"):
        assert Analysis.objects.get(pk=past.pk).signed_by


@pytest.mark.parametrize("name", ["芳", "兰", "强", "梅", "敏", "审", "建"])
def test_whoever_keeps_none_finds_none(world, open_as, past, name):
    browser, f = open_as(name), key(past, "whole", world)
    for path in (f"/analysis/{past.pk}/", f"/analysis/{past.pk}/sign/", f"/analysis/{past.pk}/paper.pdf", f"/analysis/{past.pk}/paper.docx", f"/analysis/sentences/{f.pk}/"):
        assert browser.get(path).status_code == 404, path
    assert browser.post(f"/analysis/sentences/{f.pk}/strike/", {"struck": "1"}).status_code == 404


@pytest.mark.parametrize("path", ["", "list"])
def test_no_page_sends_more_than_twelve_statements(world, open_as, past, path):
    xiang = open_as("香")
    url = "/analysis/" if path else f"/analysis/{past.pk}/"
    xiang.get(url)
    with CaptureQueriesContext(connection) as sent:
        assert xiang.get(url).status_code == 200
    assert len(sent) <= 12, [q["sql"][:90] for q in sent]


def test_the_work_desk_says_that_a_draft_waits(world, open_as, past):
    assert "1 份村情分析等您看过签发" in text(open_as("香").get("/"))
    assert "村情分析等您看过" not in text(open_as("兰").get("/"))
