"""The embedded database as an administrator meets it: started twice, killed, moved, run as root and as nobody."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from minqing.gateways import postgres
from minqing.gateways.postgres import binaries, conf, runas
from minqing.gateways.postgres import cluster as cluster_module

ROOT = Path(__file__).resolve().parents[2]
ENSURE = "import sys; from pathlib import Path; from minqing.gateways import postgres as p; c = p.ensure_running(Path(sys.argv[1])); print(c.postmaster_pid())"  # noqa: E501


def run_python(code: str, home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def kill_postmaster(cluster: postgres.Cluster) -> None:
    pid = cluster.postmaster_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while cluster.running():
        time.sleep(0.01)


def rows(cluster: postgres.Cluster, query: str, dbname: str = "postgres") -> list[tuple]:
    with psycopg.connect(**cluster.superuser_dsn(dbname)) as connection:
        return connection.execute(query).fetchall()


# --- life of a cluster ------------------------------------------------------------------------------------------------


def test_two_processes_at_once_get_one_server(home):
    callers = [run_python(ENSURE, home) for _ in range(3)]
    assert len({caller.communicate(timeout=60)[0] for caller in callers}) == 1
    assert all(caller.returncode == 0 for caller in callers)


def test_stop_and_start_keep_the_rows_and_both_are_idempotent(home):
    cluster = postgres.ensure_running(home)
    with psycopg.connect(**cluster.superuser_dsn()) as connection:
        connection.execute("create table doors as select 407 as n")
    cluster.stop()
    cluster.stop()
    assert not cluster.running()
    cluster.start()
    cluster.start()
    assert rows(cluster, "select n from doors") == [(407,)]
    assert postgres.ensure_running(home) == cluster


def test_survives_kill_9_with_a_busy_backend(shared):
    with psycopg.connect(**shared.superuser_dsn()) as connection:
        connection.execute("create table if not exists kept (a int)")
    busy = psycopg.connect(**shared.superuser_dsn(), autocommit=True)
    busy.pgconn.send_query(b"select count(*) from generate_series(1, 100000000000)")
    kill_postmaster(shared)
    postgres.ensure_running(shared.home)
    busy.close()
    assert rows(shared, "select count(*) from kept") == [(0,)]


def test_a_process_that_got_the_number_of_the_dead_server_does_not_block_the_start(shared):
    pid_file = shared.data / "postmaster.pid"
    kept = pid_file.read_text()
    shared.stop("immediate")
    pid_file.write_text(kept.replace(kept.splitlines()[0], str(os.getpid()), 1))
    assert not shared.running()
    shared.start()
    assert shared.ready()


def test_a_second_server_is_refused_even_where_process_numbers_mean_nothing(shared, monkeypatch):
    """Another container that mounts the same folder sees other process numbers: the inherited lock still tells."""
    monkeypatch.setattr(cluster_module, "ORPHAN_SECONDS", 2)
    shared.socket().rename(shared.home / "hidden")  # as it looks from the other container
    pid_file = shared.data / "postmaster.pid"
    kept = pid_file.read_text()
    pid_file.write_text("999999999\n" + kept.split("\n", 1)[1])
    with pytest.raises(postgres.PostgresError, match="另一个进程") as error:
        shared.start()
    assert error.value.code == "already_running_elsewhere"
    pid_file.write_text(kept)
    (shared.home / "hidden").rename(shared.socket())
    assert shared.ready()


def test_ctrl_c_on_the_program_leaves_the_server_running(home):
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); " + ENSURE + "; sys.stdout.flush(); import time; time.sleep(60)"
    caller = subprocess.Popen(
        [sys.executable, "-c", code, str(home)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    assert caller.stdout is not None
    caller.stdout.readline()
    os.killpg(caller.pid, signal.SIGINT)
    caller.communicate(timeout=30)
    assert postgres.open_cluster(home).ready()


def test_a_socket_swept_away_is_put_back(shared):
    shared.socket().unlink()
    assert postgres.ensure_running(shared.home).ready()


def test_half_made_directory_is_made_again(home):
    (home / "pg.new" / "base").mkdir(parents=True)
    assert postgres.ensure_running(home).ready()
    assert not (home / "pg.new").exists()


def test_foreign_files_in_the_data_directory_are_not_touched(home):
    (home / "pg").mkdir()
    (home / "pg" / "family.txt").write_text("x")
    with pytest.raises(postgres.PostgresError, match="不是数据库目录"):
        postgres.ensure_running(home)
    assert (home / "pg" / "family.txt").read_text() == "x"


def test_data_of_another_major_version_is_refused(home):
    (home / "pg").mkdir()
    (home / "pg" / "PG_VERSION").write_text("14\n")
    with pytest.raises(postgres.PostgresError, match="PostgreSQL 14 建立") as error:
        postgres.ensure_running(home)
    assert error.value.code == "other_version"


def test_long_home_gets_a_short_socket_folder_and_a_link_there_is_refused(home):
    long_home = home / ("village-" * 12)
    cluster = postgres.open_cluster(long_home)
    assert len(os.fsencode(cluster.socket())) <= 107
    cluster.socket_dir.symlink_to(home)
    try:
        with pytest.raises(postgres.PostgresError, match="不属于本用户"):
            postgres.ensure_running(long_home)
    finally:
        cluster.socket_dir.unlink()
    try:
        postgres.ensure_running(long_home)
        assert rows(cluster, "select 1") == [(1,)]
        assert cluster.socket_dir.stat().st_mode & 0o077 == 0
    finally:
        cluster.stop("immediate")
        shutil.rmtree(cluster.socket_dir)


# --- as whom ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_root_gives_the_data_to_another_user_where_namespaces_are_missing(home, monkeypatch):
    monkeypatch.setattr(runas, "userns_works", lambda: False)
    home.chmod(0o700)
    cluster = postgres.ensure_running(home)
    assert cluster.data.stat().st_uid != 0
    assert runas.recorded(cluster.data).way == "setuid"
    kill_postmaster(cluster)
    assert rows(postgres.ensure_running(home), "select 1") == [(1,)]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_root_without_any_way_is_told_what_to_do(home, monkeypatch):
    monkeypatch.setattr(runas, "userns_works", lambda: False)
    monkeypatch.setattr(runas, "ACCOUNTS", ("no-such-account",))
    with pytest.raises(postgres.PostgresError, match="请以普通用户运行容器"):
        postgres.ensure_running(home)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_ordinary_user_runs_it_as_himself(home):
    """As the user nobody, with an interpreter and a copy of the packages that he can read."""
    system = shutil.which("python3", path="/usr/bin:/bin")
    if (
        system is None
        or subprocess.run([system, "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"]).returncode
    ):
        pytest.skip("no system interpreter of this version")
    packages = Path(psycopg.__file__).resolve().parents[1]
    os.chown(home, 65534, 65534)
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {name: os.environ[name] for name in ("MINQING_PG_BIN",) if name in os.environ}
    identity = {"user": 65534, "group": 65534, "extra_groups": [], "cwd": "/", "env": environment}
    readable = subprocess.run([system, "-c", "import minqing.gateways.postgres"], capture_output=True, **identity)
    if readable.returncode:
        pytest.skip("nobody cannot read this checkout")
    subprocess.run([system, "-c", ENSURE, str(home / "h")], check=True, capture_output=True, **identity)
    cluster = postgres.open_cluster(home / "h")
    assert runas.recorded(cluster.data).name == "nobody"
    assert rows(cluster, "select 1") == [(1,)]
    cluster.stop()
    cluster.start()  # root may start what nobody made, by becoming nobody
    assert (cluster.data / "postmaster.pid").stat().st_uid == 65534
    cluster.stop("immediate")


def test_user_without_passwd_entry_is_told(home, monkeypatch):
    monkeypatch.setattr(runas.os, "getuid", lambda: 54321)
    monkeypatch.setattr(runas, "userns_works", lambda: False)
    with pytest.raises(postgres.PostgresError, match="useradd -u 54321"):
        runas.choose(home, binaries.find())


def test_wrong_bin_directory_is_named(home, monkeypatch):
    monkeypatch.setenv("MINQING_PG_BIN", "/usr/share")
    with pytest.raises(postgres.PostgresError, match="/usr/share"):
        postgres.ensure_running(home)


# --- roles and rights -------------------------------------------------------------------------------------------------

REFUSED = [
    "create temp table t (a int)",
    "create table public.t (a int)",
    "create schema s",
    "select lo_creat(1)",
    "select lo_from_bytea(0, 'x')",
    "select pg_notify('a', 'b')",
    "select pg_advisory_lock(1)",
    "select pg_try_advisory_xact_lock(1, 2)",
    "select pg_terminate_backend(pg_backend_pid())",
    "select pg_cancel_backend(pg_backend_pid())",
    "select pg_export_snapshot()",
    "set track_activities = on",
    "set log_statement = 'all'",
    "set log_min_error_statement = 'error'",
    "set role minqing_guard",
    "set role minqing_owner",
    "set session authorization minqing_owner",
    "select pg_read_file('PG_VERSION')",
    "copy (select 1) to program 'true'",
    "create extension dblink",
]


@pytest.mark.parametrize("role", ["app", "login", "gather", "resident"])
def test_stripped_roles_are_refused(shared, role):
    with psycopg.connect(**postgres.role_dsn(shared, role)) as connection:
        for statement in REFUSED:
            with pytest.raises(psycopg.Error) as error, connection.transaction():
                connection.execute(statement)
            absent = ("0A000",) if "extension" in statement else ()  # a server without the contributed extensions has none to refuse
            assert error.value.sqlstate in ("42501", "3F000", *absent), statement
        assert connection.execute("show track_activities").fetchone() == ("off",)
        assert connection.execute("show log_min_error_statement").fetchone() == ("panic",)


@pytest.mark.parametrize("role", postgres.LOGIN_ROLES)
def test_each_role_enters_its_database_only_and_only_with_its_password(shared, role):
    dsn = postgres.role_dsn(shared, role)
    psycopg.connect(**dsn).close()
    for wrong in ({"dbname": "postgres"}, {"dbname": "template1"}, {"password": "x"}, {"password": ""}):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(**(dsn | wrong))


def test_one_role_does_not_see_what_another_connection_of_it_runs(shared):
    with (
        psycopg.connect(**postgres.role_dsn(shared, "app")) as one,
        psycopg.connect(**postgres.role_dsn(shared, "app")) as two,
    ):
        one.execute("select 'SECRET'")
        seen = two.execute(
            "select query from pg_stat_activity where usename = 'minqing_app' and pid <> pg_backend_pid()"
        ).fetchall()
        assert seen
        assert not any(query for (query,) in seen)


def test_values_do_not_reach_the_log(shared):
    with psycopg.connect(**postgres.role_dsn(shared, "owner")) as connection:
        connection.execute("create table public.logged (id text primary key)")
        connection.execute("insert into public.logged values ('330899195001011234')")
        with pytest.raises(psycopg.Error), connection.transaction():
            connection.execute("insert into public.logged values ('330899195001011234')")
        with pytest.raises(psycopg.Error), connection.transaction():
            connection.execute("select '330899195001011234'::int")
        connection.rollback()
    logs = "".join(path.read_text(errors="replace") for path in (shared.home / "log" / "postgres").glob("*.log"))
    assert "duplicate key" in logs
    assert "INSERT" not in logs.upper().replace("INSERTED", "")
    assert "Key (id)" not in logs


def test_migrations_hand_functions_to_the_guard_and_replace_them_later(shared):
    with psycopg.connect(**postgres.role_dsn(shared, "owner")) as connection:
        connection.execute("create schema tried")
        connection.execute("grant usage, create on schema tried to minqing_guard")
        make = "create or replace function tried.f() returns int language sql security definer set search_path = pg_catalog, pg_temp"
        connection.execute(f"{make} as 'select 1'")
        connection.execute("alter function tried.f() owner to minqing_guard")
        connection.execute("revoke create on schema tried from minqing_guard")
        connection.execute(f"{make} as 'select 2'")
        assert connection.execute("select tried.f()").fetchone() == (2,)
        connection.rollback()


def test_seal_and_jobs_keep_locks_and_messages(shared):
    for role in ("seal", "jobs"):
        with psycopg.connect(**postgres.role_dsn(shared, role)) as connection:
            connection.execute("select pg_advisory_xact_lock(1), pg_notify('a', 'b')")


def test_roles_are_made_again_without_effect_and_by_two_at_once(shared):
    code = (
        "import sys; from pathlib import Path; from minqing.gateways import postgres as p; h = Path(sys.argv[1]);"
        "p.create_roles(p.open_cluster(h).superuser_dsn(), p.passwords(h), dbname='second')"
    )
    callers = [run_python(code, shared.home) for _ in range(2)]
    assert [caller.wait(timeout=60) for caller in callers] == [0, 0]
    for caller in callers:
        caller.communicate()
    psycopg.connect(**postgres.role_dsn(shared, "app", "second")).close()


def test_the_same_file_runs_in_psql(shared):
    """What the administrator of one's own server does."""
    dsn = shared.superuser_dsn()
    environment = {"PGPASSWORD": dsn["password"], "PATH": os.environ["PATH"]}
    environment |= {f"MINQING_{role.upper()}_PASSWORD": f"it's {role}" for role in postgres.LOGIN_ROLES}
    argv = [str(binaries.find().bin / "psql"), "-X", "-h", dsn["host"], "-p", str(dsn["port"]), "-U", dsn["user"], "-d", "postgres",
            "-v", "dbname=by_hand", "-f", str(ROOT / "deploy" / "postgresql" / "roles.sql")]  # fmt: skip
    done = subprocess.run(argv, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    psycopg.connect(**(postgres.role_dsn(shared, "app", "by_hand") | {"password": "it's app"})).close()
    with psycopg.connect(**shared.superuser_dsn("by_hand")) as connection:
        assert [one.code for one in postgres.check_roles(connection)] == ["roles"]
    missing = subprocess.run(argv, env={"PGPASSWORD": dsn["password"], "PATH": os.environ["PATH"]}, capture_output=True)
    assert missing.returncode != 0  # without passwords it stops
    postgres.create_roles(dsn, postgres.passwords(shared.home))


def test_passwords_are_kept_for_this_user_only(shared):
    folder = shared.home / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    stored = rows(shared, "select rolpassword from pg_authid where rolcanlogin")
    assert all(password.startswith("SCRAM-SHA-256$") for (password,) in stored)


# --- settings and doctor ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("memory", "disk", "shm", "shared", "wal", "segments"),
    [
        (1 * conf.GB, 10 * conf.GB, 64 * conf.MB, "128MB", "512MB", "mmap"),
        (4 * conf.GB, 50 * conf.GB, 2 * conf.GB, "1024MB", "2048MB", "posix"),
        (24 * conf.GB, 200 * conf.GB, 12 * conf.GB, "2048MB", "8192MB", "posix"),
    ],
)
def test_settings_fit_the_machine(memory, disk, shm, shared, wal, segments):
    chosen = conf.settings(conf.Machine(memory, 2, disk, shm))
    assert (chosen["shared_buffers"], chosen["max_wal_size"], chosen["dynamic_shared_memory_type"]) == (
        shared,
        wal,
        segments,
    )


def test_server_speaks_no_tcp_and_checks_its_pages(shared):
    got = dict(
        rows(
            shared,
            "select name, setting from pg_settings where name in ('listen_addresses', 'data_checksums', 'jit', 'TimeZone', 'unix_socket_permissions', 'server_encoding')",
        )
    )
    assert got == {"listen_addresses": "", "data_checksums": "on", "jit": "off", "TimeZone": "Asia/Shanghai",
                   "unix_socket_permissions": "0700", "server_encoding": "UTF8"}  # fmt: skip


def test_doctor_is_content_with_a_fresh_cluster(shared):
    bad = [one for one in postgres.doctor(shared.home) if one.level != "ok" and one.code != "disk"]
    assert bad == []


def test_doctor_says_what_is_wrong(shared):
    with psycopg.connect(**shared.superuser_dsn("minqing")) as connection:
        connection.execute("grant temp on database minqing to public")
        connection.execute("grant execute on function pg_catalog.pg_notify(text, text) to public")
        connection.execute("alter role minqing_app bypassrls")
        connection.execute("alter role minqing_login reset track_activities")
        connection.execute("grant pg_read_all_data to minqing_app")
    key = shared.home / "keys" / "postgres.app"
    key.chmod(0o644)
    said = {one.code: one for one in postgres.doctor(shared.home) if one.level == "fail"}
    assert set(said) == {"roles_strong", "roles_members", "roles_visible", "public_rights", "keys_loose"}
    assert "minqing_app" in said["roles_strong"].sentence_zh
    assert all(one.advice for one in said.values())
    key.chmod(0o600)
    postgres.create_roles(shared.superuser_dsn(), postgres.passwords(shared.home))
    assert not [one for one in postgres.doctor(shared.home) if one.level == "fail"]


def test_doctor_on_nothing_and_on_a_stopped_server(home, shared):
    assert [one.code for one in postgres.doctor(home) if one.level != "ok" and one.code != "disk"] == ["pg_absent"]
    shared.stop()
    assert "pg_stopped" in [one.code for one in postgres.doctor(shared.home)]
    shared.start()
