"""Bring the English catalogue up to date: `python deploy/messages.py` (needs gettext: xgettext, msgmerge, msgfmt).

Source strings are Chinese. Three kinds end up in the catalogue: what stands in `_("…")` and `{% translate "…" %}`; the words
of tables that pages translate where they show them (roles, items, codes, kinds of acts: TABLES); choices of models.
Invariant: nothing is lost — a translation whose sentence is gone is dropped, one whose sentence changed is left empty,
never guessed (no fuzzy entries); the compiled catalogue is written beside it, because a server has no msgfmt.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from minqing.archives.rules.fields import FIELDS
from minqing.gather.engine import fields, templates
from minqing.lib import names

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "minqing/web/locale/en/LC_MESSAGES"
CATALOGUE = FOLDER / "django.po"
HAN = re.compile(r"[\u3400-\u9fff]")
#: Modules whose plain Chinese constants are words that a page shows through gettext(variable).
TABLES = (
    "access/rules/roles.py", "access/rules/audit.py", "access/public.py", "access/scope.py", "access/models/areas.py", "access/models/staff.py", "access/actions/sessions.py", "access/actions/factors.py",
    "notify/rules/routing.py", "notify/rules/states.py", "notify/rules/templates.py", "notify/models.py",
    "archives/rules/items.py", "archives/rules/tags.py", "archives/rules/lifecycle.py", "archives/rules/purposes.py", "archives/models", "archives/queries", "archives/actions/dwellings.py",
    "service/rules", "service/models", "service/queries", "service/actions/calendar.py", "service/actions/catalogue.py", "service/actions/errands.py", "service/actions/items.py", "service/actions/volunteers.py",
    "contact/rules/asking.py", "contact/rules/days.py", "contact/rules/flood.py", "contact/actions/waiting.py", "contact/models",
    "gather/models.py", "gather/rules/asking.py", "gather/queries.py", "gather/actions/load.py", "gather/engine/candidates.py", "web",
)
HEAD = 'msgid ""\nmsgstr ""\n"Project-Id-Version: minqing\\n"\n"Language: en\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"'
#: Kinds of areas in the file of divisions.
AREA_KINDS = ("市", "县", "区", "街道", "镇", "乡", "社区", "村", "其他")
#: Whose columns a resident reads in his own file, each with what it is for.
OWN = ("Resident", "Household", "Membership", "Plot")
#: Here whole sentences are collected, from SQL too: what gathering says of a row or column, shown through gettext(sentence).
SPEAKING = ("gather/engine", "lib")
SENTENCE = re.compile(r"""['"]([^'"\n{}]*[\u3400-\u9fff][^'"\n{}]*。)['"]""")
#: What xgettext knows by itself; `_now` of some modules it does not, so their sentences are collected like words of tables.
MARKERS = {"_", "_now", "lasting", "gettext", "gettext_lazy", "ngettext", "gettext_noop"}
#: Chinese constants of these modules that are data or marks, not words of a page.
NOT_SHOWN = ("性", "请数据员", "一二三四五六七八九十", "方正小标宋简体", "黑体", "宋体", "仿宋")
#: The history of a file names tables and columns.
SHOWN_COLUMNS = ("archives/models",)
#: Arguments and classes that hold words for the data dictionary only.
DICTIONARY = {"verbose_name", "Meta"}
SETTINGS = "SECRET_KEY = 'none'\nUSE_I18N = True\nLANGUAGE_CODE = 'zh-hans'\n"


def constants(tree: ast.Module, *, columns: bool = False) -> list[str]:
    """Chinese constants of a module that are neither docstrings, nor already marked, nor parts of an f-string; the names of
    models and their columns only where pages show them (`columns`)."""
    passed: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            passed.add(id(body[0].value))
        if isinstance(node, ast.JoinedStr):
            passed.update(id(part) for part in ast.walk(node))
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in MARKERS:
                passed.update(id(part) for part in ast.walk(node))
            if name == "Field":  # a value of a notice: its label is shown, its sample is what somebody would write
                passed.update(id(a) for a in node.args[1:])
            elif not columns and (name.endswith("Field") or name == "ForeignKey"):  # the first argument of a model's column is its dictionary name
                passed.update(id(a) for a in node.args)
                passed.update(id(k.value) for k in node.keywords if k.arg in DICTIONARY)
        if isinstance(node, ast.ClassDef) and node.name == "Meta" and not columns:
            passed.update(id(part) for part in ast.walk(node))
    return [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and HAN.search(n.value) and id(n) not in passed]


def words() -> list[str]:
    """Every word of the tables once, in the order of the files."""
    found: dict[str, None] = {}
    for name in TABLES:
        start = ROOT / "minqing" / name
        for path in sorted(start.rglob("*.py")) if start.is_dir() else [start]:
            found.update(dict.fromkeys(constants(ast.parse(path.read_text(encoding="utf-8")), columns=name in SHOWN_COLUMNS)))
    found.update(dict.fromkeys((*AREA_KINDS, *names.LIKENESS_LABELS.values(), *(t.title for t in templates.load()), *(f.label for f in fields.FIELDS.values()),
                                *(f.purpose for (model, _column), f in FIELDS.items() if model in OWN))))
    for path in (p for folder in SPEAKING for p in sorted((ROOT / "minqing" / folder).rglob("*.py"))):
        found.update(dict.fromkeys(SENTENCE.findall(path.read_text(encoding="utf-8"))))
    for w in NOT_SHOWN:
        found.pop(w, None)
    return [w for w in found if "\\" not in w and "{%" not in w and "{{" not in w and '"' not in w and "\n" not in w and "(?:" not in w]


def marked() -> list[str]:
    """Every sentence in `_("…")`, as the syntax tree has it: xgettext does not look inside f-strings."""
    found: dict[str, None] = {}
    for path in sorted((ROOT / "minqing").rglob("*.py")):
        if {"synth", "commands", "engine", "migrations"} & set(path.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in MARKERS and node.args and isinstance(node.args[0], ast.Constant) and HAN.search(str(node.args[0].value)):
                found[str(node.args[0].value)] = None
    return list(found)


def run(*command: str, **more: object) -> None:
    subprocess.run(command, check=True, **more)  # type: ignore[call-overload]


def extract() -> None:
    """Collect all sentences and merge them into the catalogue."""
    spoken = ROOT / "minqing/words_of_code.py"
    frame = ROOT / "minqing/web/locale/extracting.py"
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        # as calls, not as template tags: a tag would double each % of a sentence with places
        spoken.write_text("".join(f"_({json.dumps(sentence, ensure_ascii=False)})\n" for sentence in dict.fromkeys((*marked(), *words()))), encoding="utf-8")
        frame.write_text(SETTINGS + f"LOCALE_PATHS = [{str(ROOT / 'minqing/web/locale')!r}]\n", encoding="utf-8")
        run(
            sys.executable, "-m", "django", "makemessages", "-l", "en", "--no-wrap", "--no-location", "--no-obsolete", "-v", "0", "-e", "html,py",
            "--ignore", "gather/engine/*", "--ignore", "synth/*", "--ignore", "web/locale/*.py", "--ignore", "*styleguide*", "--ignore", "commands/*", cwd=ROOT / "minqing",
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "extracting", "PYTHONPATH": str(frame.parent)},
        )
    finally:
        spoken.unlink(missing_ok=True)
        frame.unlink(missing_ok=True)
    # an entry that msgmerge only guessed is emptied: a wrong English sentence is worse than a Chinese one
    text = CATALOGUE.read_text(encoding="utf-8")
    head, *entries = text.split("\n\n")
    for number, entry in enumerate(entries):
        if re.search(r"^#, .*fuzzy", entry, re.MULTILINE):
            entry = re.sub(r"^#\| .*\n", "", entry, flags=re.MULTILINE)
            entry = re.sub(r"(^#,.*?)(, fuzzy|fuzzy, )", r"\1", entry, flags=re.MULTILINE).replace("#, fuzzy\n", "")
            entries[number] = re.sub(r'^(msgstr(?:\[\d\])?) .*(?:\n".*)*', r'\1 ""', entry, flags=re.MULTILINE)
    CATALOGUE.write_text("\n\n".join([HEAD, *(e.strip("\n") for e in entries if e.strip())]) + "\n", encoding="utf-8")


def compile_catalogue() -> None:
    run("msgfmt", "--check-format", "-o", str(CATALOGUE.with_suffix(".mo")), str(CATALOGUE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compile", action="store_true", help="only write the .mo")
    parser.add_argument("--words", action="store_true", help="only list the words of the tables")
    asked = parser.parse_args()
    if asked.words:
        sys.stdout.write("\n".join(words()) + "\n")
        return
    if not asked.compile:
        extract()
    compile_catalogue()
    done = subprocess.run(["msgattrib", "--untranslated", "--no-wrap", str(CATALOGUE)], check=True, capture_output=True, text=True)
    sys.stdout.write(done.stdout)


if __name__ == "__main__":
    main()
