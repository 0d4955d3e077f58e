"""Two files side by side at the desk: 香 judges, 兰 sees her grid alone, and everything parts again."""

from __future__ import annotations

import os
import uuid
from datetime import date

import pytest
from django.utils import timezone

from minqing.archives.actions import residents
from minqing.archives.models import Resident, SamePerson
from minqing.lib import identity
from tests.people import PENGLI, World
from tests.web.test_archives_pages import text, visit  # noqa: F401 - a fixture

#: Where pictures of the pages go, for whoever wants to look at them.
SHOTS = os.environ.get("MINQING_SHOTS", "")
BORN = date(1961, 2, 3)
NUMBER = "33089919610203902" + identity.check_char("33089919610203902")


@pytest.fixture
def two(visit, village) -> tuple[uuid.UUID, uuid.UUID]:  # noqa: F811
    """何小莲 twice: once with a number, once without, in 彭里's grid 001."""
    with World.acting("香") as me:
        made = [
            residents.register(name="何小莲", grid=PENGLI + "001", by=me, at=timezone.now(), on=timezone.localdate(), id_number=number, birth_date=BORN, sex="2", confirmed=True, more=more).pk
            for number, more in ((NUMBER, {"education": "60"}), ("", {"workplace": "江山某厂"}))
        ] if not Resident.objects.filter(name="何小莲", voided_at=None).exists() else list(Resident.objects.filter(name="何小莲", voided_at=None).order_by("-id_tail").values_list("pk", flat=True))
    return made[0], made[1]


def test_the_namesake_is_proposed_and_joined_and_parted(visit, two):  # noqa: F811
    one, other = two
    client = visit("香")
    page = client.get(f"/people/{one}/same/")
    assert page.status_code == 200 and f"/people/{one}/same/{other}/" in page.content.decode()
    pair = client.get(f"/people/{one}/same/{other}/")
    assert "江山某厂" in text(pair) and NUMBER not in pair.content.decode()
    silent = client.post(f"/people/{one}/same/{other}/", {"verdict": "same", "kept": str(one), "why": "是"})
    assert silent.status_code == 422 and "理由" in text(silent)
    done = client.post(f"/people/{one}/same/{other}/", {"verdict": "same", "kept": str(one), "why": "对照户口簿，是同一个人"})
    assert done.status_code == 302 and done["Location"].startswith(f"/people/{one}/")
    assert "江山某厂" in text(client.get(f"/people/{one}/"))
    assert client.get(f"/people/{other}/").status_code == 404
    with World.acting("香"):
        judged = SamePerson.objects.get(kept=one, ended_at=None)
    assert client.get(f"/same/{judged.pk}/back/").status_code == 200
    assert visit("芳").get(f"/same/{judged.pk}/back/").status_code == 404
    assert client.post(f"/same/{judged.pk}/back/", {"why": "其实是两个人"}).status_code == 302
    assert client.get(f"/people/{other}/").status_code == 200
    assert "江山某厂" not in text(client.get(f"/people/{one}/"))


def test_who_does_not_see_both_sees_no_page(visit, two):  # noqa: F811
    one, other = two
    assert visit("芳").get(f"/people/{one}/same/{other}/").status_code == 404
    assert visit("芳").get(f"/people/{one}/same/").status_code == 404


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_read_well(desk, two, width):
    one, other = two
    page = desk.page("香", width=width)
    for name, address in (("same", f"/people/{one}/same/"), ("pair", f"/people/{one}/same/{other}/")):
        page.goto(address)
        desk.check(page)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
