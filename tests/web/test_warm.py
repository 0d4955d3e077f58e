"""The first request of a web process waits for nothing: a call pops up within a second in the morning too."""

from __future__ import annotations

import os
import subprocess
import sys

from minqing.web.shared import warm


def test_pages_named_for_the_start_exist():
    assert warm.warm() > 200


def test_a_web_process_has_every_view_before_it_serves():
    """What cost 7.7 s of the first call: the address table and, behind it, the maker of PDFs."""
    asked = "import minqing.wsgi, sys; print(all(m in sys.modules for m in ('minqing.web.desk.hotline.cti', 'minqing.web.portal.matters', 'weasyprint')))"
    said = subprocess.run([sys.executable, "-c", asked], env={**os.environ}, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603
    assert said.stdout.strip().endswith("True")
