"""The command line as an administrator meets it: a bare data directory, commands in order, their words and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def minqing(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    base = {k: v for k, v in os.environ.items() if not k.startswith(("MINQING_", "DATABASE_URL", "DJANGO_"))}
    return subprocess.run([sys.executable, "-m", "minqing.cli", *words], cwd=ROOT, capture_output=True, text=True, timeout=300,
                          env={**base, "MINQING_HOME": str(home), **environment})


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """An initialised installation with a data officer, in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="mq") as folder:
        path = Path(folder) / "home"
        done = minqing(path, "--json", "init", "--data-officer", "吴小数", "--area", "330881")
        assert done.returncode == 0, done.stderr
        assert set(json.loads(done.stdout)["一次性口令"]) == {"admin", "data"}
        yield path
        minqing(path, "stop")


def test_init_twice_changes_nothing(home):
    done = minqing(home, "--json", "init", "--data-officer", "吴小数", "--area", "330881")
    assert done.returncode == 0
    assert json.loads(done.stdout)["新建区域"] == 0
    assert "口令未变" in json.loads(done.stdout)["一次性口令"]


def test_the_doctor_finds_a_new_installation_healthy(home):
    done = minqing(home, "--json", "doctor")
    levels = {f["code"]: f["level"] for f in json.loads(done.stdout)}
    assert "fail" not in {level for code, level in levels.items() if not code.startswith("backup")}, done.stdout
    assert levels["policies"] == "ok"


def test_real_people_are_refused_until_what_protects_them_exists(home):
    done = minqing(home, "--json", "doctor", MINQING_REAL="1")
    assert done.returncode == 3
    real = next(f for f in json.loads(done.stdout) if f["code"] == "real")
    assert real["level"] == "fail"


def test_the_demo_does_not_mix_with_real_data(home):
    done = minqing(home, "demo", MINQING_REAL="1")
    assert done.returncode == 1
    assert "演示账号" in done.stderr


def test_the_demo_does_not_mix_with_an_installation_in_use(home):
    done = minqing(home, "demo")
    assert done.returncode == 1
    assert "换一个目录" in done.stderr


def test_a_practice_village_is_marked_and_has_people():
    with tempfile.TemporaryDirectory(prefix="mq") as folder:
        path = Path(folder) / "home"
        try:
            done = minqing(path, "--json", "practice")
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["households_new"] >= 10
            assert (path / "practice").exists()
            again = minqing(path, "--json", "practice")
            assert again.returncode == 0, again.stderr
        finally:
            minqing(path, "stop")


def test_areas_are_listed_and_old_codes_resolve(home):
    counties = json.loads(minqing(home, "--json", "areas", "list").stdout)
    assert [c["name"] for c in counties if c["code"] == "330881"] == ["江山市"]
    assert len(counties) == 6
    assert json.loads(minqing(home, "--json", "areas", "resolve", "330881002205").stdout)[0]["name"] == "彭里村"


def test_wrong_words_are_exit_code_two(home):
    assert minqing(home, "no-such-command").returncode == 2
    assert minqing(home, "areas", "resolve", "999").returncode == 1


def test_a_backup_restores_into_an_empty_directory(home):
    made = minqing(home, "--json", "backup")
    assert made.returncode == 0, made.stderr
    with tempfile.TemporaryDirectory(prefix="mq") as folder:
        new = Path(folder) / "new"
        restored = minqing(home, "restore", json.loads(made.stdout)["文件"], str(new))
        try:
            assert restored.returncode == 0, restored.stderr
            assert json.loads(minqing(new, "--json", "areas", "resolve", "330881002205").stdout)[0]["name"] == "彭里村"
        finally:
            minqing(new, "stop")


def kept(home: Path) -> dict[str, tuple[int, int]]:
    """Every file of a data directory but those that a running database writes by itself."""
    return {str(path.relative_to(home)): (path.stat().st_size, path.stat().st_mtime_ns) for path in home.rglob("*") if path.relative_to(home).parts[0] not in {"pg", "run", "log"} and path.is_file()}


NO_BACKUP = {
    "没有这个备份文件": lambda path: None,
    "是空文件": lambda path: path.write_bytes(b""),
    "是目录": lambda path: path.mkdir(),
    "不是本系统的备份文件": lambda path: path.write_text("姓名,身份证号\n", encoding="utf-8"),
    "文件开头已损坏": lambda path: path.write_bytes(b"MINQING-BACKUP-1\n\x00\x00"),
}


@pytest.mark.parametrize("words", NO_BACKUP)
def test_what_is_no_backup_is_refused_with_a_sentence(home, words, tmp_path):
    NO_BACKUP[words](tmp_path / "备份.mqb")
    before = kept(home)
    done = minqing(home, "restore", str(tmp_path / "备份.mqb"), str(tmp_path / "new" / "home"))
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new").exists()
    assert kept(home) == before


def test_a_backup_that_is_cut_short_leaves_nothing_behind(home, tmp_path):
    whole = Path(json.loads(minqing(home, "--json", "backup").stdout)["文件"]).read_bytes()
    before = kept(home)
    for keep in (len(whole) - 1, len(whole) // 2, 900):
        (tmp_path / "备份.mqb").write_bytes(whole[:keep])
        done = minqing(home, "restore", str(tmp_path / "备份.mqb"), str(tmp_path / "new"))
        assert done.returncode == 1, done.stderr
        assert "不完整或被改动过" in done.stderr.splitlines()[0]
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "new").exists()
    assert kept(home) == before


def test_a_restore_needs_an_empty_directory(home, tmp_path):
    made = json.loads(minqing(home, "--json", "backup").stdout)["文件"]
    (tmp_path / "file").write_text("x")
    for place, words in ((home, "不会覆盖"), (tmp_path / "file", "是文件，不是目录"), (tmp_path / "file" / "below", "写不进")):
        before = kept(home)
        done = minqing(home, "restore", made, str(place))
        assert done.returncode == 1, done.stderr
        assert words in done.stderr.splitlines()[0]
        assert kept(home) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["load", "/没有/这个.xlsx"], "没有这个文件或目录：/没有/这个.xlsx"),
        (["load", "tests", "--report", "/没有/报告.xlsx"], "没有目录 /没有"),
        (["report", "00000000-0000-0000-0000-000000000000", "/没有/报告.xlsx"], "没有目录 /没有"),
        (["report", "00000000-0000-0000-0000-000000000000", "tests"], "是目录"),
        (["report", "00000000-0000-0000-0000-000000000000", "报告.xlsx"], "没有这个批次的报告"),
        (["export", "pyproject.toml"], "是文件，不是目录"),
    ],
)
def test_gathering_says_which_path_is_wrong(home, words, said):
    done = minqing(home, "gather", *words, "--as", "data")
    assert done.returncode == 1, done.stderr
    assert said in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr


def test_the_audit_verifies_and_says_so(home):
    minqing(home, "audit", "seal")
    done = minqing(home, "--json", "audit", "verify")
    assert done.returncode == 0, done.stderr
