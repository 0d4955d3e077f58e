-- Owners and grants of the functions of calls.sql.
do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p
            where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in ('open_line', 'enter_cti', 'enter_line', 'call_event', 'duty_now', 'seated_now', 'callers_of', 'ring', 'call_of_mine', 'callers', 'take_call',
              'check_caller', 'caller_file', 'caller_matters', 'call_concerns', 'call_progress', 'urge_matter', 'follow_similar', 'ask_swap', 'accept_swap', 'calls_due', 'place_of_call', 'file_voicemail', 'attach_recording', 'scored') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.open_line(uuid, text, text, text, bytea, text), access.enter_cti(text, text), access.call_event(uuid, text, text, jsonb, bytea, bytea, smallint, bytea), access.duty_now(uuid), access.seated_now(uuid), access.ring(),
  access.callers(uuid), access.take_call(uuid), access.check_caller(uuid, uuid, text, integer), access.caller_file(uuid), access.caller_matters(uuid), access.call_progress(uuid, text, bytea[]),
  access.urge_matter(uuid, uuid, bytea[], bytea, text), access.follow_similar(uuid, uuid), access.ask_swap(uuid, uuid), access.accept_swap(uuid, uuid, bytea, text) to minqing_app;
grant execute on function access.calls_due(integer), access.enter_line(uuid), access.scored(uuid) to minqing_jobs;
grant execute on function access.place_of_call(uuid), access.file_voicemail(uuid, jsonb, bytea, bytea, bytea), access.attach_recording(uuid, uuid, bytea, text, integer, bytea) to minqing_app, minqing_jobs;
