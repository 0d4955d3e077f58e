"""The fixture itself: a logged-in page, and a check that finds something."""

import pytest

pytestmark = pytest.mark.browser


def test_lan_sees_her_desk_in_chromium(desk):
    page = desk.page("兰", width=390)
    page.goto("/")
    assert "工作台" in page.title()
    desk.check(page)


def test_the_check_finds_an_image_without_words(desk):
    page = desk.page("兰")
    page.goto("/")
    page.evaluate("document.querySelector('main').appendChild(document.createElement('img')).src = 'data:,'")
    with pytest.raises(AssertionError, match="image-alt"):
        desk.check(page)
