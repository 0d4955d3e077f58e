"""What the phone loads: small, the same for everybody, whole; its sentences are in the list; old browsers can read it."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from minqing.web.phone import shell
from minqing.web.phone.words import WORDS

SCRIPTS = sorted((Path(shell.__file__).parent / "static/phone").glob("*.js"))
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def code(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def test_a_first_load_weighs_less_than_sixty_kilobytes(world):
    page = Client().get("/phone/").content
    sizes = {f: len(gzip.compress(Path(str(finders.find(f))).read_bytes(), 9)) for f in shell.FILES if f != "phone/icon-512.png"}
    assert sum(sizes.values()) + len(gzip.compress(page)) <= 75_000  # with what comes when somebody taps
    sizes = {f: n for f, n in sizes.items() if f not in shell.LATER}
    assert sum(sizes.values()) + len(gzip.compress(page)) <= 60_000
    assert sum(n for f, n in sizes.items() if f.endswith(".js")) <= 45_000


def test_the_page_is_the_same_for_everybody_and_asks_nobody(world):
    nobody, somebody = Client(), Client()
    somebody.cookies["minqing_session"] = world.tokens["香"]
    for address in ("/phone/", "/phone/worker.js", "/phone/manifest.webmanifest"):
        assert nobody.get(address).content == somebody.get(address).content
        assert "郑书香" not in nobody.get(address).content.decode()


def test_only_the_phone_may_ask_for_a_microphone_and_its_content_policy_is_everybodys(world):
    phone, desk = Client().get("/phone/").headers, Client().get("/login/").headers
    assert "microphone=(self)" in phone["Permissions-Policy"] and "microphone=()" in desk["Permissions-Policy"]
    assert phone["Content-Security-Policy"] == desk["Content-Security-Policy"]
    assert "blob:" not in phone["Content-Security-Policy"]


def test_the_worker_lists_every_file_the_page_and_its_modules_need(world):
    worker = Client().get("/phone/worker.js").content.decode()
    listed = json.loads(re.search(r"KNOWN = (\{.*?\});", worker)[1])["files"]
    needed = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', Client().get("/phone/").content.decode()))
    for script in SCRIPTS:
        needed |= {f"/static/phone/{name}" for name in re.findall(r"(?:from |import\()'\./([\w.]+)'", code(script))}
    assert needed <= set(listed)
    assert all(finders.find(f.removeprefix("/static/")) for f in listed if f.startswith("/static/"))


def test_a_changed_file_makes_a_new_version(world, monkeypatch, tmp_path):
    before = shell.version.__wrapped__("zh-hans")
    changed = tmp_path / "app.js"
    changed.write_text("changed")
    find = finders.find
    monkeypatch.setattr(shell.finders, "find", lambda name: str(changed) if name == "phone/app.js" else find(name))
    assert shell.version.__wrapped__("zh-hans") != before


def test_every_sentence_of_the_scripts_stands_in_the_list():
    said = {text for script in SCRIPTS for text in re.findall(r"'([^'\n]*[\u3400-\u9fff，][^'\n]*)'", code(script)) if text != "民"}
    assert said == set(WORDS)
    assert not [s.name for s in SCRIPTS if re.search(r"[\u3400-\u9fff]", re.sub(r"'[^'\n]*'", "", code(s)))]


@pytest.mark.parametrize("word", [r"\?\?=", r"\|\|=", r"&&=", r"\.at\(", r"structuredClone", r"Object\.hasOwn", r"replaceAll", r"#\w+\s*[=(;]", r"static \{", r"eval\(", r"innerHTML", r"\.style\b", r"localStorage\.setItem\((?!k, v)"])
def test_scripts_use_nothing_that_old_phones_lack_and_no_markup_from_words(word):
    assert [s.name for s in SCRIPTS if re.search(word, code(s))] == []


def test_icons_that_are_named_exist_and_no_other_is_carried():
    have = set(re.findall(r'<symbol id="([^"]+)"', Path(str(finders.find("phone/icons.svg"))).read_text()))
    named = {name for s in SCRIPTS for found in re.findall(r"\b(?:ic|empty)\('([a-z-]+)'|\['[a-z]*', '([a-z-]+)', t\(", code(s)) for name in found if name}
    assert named == have
