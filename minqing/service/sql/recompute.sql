-- A day of the calendar has changed: whose deadline hangs on it is marked, and the clock works it out, one matter after the other.
create function access.recompute_due(area text, from_day date) returns integer
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  n integer;
begin
  if session_user <> 'minqing_owner' and not (access.scope('catalogue') @> recompute_due.area) then
    raise exception 'no right over the calendar there' using errcode = 'insufficient_privilege';
  end if;
  update public.service_matter m set recompute = true
   where m.place_code >= recompute_due.area and m.place_code < recompute_due.area || ':' and m.urgency <> 'urgent' and not m.recompute
     and m.state in ('submitted', 'accepted', 'dispatched', 'processing', 'return_pending', 'extend_pending', 'suspend_pending', 'suspended', 'replied', 'redo')
     and coalesce(m.due_at, m.accept_due_at, m.callback_due_at) >= recompute_due.from_day::timestamp at time zone 'Asia/Shanghai' - interval '1 day';
  get diagnostics n = row_count;
  return n;
end $$;

create or replace function access.clock_due(most integer) returns table (matter uuid, what text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  (select m.id, 'recompute' from public.service_matter m where m.recompute limit most)
  union all (select m.id, 'sign' from public.service_matter m where m.state in ('dispatched', 'redo') and m.sign_due_at <= clock_timestamp() limit most)
  union all (select m.id, 'remind' from public.service_matter m where m.remind_at <= clock_timestamp() limit most)
  union all (select m.id, 'review' from public.service_matter m where m.state = 'suspended' and m.review_on <= (clock_timestamp() at time zone 'Asia/Shanghai')::date limit most)
  union all (select m.id, 'archive' from public.service_matter m where m.state = 'closed' and m.archive_at <= clock_timestamp() limit most)
  union all (select m.id, 'ask' from public.service_matter m where m.ask_on <= (clock_timestamp() at time zone 'Asia/Shanghai')::date limit most)
  union all (select distinct v.matter_id, 'tell' from (select x.matter_id from public.service_move x where x.told_at is null order by x.id limit most) v)
$$;

alter function access.recompute_due(text, date) owner to minqing_guard;
revoke all on function access.recompute_due(text, date) from public;
grant execute on function access.recompute_due(text, date) to minqing_app, minqing_owner;
