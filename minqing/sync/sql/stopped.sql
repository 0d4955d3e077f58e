-- A stopped phone stays stopped, one given up as lost stays lost, whoever writes its row.
create function access.phone_stopped() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if old.state <> 'active' and not (old.state = 'revoked' and new.state = 'lost') or new.state = 'active' then
    raise exception 'a stopped phone stays stopped' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
revoke all on function access.phone_stopped() from public;
create trigger phone_stopped before update of state on public.sync_device for each row when (old.state is distinct from new.state) execute function access.phone_stopped();
create trigger own_close before update of closed_by, closed_at on public.sync_device for each row execute function access.own_name('closed_by', 'closed_at');
