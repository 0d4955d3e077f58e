-- Another system has set another deadline for an order: the matter follows it wherever it lies. An earlier one always counts; a later one
-- only where the matter's own deadline was the other side's. The desk that took the order in says so; it need not sit at the matter.
create function access.follow_deadline(which uuid, due timestamptz, remind timestamptz) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  was timestamptz;
  owner uuid;
begin
  select f.due_at, f.matter_id into was, owner from public.service_foreignorder f where f.id = which and access.scope('dispatch') @> f.desk_code;
  if owner is null then
    return false;
  end if;
  update public.service_foreignorder f set due_at = follow_deadline.due where f.id = which;
  update public.service_matter m set due_at = follow_deadline.due, remind_at = follow_deadline.remind, reminded = 0
   where m.id = owner and not m.restricted and m.due_at is not null and m.state in ('dispatched', 'processing', 'return_pending', 'extend_pending')
     and (m.due_at > follow_deadline.due or m.due_at = was);
  return true;
end $$;
grant update (due_at) on public.service_foreignorder to minqing_guard;
alter function access.follow_deadline(uuid, timestamptz, timestamptz) owner to minqing_guard;
revoke all on function access.follow_deadline(uuid, timestamptz, timestamptz) from public;
grant execute on function access.follow_deadline(uuid, timestamptz, timestamptz) to minqing_app;
