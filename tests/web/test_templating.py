"""An icon that is written out when its template is loaded is the component's, letter by letter."""

from __future__ import annotations

import pytest
from django.template import Context, engines
from django.template.loader import render_to_string

from minqing.web.shared.templating import Compiler

pytestmark = pytest.mark.usefixtures("django_db_setup")  # where tests find their static files
SIGNS = ('<c-icon name="{{ n }}" />', '<c-icon name="{% if n %}{{ n }}{% else %}x{% endif %}"/>')


def drawn(source: str) -> str:
    return engines["django"].engine.from_string(Compiler().process(source)).render(Context({"n": "home"}))


def test_an_icon_written_out_is_the_component_s():
    component = render_to_string("cotton/icon.html", {"name": "home"}).strip()
    assert "#home" in component
    for sign in SIGNS:
        assert drawn(f"<p>{sign}</p>") == f"<p>{component}</p>"


def test_what_the_loader_does_not_know_stays_a_component():
    assert "#home" in drawn('<c-icon :name="n" />')


def test_the_settings_loader_is_the_one_that_runs():
    assert "CottonComponentNode" not in {type(node).__name__ for node in engines["django"].engine.get_template("desk/parts/nav.html").nodelist}
