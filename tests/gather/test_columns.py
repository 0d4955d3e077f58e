"""What nobody wants never enters: a column without a purpose, a column that 数 marked 不采用; and what was explained later is read again."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from django.utils import timezone

from minqing.archives import vault
from minqing.archives.refusals import Refused
from minqing.commands.gathering import load_as
from minqing.gather.actions import columns, report, undo
from minqing.gather.models import BatchFile, ColumnAlias, Statement
from minqing.lib import identity
from tests.contracts.foreign import superuser

QUIET = lambda words: None  # noqa: E731
ACCOUNT, CARD, HOBBY, PHONE = "6228480329876543218", "6217001234567890123", "钓鱼种兰花", "15412345678"
LETTERS = "甲乙丙丁戊"


def numbers() -> list[str]:
    bodies = [f"33089919{50 + n}0{n + 1}1{n}11{n * 2}" for n in range(5)]
    return [body + identity.check_char(body) for body in bodies]


def folder_with_a_file(folder):
    rows = ["所在村,姓名,身份证号,参保状态,待遇状态,开户行,银行账号,业余爱好,住在哪,联系电话,备注"]
    rows += [f"大桥村,欧阳{LETTERS[n]},{number},正常参保,未领取,农商银行,{ACCOUNT},{HOBBY},大桥村3号,{PHONE},卡号{CARD}请核" for n, number in enumerate(numbers())]
    (folder / "03_人社").mkdir(parents=True)
    (folder / "03_人社" / "居民养老.csv").write_text("\r\n".join(rows) + "\r\n", encoding="utf-8-sig")
    return folder


@pytest.fixture
def taught(committed):
    with committed.acting("数") as me:
        columns.teach(area="330881", kind="pensions", name="联系电话", field="", by=me, at=timezone.now())
    yield
    with committed.acting("数") as me:
        for alias in ColumnAlias.objects.all():
            columns.forget(alias=alias.pk, by=me)


def everything_written() -> str:
    """All of the database's own text: every table of the program, as text."""
    with superuser() as root:
        tables = [name for (name,) in root.execute("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname ~ '^(archives|gather|access|notify|service)_'").fetchall()]
        return "\n".join(str(row[0]) for table in tables for row in root.execute(f"select t::text from {table} t").fetchall())  # noqa: S608 - names from the catalogue


def test_what_is_not_wanted_is_nowhere_and_what_is_explained_later_is_read_again(committed, taught, tmp_path):
    files = folder_with_a_file(tmp_path)
    first = load_as("shu", [files], area="330881", label="不采用", say=QUIET)
    try:
        assert first["rows"] == 5
        written = everything_written()
        for secret in (ACCOUNT, CARD, HOBBY, PHONE):
            assert secret not in written
        with committed.acting("数") as me:
            opened = [vault.decrypt("gather_statement.original", s.pk, s.original) for s in Statement.objects.filter(batch_id=first["batch"])]
            dropped = {c["column"]: c["sentence"] for c in BatchFile.objects.get(batch=first["batch"]).dropped_columns}
            book = openpyxl.load_workbook(io.BytesIO(report.read(BatchFile.objects.get(batch=first["batch"]).batch_id, by=me)))
        assert len(opened) == 5
        assert all("欧阳" in text for text in opened)
        for secret in (ACCOUNT, CARD, HOBBY, PHONE):
            assert not any(secret in text for text in opened)
            assert not any(secret in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
        assert "银行账户" in dropped["银行账号"]
        assert "不采用" in dropped["联系电话"]
        assert {"开户行", "业余爱好", "住在哪"} <= set(dropped)
        assert load_as("shu", [files], area="330881", label="再来", say=QUIET)["duplicate"] == 1
        with committed.acting("数") as me:
            with pytest.raises(Refused, match="银行账户"):
                columns.teach(area="330881", kind="pensions", name="银行账号", field="remark", by=me, at=timezone.now())
            columns.teach(area="330881", kind="pensions", name="住在哪", field="living_address", by=me, at=timezone.now())
        second = load_as("shu", [files], area="330881", label="说明之后", say=QUIET)
        assert second["duplicate"] == 0
        with committed.acting("数"):
            assert any("大桥村" in json.dumps(s.cleaned, ensure_ascii=False) and "living_address" in s.cleaned for s in Statement.objects.filter(batch_id=second["batch"]))
        third = load_as("shu", [files], area="330881", label="第三次", say=QUIET)
        assert third["duplicate"] == 1
        with committed.acting("数") as me:
            undo.check(second["batch"], by=me)
        undo.undo(second["batch"], now=timezone.now)
    finally:
        with committed.acting("数") as me:
            undo.check(first["batch"], by=me)
        undo.undo(first["batch"], now=timezone.now)
