-- 连心民情：数据库角色（PostgreSQL 15–17），由数据库管理员以超级用户身份执行一次；可以重复执行。
-- Roles of Minqing for PostgreSQL 15 to 17. Run by an administrator who is superuser; repeating it changes nothing.
--
--   export MINQING_OWNER_PASSWORD=… MINQING_APP_PASSWORD=… MINQING_LOGIN_PASSWORD=… MINQING_GATHER_PASSWORD=…
--   export MINQING_JOBS_PASSWORD=… MINQING_SEAL_PASSWORD=… MINQING_RESIDENT_PASSWORD=…
--   psql -X -d postgres -f deploy/postgresql/roles.sql            (psql 15 or newer; another name: -v dbname=…)
--
-- The embedded database executes this same file (minqing/gateways/postgres/roles.py), which understands only what is
-- used here: a statement ends with ";" or \gexec at the end of a line; \connect; :'name' and :"name"; other
-- backslash lines are for psql alone.
--
-- Superuser is needed because the rights on functions of pg_catalog belong to it, and because a role may not be
-- trusted to hide its own statements: track_activities and the log settings below are superuser settings.
--
-- What this file cannot do, do in pg_hba.conf (the embedded database does):
--   * "scram-sha-256" for every line that admits these roles, the socket too;
--   * let these roles connect to this one database only: rights taken from PUBLIC here hold in this database.
-- And leave pg_stat_statements and auto_explain unloaded: both keep the text of statements.
-- LISTEN and NOTIFY as SQL commands cannot be revoked in PostgreSQL, only the function pg_notify can.

\set ON_ERROR_STOP on
\set QUIET on
\if :{?dbname}
\else
\set dbname minqing
\endif
\getenv owner_password MINQING_OWNER_PASSWORD
\getenv app_password MINQING_APP_PASSWORD
\getenv login_password MINQING_LOGIN_PASSWORD
\getenv gather_password MINQING_GATHER_PASSWORD
\getenv jobs_password MINQING_JOBS_PASSWORD
\getenv seal_password MINQING_SEAL_PASSWORD
\getenv resident_password MINQING_RESIDENT_PASSWORD

-- Passwords pass through this session: they must reach neither the log nor pg_stat_activity, nor be kept as MD5.
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_error_statement = 'panic';
set track_activities = off;
set password_encryption = 'scram-sha-256';
set client_min_messages = 'warning';

-- 1. Roles ------------------------------------------------------------------------------------------------------------

select format('create role %I nologin', r)
  from unnest(array['minqing_owner', 'minqing_app', 'minqing_login', 'minqing_gather', 'minqing_jobs',
                    'minqing_seal', 'minqing_resident', 'minqing_guard']) as r
 where not exists (select from pg_catalog.pg_roles where rolname = r)
 \gexec

-- Owner of tables; runs migrations; nobody's web request ever uses it.
-- It inherits minqing_guard so that a migration can replace a function which it has handed to the guard.
alter role minqing_owner with login inherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication
  connection limit 15 password :'owner_password';
-- The application (desk, phone): sees what access.scope() says.
alter role minqing_app with login noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication
  connection limit 60 password :'app_password';
-- Log-in views and middleware look-up: credentials and sessions, no file of anybody.
alter role minqing_login with login noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication
  connection limit 20 password :'login_password';
-- Loading of departments' files, in the officer's own area.
alter role minqing_gather with login noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication
  connection limit 15 password :'gather_password';
-- The worker's own tables; for each job it re-enters the scope of the person who asked.
alter role minqing_jobs with login noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication
  connection limit 20 password :'jobs_password';
-- Seals the audit log, minute by minute.
alter role minqing_seal with login noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication
  connection limit 5 password :'seal_password';
-- Residents looking at their own file.
alter role minqing_resident with login noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication
  connection limit 30 password :'resident_password';
-- Owns the SECURITY DEFINER functions; nobody logs in as the guard.
alter role minqing_guard with nologin noinherit nosuperuser nobypassrls nocreatedb nocreaterole noreplication
  connection limit 0 password null;

-- For "alter function … owner to minqing_guard" in migrations (the guard needs CREATE on the schema at that moment).
grant minqing_guard to minqing_owner;

-- Nobody else is a member of any of these roles, and they are members of none (pg_monitor, pg_read_all_data …).
select format('revoke %I from %I', g.rolname, m.rolname)
  from pg_catalog.pg_auth_members am
  join pg_catalog.pg_roles g on g.oid = am.roleid
  join pg_catalog.pg_roles m on m.oid = am.member
 where (g.rolname like 'minqing\_%' or m.rolname like 'minqing\_%')
   and m.rolname <> 'minqing_root'
   and not m.rolsuper
   and not (g.rolname = 'minqing_guard' and m.rolname = 'minqing_owner')
 \gexec

-- 2. Statements are not shown and not logged: psycopg's client-side binding inlines literals, and any connection of the
--    same role could read tokens and identity numbers of all in pg_stat_activity. Superuser settings: a role cannot
--    turn them back. Terse, since DETAIL and CONTEXT carry values of rows.

select format('alter role %I set %s', r, s)
  from unnest(array['minqing_owner', 'minqing_app', 'minqing_login', 'minqing_gather', 'minqing_jobs',
                    'minqing_seal', 'minqing_resident']) as r,
       unnest(array['track_activities = off',
                    'log_min_error_statement = ''panic''',
                    'log_error_verbosity = ''terse''',
                    'log_statement = ''none''',
                    'log_duration = off',
                    'log_min_duration_statement = -1',
                    'log_min_duration_sample = -1',
                    'log_transaction_sample_rate = 0',
                    'log_parameter_max_length = 0',
                    'log_parameter_max_length_on_error = 0',
                    'debug_print_parse = off',
                    'debug_print_plan = off']) as s
 order by r, s
 \gexec

-- 3. The database -----------------------------------------------------------------------------------------------------

select format('create database %I owner minqing_owner template template0 encoding ''UTF8''', :'dbname')
 where not exists (select from pg_catalog.pg_database where datname = :'dbname')
 \gexec

select format('alter database %I owner to minqing_owner', datname)
  from pg_catalog.pg_database
 where datname = :'dbname' and datdba <> 'minqing_owner'::regrole
 \gexec

\connect :"dbname"
set client_min_messages = 'warning';

select format('revoke all on database %I from public', :'dbname')
 \gexec
select format('grant connect on database %I to minqing_app, minqing_login, minqing_gather, minqing_jobs, minqing_seal, minqing_resident',
              :'dbname')
 \gexec
revoke all on schema public from public;
grant usage on schema public to minqing_app, minqing_login, minqing_gather, minqing_jobs, minqing_seal, minqing_resident, minqing_guard;

-- 4. Functions of PostgreSQL itself that a stripped role has no use for: large objects (no row security), messages and
--    locks between sessions (channels around the scope), other sessions' ends, snapshots and messages into the WAL.

select format('revoke execute on function %s from public', p.oid::regprocedure)
  from pg_catalog.pg_proc p
 where p.pronamespace = 'pg_catalog'::regnamespace
   and (p.proname like 'lo\_%' or p.proname in ('loread', 'lowrite')
        or p.proname like 'pg\_advisory\_%' or p.proname like 'pg\_try\_advisory\_%'
        or p.proname in ('pg_notify', 'pg_terminate_backend', 'pg_cancel_backend',
                         'pg_export_snapshot', 'pg_logical_emit_message'))
   and (p.proacl is null
        or exists (select from aclexplode(p.proacl) a where a.grantee = 0 and a.privilege_type = 'EXECUTE'))
 \gexec

-- Sealing takes an advisory lock; the queue wakes its workers; both also through the guard's definer functions.
select format('grant execute on function %s to minqing_seal, minqing_jobs, minqing_guard', p.oid::regprocedure)
  from pg_catalog.pg_proc p
 where p.pronamespace = 'pg_catalog'::regnamespace
   and (p.proname like 'pg\_advisory\_%' or p.proname like 'pg\_try\_advisory\_%' or p.proname = 'pg_notify')
 \gexec
