"""Paper: one page for an ordinary household, walking order, who printed it, no whole number, no tofu, audited."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pypdfium2
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from minqing.access.models import AuditEntry
from minqing.access.scope import NotAllowed
from minqing.archives.models import Household, Membership, Resident
from minqing.archives.refusals import Refused
from minqing.web.desk.archives import trees
from minqing.web.shared import printing
from tests.people import PENGLI, TOKENS, World
from tests.web import seed


@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    with django_db_blocker.unblock(), seed.planted() as ids:
        yield ids


def client(name: str) -> Client:
    made = Client(headers={"host": "localhost"})
    made.cookies[settings.SESSION_COOKIE] = TOKENS[name]
    return made


def pages(content: bytes) -> list[str]:
    """The text of each page, without blanks (Chinese text comes in pieces)."""
    return [re.sub(r"\s+", "", page.get_textpage().get_text_bounded()) for page in pypdfium2.PdfDocument(content)]


def test_a_household_is_one_page_that_names_who_printed_it(village, committed):
    answer = client("香").get(f"/households/{village['2050041']}/print/")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf" and answer["Cache-Control"] == "no-store"
    found = pages(answer.content)
    assert len(found) == 1
    assert "姜水仙" in found[0] and "打印人郑书香3303" in found[0] and "敲东侧后窗" in found[0]
    assert not re.search(r"330899\d{11}[\dX]", found[0]) and "3308************" in found[0]
    with World.acting("香") as me:
        entry = AuditEntry.objects.filter(staff=me.id, what="print").order_by("-at").first()
    assert village["姜水仙"] in entry.persons and village["周晓"] in entry.persons and entry.households == [village["2050041"]]


def test_somebody_elses_household_is_not_printed(village, committed):
    assert client("芳").get(f"/households/{village['2050041']}/print/").status_code == 404
    assert client("强").get(f"/households/{village['2050041']}/print/").status_code == 404
    assert client("芳").get(f"/paper/sheets.pdf?grid={PENGLI}001&kind=filled").status_code == 403


def test_sheets_come_in_walking_order_one_page_a_door(village, committed):
    with World.acting("香") as me:
        found = pages(printing.sheets(me, PENGLI + "001", blank=False))
        homes = sorted(Household.objects.filter(grid_code=PENGLI + "001", voided_at=None), key=printing.walking_order)
        doors = [f"{h.natural_village}{h.door}" for h in homes]
        entry = AuditEntry.objects.filter(staff=me.id, what="print").order_by("-at").first()
        members = set(Membership.objects.filter(household__in=homes, ends_on=None).values_list("person_id", flat=True))
    assert len(found) == len(doors)
    for page, door in zip(found, doors, strict=True):
        assert door in page
    plates = [d for d in doors if d.startswith("上塘")]
    assert plates.index("上塘3号") < plates.index("上塘9号") < plates.index("上塘15号")
    assert set(entry.persons) >= members


def test_one_natural_village_and_blank_ones(village, committed):
    with World.acting("香") as me:
        part = pages(printing.sheets(me, PENGLI + "001", blank=False, natural_village="樟树底"))
        blank = pages(printing.sheets(me, PENGLI + "003", blank=True, count=3))
        assert all("樟树底" in page for page in part)
        assert len(blank) == 3 and not any("姜" in page for page in blank)
        with pytest.raises(Refused):
            printing.sheets(me, PENGLI + "001", blank=False, natural_village="没有这个村")
    with World.acting("芳") as me, pytest.raises(NotAllowed):
        printing.sheets(me, PENGLI + "001", blank=True)


def test_the_qr_says_no_word_about_people(village):
    number = village["2050041"]
    assert printing.household_of(f"MQ:{number}") == number
    assert printing.household_of("姜水仙") is None
    assert "svg" in printing.qr(number) and printing.qr(None) == ""


def test_a_scanned_qr_opens_the_typing_of_its_household(village, committed):
    answer = client("香").get("/paper/type/", {"find": f"MQ:{village['2050041']}"})
    assert answer.status_code == 302 and str(village["2050041"]) in answer.url
    assert client("芳").get("/paper/type/", {"find": f"MQ:{village['2050041']}"}).status_code == 404


def test_rare_characters_reach_the_paper(village, committed):
    """䶮 and 𬭎 stand beyond GB2312; a middle dot and an apostrophe are no end of a name. (Noto CJK has both characters.)"""
    answer = client("香").get(f"/households/{village['2050042']}/print/")
    found = pages(answer.content)[0]
    for name in seed.NASTY[:4]:
        assert name in found


def test_the_family_tree_prints_and_is_audited(village, committed):
    answer = client("香").get(f"/people/{village['周志伟']}/tree/print/")
    assert answer.status_code == 200
    page = pages(answer.content)[0]
    assert "周志伟的家谱" in page and "姜水仙" in page and "周晓" in page
    with World.acting("香") as me:
        entry = AuditEntry.objects.filter(staff=me.id, what="print").order_by("-at").first()
    assert village["周晓"] in entry.persons


def test_nothing_is_fetched_while_printing():
    with pytest.raises(Exception, match="not fetched"):
        printing.no_outside("file:///etc/passwd")


def test_a_drawing_has_one_box_per_person_and_none_upon_another(village, committed):
    with World.acting("香") as me:
        tree = printing_tree(me, village["姜水仙"])
    drawing = trees.draw(tree, village["姜水仙"])
    spots = [(b.x, b.y) for b in drawing.boxes]
    assert len(drawing.boxes) == len({b.node.id for b in drawing.boxes}) == 5
    for i, (x, y) in enumerate(spots):
        for x2, y2 in spots[i + 1:]:
            assert abs(x - x2) >= trees.BOX_W or abs(y - y2) >= trees.BOX_H
    assert drawing.former  # 姜水仙 is a widow: her marriage ended, the parents still stand side by side


def printing_tree(me, person):
    from minqing.archives import queries  # noqa: PLC0415 - after Django is set up

    return queries.family_tree(me, person, on=timezone.localdate())


# --- typing in ----------------------------------------------------------------------------------------------------------


def sheet(people: list[dict[str, str]], **more: str) -> dict[str, str]:
    """A posted sheet: one dict of typed cells per line."""
    data = {"p-TOTAL_FORMS": str(len(people)), "p-INITIAL_FORMS": str(len(people)), "w-caution": "", "w-difficulties": "", "w-wishes": "", "step": "compare", **more}
    for i, line in enumerate(people):
        data |= {f"p-{i}-{key}": value for key, value in {"person": "", "name": "", "id_number": "", "relation": "", "phone": "", "living_elsewhere": "", **line}.items()}
    return data


def test_what_comes_back_is_compared_and_not_overwritten(village, committed):
    desk, url = client("香"), f"/paper/type/{village['2050041']}/"
    lines = [{"person": str(village["姜水仙"]), "phone": "15499990000"}, {"person": str(village["周志伟"]), "living_elsewhere": "杭州"}, {"person": str(village["毛彩凤"])}, {"person": str(village["周晓"])}]
    shown = desk.post(url, sheet(lines))
    page = shown.content.decode()
    assert "154****0000" in page and "用哪个" in page and "与档案相同" in page
    with World.acting("香"):
        before = Resident.objects.get(pk=village["姜水仙"])
    assert before.phone_tail != "0000", "comparing changes nothing"
    kept = desk.post(url, sheet(lines, step="save", **{"use-0-phone": "keep"}))
    assert kept.status_code == 302
    with World.acting("香"):
        assert Resident.objects.get(pk=village["姜水仙"]).phone_tail != "0000"
    taken = desk.post(url, sheet(lines, step="save", **{"use-0-phone": "paper"}))
    with World.acting("香"):
        assert Resident.objects.get(pk=village["姜水仙"]).phone_tail == "0000"
    desk.post("/undo/", {"token": taken.url.split("act=")[1]})
    with World.acting("香"):
        assert Resident.objects.get(pk=village["姜水仙"]).phone_tail == before.phone_tail


def test_a_new_person_needs_a_number_and_gives_sex_and_birth_by_it(village, committed):
    desk, url = client("香"), f"/paper/type/{village['2050009']}/"
    nameless = desk.post(url, sheet([{"name": "钱新来"}]))
    assert nameless.status_code == 422 and "请写证件号码" in nameless.content.decode()
    wrong = desk.post(url, sheet([{"name": "钱新来", "id_number": "330899199001011230"}]))
    assert wrong.status_code == 422
    with World.acting("香") as me:
        number = seed.Seeder(me, timezone.now(), serial=480).number(timezone.localdate().replace(year=1990, month=1, day=1), "2")
    line = {"name": "钱新来", "id_number": number, "relation": "97", "phone": "179 1234 5678"}
    shown = desk.post(url, sheet([line])).content.decode()
    assert "档案里没有" in shown and "女 · 1990-01-01" in shown
    saved = desk.post(url, sheet([line], step="save", **{"use-0-new": "paper"}))
    assert saved.status_code == 302
    with World.acting("香"):
        made = Resident.objects.get(name="钱新来")
        assert made.sex == "2" and f"{made.birth_date}" == "1990-01-01" and made.phone_tail == "5678"
    again = desk.post(url, sheet([line])).content.decode()
    assert "档案里没有" not in again, "the same sheet twice is compared with what the first one made"


def test_a_number_known_elsewhere_is_referred(village, committed):
    shown = client("香").post(f"/people/{village['姜水仙']}/reveal/", {"field": "id_number", "reason": "核对证件号码"})
    number = re.search(r"330899\d{11}[\dX]", shown.content.decode()).group()
    page = client("强").post(f"/paper/type/{village['2050002']}/", sheet([{"name": "姜水仙", "id_number": number}])).content.decode()
    assert "在别处已有档案" in page
