"""What came of a household, beside its name: when somebody was there, what is open, which policies found its people."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from minqing.contact.actions import visits
from minqing.contact.models import Visit
from minqing.contact.queries import homes
from minqing.service.actions import matters
from minqing.service.actions.matters import Said, Who
from tests.contracts.foreign import superuser
from tests.people import PENGLI, World
from tests.web.test_staff import text
from tests.web.test_visit_pages import forget

HOME, OTHER = "2050041", "2050042"


@pytest.fixture
def came(village, committed) -> Iterator[dict[str, uuid.UUID]]:
    now = timezone.now()
    for who, home, days, how in (("兰", HOME, 1, "unreached"), ("兰", HOME, 3, "door"), ("香", OTHER, 200, "phone")):
        with World.acting(who) as me:
            visits.record_visit(id=uuid.uuid4(), household=village[home], by=me, at=now, how=how, visited_at=now - timedelta(days=days))
    person = village["姜水仙"]
    with World.acting("香") as me:
        for words, closed in (("屋后的水沟堵了", False), ("家里的事不想让人知道", True)):
            matters.open_matter(Said(words, "help_up", "window", PENGLI, requester=Who(name="姜水仙", phone="15400000060", person=person), confidential=closed), by=me, at=now)
    offers = []
    with superuser() as root:
        for rule, cycle, sensitive in (("turns_60", "60", False), ("", "", True)):
            offers.append(root.execute("insert into service_offer (id, grid_code, person_id, rule, cycle, sensitive, reason, due_on, found_on, state, told_how, why, before) values"
                                       " (gen_random_uuid(), %s, %s, %s, %s, %s, '[]', current_date, current_date, 'found', '', '', '{}') returning id", [PENGLI + "001", person, rule, cycle, sensitive]).fetchone()[0])
    yield village
    forget()
    with superuser() as root:
        root.execute("delete from service_offer where id = any(%s)", [offers])


def rows(page: str) -> dict[str, str]:
    """Line of the list by household number, as it is read."""
    found = re.findall(r'<tr data-row-link.*?</tr>', page, re.S)
    return {re.search(r'<td class="dim end">(\S+)</td>', r)[1]: r for r in found}  # type: ignore[index]


def test_a_list_says_when_somebody_came_and_how_much_is_open_but_not_who_came(came, visit):
    line = rows(visit("香").get("/households/").content.decode())
    home, other = line[HOME], line[OTHER]
    assert "3 天前" in home and "late" not in home, "nobody met is not a visit"
    assert "诉求 1" in home, "a confidential matter is not told beside a household"
    assert '<span class="late">200 天前</span>' in other and "诉求" not in other
    assert not re.search("姜晓兰|晓兰", home)


def test_a_panel_and_a_file_say_what_was_asked_who_came_and_what_they_may_have(came, visit):
    client = visit("香")
    for url in (f"/households/{came[HOME]}/panel/", f"/households/?open={came[HOME]}", f"/households/{came[HOME]}/"):
        page = text(client.get(url)).replace("\n", " ")
        said = page[page.index("诉求与走访"):]
        assert "屋后的水沟堵了" in said and "不想让人知道" not in page
        assert said.index("没有见到") < said.index("入户"), "the newest first"
        assert "满 60 周岁：老年优待" in page and "有一项政策" in page
    assert "诉求与走访" in text(client.get(f"/households/{came[OTHER]}/panel/"))


def test_one_statement_whatever_the_length_and_nothing_of_the_neighbour(came, visit, django_assert_num_queries):
    with World.acting("香"):
        with django_assert_num_queries(1):
            found = homes.came_of([came[HOME], came[OTHER]], opened=came[HOME])
        assert set(found.seen) == {came[HOME], came[OTHER]} and len(found.visits) == 2 and len(found.offers) == 2
        assert homes.came_of([]) == homes.Came()
    with World.acting("芳"):
        assert homes.came_of([came[HOME]], opened=came[HOME]) == homes.Came(), "a stranger learns nothing by an id"
        assert not Visit.objects.filter(household=came[HOME]).exists()
