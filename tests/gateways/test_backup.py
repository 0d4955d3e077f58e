"""A backup is made at night, the machine burns, the families' files come back; a damaged backup is refused."""

import os
import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest

from minqing.gateways import backup, postgres
from minqing.gateways.backup import stream, wal
from minqing.gateways.postgres import runas

KEY = bytes(range(32))
OTHER = bytes(32)
BEIJING = timezone(timedelta(hours=8))
NIGHT = datetime(2026, 11, 22, 2, 0, tzinfo=BEIJING)
FIELD_KEY = "sm4.1.key"


@pytest.fixture(scope="module")
def lived(shared) -> postgres.Cluster:
    """A home with rows, keys and attachments."""
    (shared.home / "keys" / FIELD_KEY).write_bytes(b"k" * 16)
    (shared.home / "keys" / FIELD_KEY).chmod(0o600)
    (shared.home / "attachments" / "2026" / "户口簿").mkdir(parents=True)
    (shared.home / "attachments" / "2026" / "户口簿" / "第一页.jpg").write_bytes(os.urandom(3_000_000))
    (shared.home / "attachments" / "empty").touch()
    with psycopg.connect(**postgres.role_dsn(shared, "owner")) as connection:
        connection.execute(
            "create table public.household as select n, md5(n::text) as door from generate_series(1, 40700) as n"
        )
    return shared


@pytest.fixture(scope="module")
def target(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="module")
def nightly(lived, target) -> backup.BackupInfo:
    return backup.backup(lived.home, target, KEY, NIGHT)


def copy_keys(old: Path, new: Path, pattern: str = "*") -> None:
    (new / "keys").mkdir(mode=0o700)
    for path in (old / "keys").glob(pattern):
        shutil.copy2(path, new / "keys" / path.name)


def doors(cluster: postgres.Cluster) -> tuple:
    with psycopg.connect(**postgres.role_dsn(cluster, "owner")) as connection:
        return connection.execute(
            "select count(*), md5(string_agg(door, ',' order by n)) from public.household"
        ).fetchone()


@pytest.fixture
def damaged(nightly, tmp_path) -> Iterator[Path]:
    copy = tmp_path / nightly.path.name
    shutil.copy(nightly.path, copy)
    yield copy


# --- making and restoring ---------------------------------------------------------------------------------------------


def test_backup_is_listed_verified_private_and_holds_nothing_in_clear(lived, nightly, target):
    assert backup.list_backups(target) == [nightly]
    assert backup.verify(nightly.path, KEY) == nightly
    assert (nightly.made_at, nightly.key, nightly.algorithm) == (NIGHT, backup.fingerprint(KEY), "AES-256-GCM")
    assert nightly.path.stat().st_mode & 0o777 == 0o600
    body = nightly.path.read_bytes()
    for clear in (b"PG_VERSION", b"minqing_root", b"household", "户口簿".encode(), b"k" * 16):
        assert clear not in body
    assert not list(target.glob("*.part"))


def test_restored_home_has_the_same_rows_attachments_and_passwords(lived, nightly, home):
    copy_keys(lived.home, home)
    steps: list[int] = []
    restored = backup.restore(nightly.path, home, KEY, progress=steps.append)
    assert doors(restored) == doors(lived)
    assert steps == sorted(steps)
    assert steps[-1] > 3_000_000
    old, new = lived.home / "attachments", home / "attachments"
    assert (new / "2026/户口簿/第一页.jpg").read_bytes() == (old / "2026/户口簿/第一页.jpg").read_bytes()
    assert (new / "empty").exists()
    assert [one for one in postgres.doctor(home) if one.level == "fail"] == []
    with psycopg.connect(**restored.superuser_dsn()) as connection:  # it is a server that can be written and backed up
        connection.execute("create table after_restore (a int)")
    restored.stop()
    assert postgres.ensure_running(home).ready()


def test_database_passwords_lost_with_the_machine_are_made_anew(lived, nightly, home):
    copy_keys(lived.home, home, FIELD_KEY)
    restored = backup.restore(nightly.path, home, KEY)
    assert doors(restored) == doors(lived)
    for role in postgres.LOGIN_ROLES:
        psycopg.connect(**postgres.role_dsn(restored, role)).close()
        assert postgres.role_dsn(restored, role)["password"] != postgres.role_dsn(lived, role)["password"]
    assert [one for one in postgres.doctor(home) if one.level == "fail"] == []


def test_missing_or_other_field_keys_are_named_before_anything_is_written(lived, nightly, home):
    with pytest.raises(backup.BackupError, match="缺少：sm4.1.key"):
        backup.restore(nightly.path, home, KEY)
    (home / "keys").mkdir(mode=0o700)
    (home / "keys" / FIELD_KEY).write_bytes(b"x" * 16)
    with pytest.raises(backup.BackupError, match="与备份时不同：sm4.1.key"):
        backup.restore(nightly.path, home, KEY, without_keys=True)
    assert sorted(path.name for path in home.iterdir()) == ["keys"]


def test_restore_never_overwrites(lived, nightly):
    with pytest.raises(backup.BackupError, match="不会覆盖"):
        backup.restore(nightly.path, lived.home, KEY)
    assert doors(lived)[0] == 40700


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_restore_as_another_user(lived, nightly, home, monkeypatch):
    monkeypatch.setenv("MINQING_PG_RUN_AS", "setuid")
    copy_keys(lived.home, home)
    restored = backup.restore(nightly.path, home, KEY)
    assert restored.data.stat().st_uid != 0
    assert doors(restored) == doors(lived)


# --- damage -----------------------------------------------------------------------------------------------------------


def test_cut_backup_is_refused_wherever_it_is_cut(damaged, home):
    size = damaged.stat().st_size
    for keep in (size - 1, size - 16, size // 2, 2_000_000, 600, 100, 10, 0):
        with damaged.open("r+b") as file:
            file.truncate(keep)
        with pytest.raises(backup.BackupError) as error:
            backup.verify(damaged, KEY)
        assert error.value.code in ("damaged", "not_a_backup")
    assert "备份" in error.value.zh


def test_backup_cut_at_the_edge_of_a_chunk_is_refused_and_leaves_nothing(damaged, home):
    body = damaged.read_bytes()
    edges, at = [], len(stream.MAGIC)
    at += 4 + int.from_bytes(body[at : at + 4], "big")
    while at < len(body):
        edges.append(at)
        at += 4 + int.from_bytes(body[at : at + 4], "big")
    assert len(edges) > 3
    damaged.write_bytes(body[: edges[-1]])
    with pytest.raises(backup.BackupError, match="不完整或被改动过"):
        backup.restore(damaged, home, KEY, without_keys=True)
    assert list(home.iterdir()) == []
    first, second, third = edges[:3]
    for wrong in (
        body[:first] + body[second:third] + body[first:second] + body[third:],
        body + body[first:second],
        body + b"\0",
    ):
        damaged.write_bytes(wrong)
        with pytest.raises(backup.BackupError):
            backup.verify(damaged, KEY)


@pytest.mark.parametrize("place", [30, 200, 5_000, -200, -1])
def test_one_changed_byte_is_refused(damaged, place):
    body = bytearray(damaged.read_bytes())
    body[place] ^= 1
    damaged.write_bytes(body)
    with pytest.raises(backup.BackupError):
        backup.verify(damaged, KEY)


def test_other_key_is_told_apart_from_damage(nightly):
    with pytest.raises(backup.BackupError, match="另一把密钥"):
        backup.verify(nightly.path, OTHER)
    with pytest.raises(backup.BackupError, match="32 字节"):
        backup.verify(nightly.path, b"short")


def test_killed_backup_leaves_no_half_file_after_the_next(lived, target, nightly):
    half = target / "minqing-2026-11-21-020000.mqb.part"
    half.write_bytes(b"half")
    made = backup.backup(lived.home, target, KEY, NIGHT + timedelta(days=1), algorithm="SM4-GCM")
    assert not half.exists()
    assert backup.verify(made.path, KEY).algorithm == "SM4-GCM"
    made.path.unlink()


# --- WAL between two nights -------------------------------------------------------------------------------------------


def test_work_after_the_backup_comes_back_from_shipped_wal(lived, target, home):
    wal.turn_on(lived.home)
    made = backup.backup(lived.home, target, KEY, NIGHT + timedelta(days=2))
    with psycopg.connect(**lived.superuser_dsn("minqing"), autocommit=True) as connection:
        connection.execute("create table public.visit as select 1 as a")
        moment = connection.execute("select clock_timestamp()").fetchone()[0]
        connection.execute("select pg_sleep(0.01)")
        connection.execute("drop table public.visit")
        connection.execute("create table public.later (a int)")
        connection.execute("select pg_switch_wal()")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            row = connection.execute(
                "select last_archived_wal >= %s, pg_walfile_name(pg_current_wal_lsn()) from pg_stat_archiver",
                [made.wal_from],
            ).fetchone()
            if (
                row[0]
                and not connection.execute(
                    "select count(*) from pg_ls_archive_statusdir() where name like '%.ready'"
                ).fetchone()[0]
            ):
                break
            time.sleep(0.05)
    assert wal.ship(lived.home, target, KEY, NIGHT) > 0
    assert wal.ship(lived.home, target, KEY, NIGHT) == 0
    copy_keys(lived.home, home)
    restored = backup.restore(made.path, home, KEY, wal_dir=target, until=moment)
    with psycopg.connect(**restored.superuser_dsn("minqing")) as connection:
        assert connection.execute("select a from public.visit").fetchall() == [(1,)]
        assert connection.execute("select to_regclass('public.later')").fetchone() == (None,)
    assert not (home / wal.REPLAY).exists()
    restored.stop("immediate")
    (home / "pg").rename(home / "first")
    shutil.rmtree(home / "attachments")
    restored = backup.restore(made.path, home, KEY, wal_dir=target)
    with psycopg.connect(**restored.superuser_dsn("minqing")) as connection:
        assert connection.execute(
            "select to_regclass('public.visit'), to_regclass('public.later')::text"
        ).fetchone() == (None, "later")
    wal.turn_off(lived.home)
    made.path.unlink()
    shutil.rmtree(target / "wal")


def test_a_hole_in_the_wal_is_told_instead_of_stopping_there_in_silence(tmp_path):
    (tmp_path / "wal").mkdir()
    for number in ("FE", "FF"):
        (tmp_path / "wal" / f"0000000100000000000000{number}.mqw").touch()
    (tmp_path / "wal" / "000000010000000100000001.mqw").touch()
    chosen = runas.RunAs("self", os.getuid(), os.getgid(), "me")
    with pytest.raises(backup.BackupError, match="在 0000000100000000000000FF 之后缺少日志段"):
        wal.lay_out(tmp_path, tmp_path / "replay", KEY, "0000000100000000000000FE", chosen)


# --- the folder -------------------------------------------------------------------------------------------------------


def test_prune_keeps_the_newest_and_the_wal_they_need(tmp_path):
    (tmp_path / "wal").mkdir()
    for day in range(1, 18):
        with (tmp_path / f"minqing-2026-11-{day:02}-020000.mqb").open("wb") as file:
            about = {
                "made_at": datetime(2026, 11, day, 2, tzinfo=BEIJING).isoformat(),
                "postgres": "17.10",
                "wal_from": f"0000000100000000000000{day:02X}",
            }
            stream.Writer(file, KEY, about).finish()
        (tmp_path / "wal" / f"0000000100000000000000{day:02X}.mqw").touch()
    (tmp_path / "wal" / "00000002.history.mqw").touch()
    (tmp_path / "notes.mqb").write_text("not a backup")
    backup.prune(tmp_path)
    kept = backup.list_backups(tmp_path)
    assert [one.made_at.day for one in kept] == list(range(17, 3, -1))
    assert sorted(path.stem[-2:] for path in (tmp_path / "wal").glob("0000000100*")) == [
        f"{day:02X}" for day in range(4, 18)
    ]
    assert (tmp_path / "wal" / "00000002.history.mqw").exists()
    assert (tmp_path / "notes.mqb").exists()


def test_doctor_warns_after_26_hours(lived, nightly, target, tmp_path):
    def codes(now, folder=target, key=KEY):
        return {one.code: one.level for one in backup.findings(lived.home, folder, now, key)}

    assert codes(NIGHT + timedelta(hours=25))["backup"] == "ok"
    assert codes(NIGHT + timedelta(hours=27))["backup_late"] == "warn"
    assert codes(NIGHT, tmp_path) == {"backup_none": "fail"}
    assert codes(NIGHT, key=OTHER)["backup_key"] == "fail"
    assert "backup_clock" in codes(NIGHT - timedelta(days=3))


def test_two_backups_at_once_do_not_mix(lived, target):
    with backup.store.lock(target), pytest.raises(backup.BackupError, match="另一个备份"):
        backup.backup(lived.home, target, KEY, NIGHT + timedelta(days=5))


@pytest.mark.parametrize("algorithm", sorted(stream.ALGORITHMS))
@pytest.mark.parametrize("size", [0, 1, stream.CHUNK, 3 * stream.CHUNK + 5])
def test_stream_gives_back_what_went_in(tmp_path, algorithm, size):
    path = tmp_path / "x"
    content = os.urandom(size)
    with path.open("wb") as file:
        writer = stream.Writer(file, KEY, {"a": "一"}, algorithm)
        for start in range(0, size, 70_000):
            writer.write(content[start : start + 70_000])
        writer.finish()
    with path.open("rb") as file:
        reader = stream.Reader(file, KEY, "x")
        assert reader.header["a"] == "一"
        assert reader.read(10) + reader.read() == content
        reader.finish()
