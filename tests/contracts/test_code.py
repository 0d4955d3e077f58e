"""What the code promises about itself (DESIGN §3, §11): direction of imports, no surprises inside functions, every setting
documented, every column classified, generated pages up to date.

Invariant: each rule is checked on the syntax tree, not on text, so that a comment cannot break or satisfy it.
"""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from minqing import settings as settings_file
from minqing.access.rules.classification import Basis, Level
from minqing.archives.rules import items
from minqing.commands import dictionary, docs

ROOT = Path(settings.ROOT)
FUNCTION_LINES, FILE_LINES = 80, 600
#: Longer than that by need, each with the reason.
LONGER: dict[str, str] = {}
#: Imports inside a function that cannot stand at the top, each with the reason.
INNER: dict[str, str] = {}


@cache
def trees() -> dict[Path, ast.Module]:
    files = [p for p in sorted((ROOT / "minqing").rglob("*.py")) if "migrations" not in p.parts]
    return {p.relative_to(ROOT): ast.parse(p.read_text(encoding="utf-8")) for p in files}


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_imports_point_down_only():
    """The contracts of pyproject.toml [tool.importlinter]: layers, faces, the pure rooms."""
    done = subprocess.run([str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_no_imports_inside_functions():
    found = {f"{path}:{function.name}" for path, function in functions() for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)}
    assert found - set(INNER) == set()
    assert set(INNER) - found == set()


def test_no_signal_receivers():
    """What happens is read where it happens."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(("django.dispatch", "django.db.models.signals", "django.core.signals")), path
            if isinstance(node, ast.FunctionDef):
                assert not any("receiver" in ast.unparse(d) for d in node.decorator_list), (path, node.name)


def test_nothing_is_left_for_later():
    word = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HACK)\b")
    for base in ("minqing", "tests", "bench", "deploy", "docs"):
        for path in (ROOT / base).rglob("*"):
            if path.suffix in (".py", ".sql", ".html", ".js", ".css", ".md", ".toml") and "samples" not in path.parts and "vendor" not in path.parts and path.is_file():
                found = word.search(path.read_text(encoding="utf-8"))
                assert not found or path == Path(__file__) or found.group() == "XXX", f"{path.relative_to(ROOT)}: {found and found.group()}"


def test_functions_are_read_in_one_sitting():
    """Not a limit but a list: whoever passes it says why in LONGER."""
    long = {f"{path}:{f.name}" for path, f in functions() if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION_LINES}
    assert long - set(LONGER) == set()
    files = {str(path) for path in trees() if len((ROOT / path).read_text(encoding="utf-8").splitlines()) > FILE_LINES}
    assert files - set(LONGER) == set()


def test_every_module_explains_itself():
    for path, tree in trees().items():
        if path.name not in ("__init__.py", "apps.py", "urls.py"):
            assert ast.get_docstring(tree), f"{path} has no docstring"


def test_names_are_english():
    """Identifiers are ASCII and of the field's English; Chinese stands in labels and sentences."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            name = getattr(node, "name", None) if isinstance(node, ast.FunctionDef | ast.ClassDef) else node.id if isinstance(node, ast.Name) else None
            assert name is None or name.isascii(), (path, name)


# --- settings ----------------------------------------------------------------------------------------------------------

def test_every_setting_is_documented():
    """Read through settings.env with a Chinese sentence, and in the generated page."""
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8") if (ROOT / "docs/reference/settings.md").exists() else docs.settings_page()
    for setting in settings_file.SETTINGS.values():
        assert len(setting.explains) >= 4, setting.name
        assert f"`{setting.name}`" in page, setting.name


#: Read before settings exist, or by a process that has none.
EARLY = {"DJANGO_SETTINGS_MODULE"}


def test_every_variable_that_is_read_is_explained():
    known = set(settings_file.SETTINGS) | EARLY
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv", "environ.get") or isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                key = (node.args[0] if isinstance(node, ast.Call) else node.slice) if not isinstance(node, ast.Call) or node.args else None
                if isinstance(key, ast.Constant) and str(key.value).startswith(("MINQING_", "DATABASE_URL")):
                    assert key.value in known, f"{path} reads {key.value}, which settings.py does not explain"


def test_no_secret_is_a_default():
    for setting in settings_file.SETTINGS.values():
        if re.search(r"PASSWORD|SECRET|KEY\b", setting.name):
            assert setting.default == "", setting.name


# --- data dictionary ---------------------------------------------------------------------------------------------------

def test_every_column_is_classified_with_a_purpose():
    for app, model, column, field in dictionary.columns():
        assert field is not None, f"{app}.{model.__name__}.{column.name} stands in no minqing/{app}/rules/fields.py"
        assert field.purpose
        assert field.kept
        assert (field.level >= Level.PERSONAL) <= (field.basis is not Basis.NONE), column


def test_no_classification_of_a_column_that_is_gone():
    present = {(app, model.__name__, column.name) for app, model, column, _ in dictionary.columns()}
    assert {(app, *key) for app, table in dictionary.TABLES.items() for key in table} == present


def test_sensitive_columns_need_the_sensitive_basis():
    for app, model, column, field in dictionary.columns():
        if field and field.level == Level.SENSITIVE:
            assert field.basis is Basis.SENSITIVE, (app, model.__name__, column.name)


CIPHERS = {"id_number": "id_cipher", "phone": "phone_cipher", "emergency_phone": "emergency_cipher"}
MODELS = {"resident": "Resident", "household": "Household", "dwelling": "Dwelling", "membership": "Membership"}


@pytest.mark.parametrize("item", [*items.RESIDENT, *items.HOUSEHOLD, *items.DWELLING], ids=lambda i: f"{i.table}.{i.field}")
def test_items_of_the_file_and_columns_say_the_same_level(item):
    assert dictionary.TABLES["archives"][(MODELS[item.table], CIPHERS.get(item.field, item.field))].level == item.level


@pytest.mark.parametrize("page", docs.PAGES)
def test_generated_pages_are_up_to_date(page):
    path = ROOT / "docs/reference" / page
    assert path.exists(), f"run `minqing docs`: {page} is missing"
    assert path.read_text(encoding="utf-8") == docs.HEAD + docs.PAGES[page](), f"run `minqing docs`: {page} is out of date"


# --- traces of the workplace -------------------------------------------------------------------------------------------

def test_settings_modules_import_without_a_database():
    """`minqing.settings` may be imported by a process that only wants to know where things are."""
    assert importlib.import_module("minqing.settings").HOME


def test_docs_name_the_residue():
    text = (ROOT / "docs/reference/scope-residue.md").read_text(encoding="utf-8")
    for word in ("唯一约束", "外键", "EXPLAIN", "时间", "LISTEN", "pg_stat", "锁", "口令", "存在"):
        assert word in text, word
