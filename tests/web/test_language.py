"""English is complete: every sentence of the pages has one, the compiled catalogue is the written one, and no Chinese
word is left on an English page except data (names, addresses, what departments wrote).

When a test here fails: `python deploy/messages.py`, write the empty sentences into the .po, run it again.
"""

from __future__ import annotations

import ast
import gettext
import html
import importlib.util
import re
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings
from django.test import Client

from minqing.access.models import Area, AreaAlias, Organisation, Staff
from minqing.archives.models import Act, Dwelling, Household, Proposal, Resident
from minqing.contact.rules import training
from minqing.lib import codes
from minqing.service.models import CatalogueItem, Counter, DispatchRule, Limit, PolicyRule, WorkCalendarDay
from tests.people import PENGLI, TOKENS, World
from tests.web import seed

ROOT = Path(settings.ROOT)
CATALOGUE = ROOT / "minqing/web/locale/en/LC_MESSAGES/django.po"
HAN = re.compile(r"[\u3400-\u9fff]")
PLACE = re.compile(r"%\(\w+\)[.\d]*[sdf]|%[sdf]|(?<!\{)\{\w+\}")
#: An English sentence may drop these: the unit of a range is said once.
SAID_ONCE = {"第 %(first)s–%(last)s %(unit)s，共 %(total)s %(unit)s"}
#: Examples of what to type stay in Chinese, in quotation marks or after "For example".
EXAMPLE = re.compile(r"“[^”]*”|\{[^}]*\}|江民〔2026〕12 号")  # and named fields, which a template keeps


def entries() -> Iterator[dict[str, str]]:
    """The catalogue's entries: msgid, msgstr (or msgid_plural, msgstr[0], msgstr[1]), flags."""
    for block in CATALOGUE.read_text(encoding="utf-8").split("\n\n"):
        found: dict[str, str] = {"flags": ""}
        key = ""
        for line in block.splitlines():
            if line.startswith("#"):
                found["flags"] += line
            elif match := re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line):
                key = match[1]
                found[key] = ast.literal_eval(match[2])
            elif line.startswith('"'):
                found[key] += ast.literal_eval(line)
        if found.get("msgid"):
            yield found


@cache
def known() -> dict[str, str]:
    return {e["msgid"]: e.get("msgstr") or e.get("msgstr[0]", "") for e in entries()}


def collector() -> ModuleType:
    """deploy/messages.py, which knows where words stand."""
    spec = importlib.util.spec_from_file_location("messages", ROOT / "deploy/messages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- the catalogue -----------------------------------------------------------------------------------------------------

def test_every_sentence_has_its_english():
    assert [e["msgid"] for e in entries() if not (e.get("msgstr") or e.get("msgstr[1]"))] == []
    assert [e["msgid"] for e in entries() if "fuzzy" in e["flags"]] == []


def test_english_sentences_keep_their_places_and_hold_no_chinese():
    for entry in entries():
        for said in (v for k, v in entry.items() if k.startswith("msgstr")):
            if entry["msgid"] not in SAID_ONCE:
                assert sorted(PLACE.findall(entry["msgid"])) == sorted(PLACE.findall(said)), entry["msgid"]
            assert not HAN.search(EXAMPLE.sub("", said)), said


def test_the_compiled_catalogue_is_the_written_one():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    written = {}
    for entry in entries():
        if "msgid_plural" in entry:
            written[entry["msgid"], 0], written[entry["msgid"], 1] = entry["msgstr[0]"], entry["msgstr[1]"]
        else:
            written[entry["msgid"]] = entry["msgstr"]
    assert {k: v for k, v in compiled.items() if k != ""} == written


def test_words_of_tables_are_in_the_catalogue():
    assert [w for w in collector().words() if w not in known()] == []


def test_sentences_of_the_code_are_in_the_catalogue():
    missing = set()
    for path in sorted((ROOT / "minqing").rglob("*.py")):
        if {"synth", "commands", "engine", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_", "_now", "lasting", "gettext", "gettext_lazy") and node.args and isinstance(node.args[0], ast.Constant):
                sentence = str(node.args[0].value)
                if HAN.search(sentence) and sentence not in known():
                    missing.add((str(path.relative_to(ROOT)), sentence))
    assert missing == set()


def test_sentences_of_the_templates_are_in_the_catalogue():
    missing = set()
    for path in sorted((ROOT / "minqing/web").rglob("*.html")):
        if "styleguide" in path.name:
            continue
        text = path.read_text(encoding="utf-8")
        for sentence in re.findall(r'\{% translate "([^"]*)"', text) + re.findall(r'_\("([^"]*)"\)', text):
            if HAN.search(sentence) and sentence not in known():
                missing.add((path.name, sentence))
        plain = re.sub(r"(?s)\{#.*?#\}|\{% comment.*?endcomment %\}|\{% blocktranslate.*?endblocktranslate %\}|\{%.*?%\}|\{\{.*?\}\}", "", text)
        left = [w for w in re.findall(r"[\u3400-\u9fff]+", plain) if w not in ("民", "中文", "年", "月", "日")]
        assert left == [], f"{path.name}: not marked for translation: {left}"
    assert missing == set()


def test_every_code_has_an_english_label():
    for table in (t for t in vars(codes).values() if isinstance(t, codes.CodeTable)):
        assert [e.label for e in table.entries if not e.english] == [], table.name
        assert all(not HAN.search(label) for _, label in table.choices_in("en"))
        assert table.choices_in("zh-hans") == table.choices


# --- the pages ---------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def village(django_db_setup, django_db_blocker) -> Iterator[dict[str, uuid.UUID]]:
    with django_db_blocker.unblock(), seed.planted() as ids:
        yield ids


def texts(value: object) -> Iterator[str]:
    """Every text in a value of a table, JSON included."""
    match value:
        case str():
            yield value
        case dict():
            yield from (t for v in value.values() for t in texts(v))
        case list():
            yield from (t for v in value for t in texts(v))


@pytest.fixture(scope="module")
def data(village, django_db_blocker) -> re.Pattern[str]:
    """Everything that is a name, an address or an example, longest first."""
    words = {"中文", "民"}
    with django_db_blocker.unblock(), World.acting("香"):
        for model, fields in ((Resident, ("name", "living_elsewhere", "living_address", "registered_address", "hometown", "school", "workplace", "party_branch")),
                              (Household, ("address", "natural_village", "door", "caution", "difficulties", "wishes", "group_no")), (Dwelling, ("address", "natural_village", "doorplate", "purpose", "structure")),
                              (Act, ("sentence",)), (Proposal, ("sentence",)),
                              (Area, ("short_name", "official_name", "stem", "covers")), (AreaAlias, ("name", "why")), (Staff, ("name",)), (Organisation, ("name",))):
            rows = model.objects.filter(code__startswith="33") if model is Area else model.objects.all()
            words.update(str(v) for row in rows.values_list(*fields) for v in row if v)
        for table in (CatalogueItem, Counter, DispatchRule, Limit, PolicyRule, WorkCalendarDay):  # the county writes these itself, in its own language
            words.update(t for row in table.objects.values_list() for t in texts(list(row)))
        words.update(training.SUBJECTS.values())  # and these in data/training.toml
    return re.compile("|".join([*(re.escape(w) for w in sorted(words, key=len, reverse=True) if HAN.search(w)), EXAMPLE.pattern]))


def english(name: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies[settings.SESSION_COOKIE] = TOKENS[name]
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def said(body: str) -> set[str]:
    """What a page says: its text, and the attributes that are read out or shown."""
    body = re.sub(r"(?s)<(script|style)\b.*?</\1>|<!--.*?-->", " ", body)
    body = re.sub(r'(?s)<(blockquote|span|small|td|p|li|b) [^>]*lang="zh-CN"[^>]*>.*?</\1>', " ", body)  # said to be Chinese: words that go out as they stand
    spoken = re.findall(r'\s(?:title|aria-label|placeholder|alt|label|data-(?:confirm|label|announce|close|leave))="([^"]*)"', body)
    return {html.unescape(t).strip() for t in (*spoken, *re.split(r"<[^>]+>", body))}


def addresses(body: str, here: str) -> list[str]:
    found = [html.unescape(a) for a in re.findall(r'(?:href|hx-get)="([^"#]+)"', body)]
    return [here.partition("?")[0] + a if a.startswith("?") else a for a in found if a.startswith(("/", "?"))]


def kind(address: str) -> str:
    """Two addresses of one kind say the same sentences; two of each are enough."""
    return re.sub(r"=[^&]*", "=", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{6,}", "…", address))


@pytest.mark.parametrize("name", ["香", "管", "审"])
def test_an_english_page_holds_no_chinese_but_data(committed, village, data, name):
    client, waiting, seen, left = english(name), ["/", f"/areas/{PENGLI}/", "/staff/", "/roles/"], {}, {}
    while waiting:
        address = waiting.pop(0)
        if seen.get(kind(address), 0) >= 2 or address.startswith(("/static", "/language", "/logout")) or "print" in address or "pdf" in address:
            continue
        seen[kind(address)] = seen.get(kind(address), 0) + 1
        response = client.get(address)
        if response.status_code == 302:
            waiting.append(response.headers["location"])
        if response.status_code != 200 or "html" not in response.headers["content-type"]:
            continue
        body = response.content.decode()
        waiting += addresses(body, address)
        for text in said(body):
            if HAN.search(text) and HAN.search(data.sub("", text)):
                left.setdefault(text, address)
    assert len(seen) > 12
    assert left == {}


def test_chinese_stays_chinese(committed, village):
    """The same page without the cookie: the browser's language does not matter, the person's choice does."""
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    client.cookies[settings.SESSION_COOKIE] = TOKENS["香"]
    page = client.get("/households/")
    assert page.headers["content-language"] == "zh-hans"
    assert "户情单" in page.content.decode()


def test_stored_words_do_not_depend_on_the_reader(committed, village):
    """A statement of the household's state is a code in the database, whatever language its page had."""
    with World.acting("香"):
        assert {h.kind for h in Household.objects.all()} <= {k for k, _ in Household.KINDS}
        assert {r.sex for r in Resident.objects.all()} <= {"0", "1", "2", "9"}
