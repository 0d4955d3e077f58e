-- A mediation is seen from the seats of its matter, and written by whoever sits there. An agreement is never rewritten.
do $$
declare
  t text;
begin
  foreach t in array array['service_mediation', 'service_mediationconsent', 'service_mediationsession', 'service_mediationpromise'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('alter table public.%I force row level security', t);
    execute format('create policy guard on public.%I to minqing_guard using (true) with check (true)', t);
    execute format('create policy seated on public.%1$I for select to minqing_app, minqing_jobs using (exists (select from public.service_seat s where s.matter_id = %1$I.matter_id))', t);
    execute format('create policy noted on public.%1$I for insert to minqing_app with check (exists (select from public.service_seat s where s.matter_id = %1$I.matter_id))', t);
    execute format('grant select, insert on public.%I to minqing_app', t);
    execute format('grant select on public.%I to minqing_jobs, minqing_guard', t);
  end loop;
  foreach t in array array['service_mediation', 'service_mediationpromise'] loop
    execute format('create policy moved on public.%1$I for update to minqing_app, minqing_jobs using (exists (select from public.service_seat s where s.matter_id = %1$I.matter_id))', t);
  end loop;
end $$;
grant update (state, agreement_no, agreement_cipher, agreed_at, signed_on, closed_at, reason_cipher) on public.service_mediation to minqing_app;
grant update (ended_at, kept, by, note_cipher) on public.service_mediationpromise to minqing_app;
grant update (reminded_at) on public.service_mediationpromise to minqing_jobs;
create trigger agreement_stands before update of agreement_no, agreement_cipher on public.service_mediation for each row
  when (old.agreement_no <> '' and (old.agreement_no, old.agreement_cipher) is distinct from (new.agreement_no, new.agreement_cipher)) execute function access.refuse_change();
call access.keep('public.service_mediation', 'id', 'matter_id', 'mediator', 'opened_at');
call access.keep('public.service_mediationpromise', 'id', 'mediation_id', 'matter_id', 'party_id', 'what_cipher', 'due_on');

-- what people promised each other falls due in three days: somebody is told
create or replace function access.clock_due(most integer) returns table (matter uuid, what text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  (select m.id, 'recompute' from public.service_matter m where m.recompute limit most)
  union all (select m.id, 'sign' from public.service_matter m where m.state in ('dispatched', 'redo') and m.sign_due_at <= clock_timestamp() limit most)
  union all (select m.id, 'remind' from public.service_matter m where m.remind_at <= clock_timestamp() limit most)
  union all (select m.id, 'review' from public.service_matter m where m.state = 'suspended' and m.review_on <= (clock_timestamp() at time zone 'Asia/Shanghai')::date limit most)
  union all (select m.id, 'archive' from public.service_matter m where m.state = 'closed' and m.archive_at <= clock_timestamp() limit most)
  union all (select m.id, 'ask' from public.service_matter m where m.ask_on <= (clock_timestamp() at time zone 'Asia/Shanghai')::date limit most)
  union all (select distinct p.matter_id, 'promise' from public.service_mediationpromise p where p.ended_at is null and p.reminded_at is null
               and p.due_on <= (clock_timestamp() at time zone 'Asia/Shanghai')::date + 3 limit most)
  union all (select distinct v.matter_id, 'tell' from (select x.matter_id from public.service_move x where x.told_at is null order by x.id limit most) v)
$$;
