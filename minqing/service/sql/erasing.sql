-- What goes with a matter's words when the night's keeper takes them (sql/retention.sql): tables that came later hang on the matter here.
-- A parcel keeps which item, which county, whose number there, on which day; not what was in it nor what was said of it.
alter table public.service_parcel alter column content_cipher drop not null;
grant select, update on public.service_parcel, public.service_parcelstep to minqing_guard;

create function access.erase_with_matter() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update public.service_parcel p set content_cipher = null, trouble = '', dropped_why = case when p.state = 'dropped' then '已过保存期' else '' end where p.matter_id = new.id;
  update public.service_parcelstep s set words_cipher = null where s.matter_id = new.id and s.words_cipher is not null;
  return null;
end $$;
create trigger erase_with_matter after update of words_cipher on public.service_matter for each row when (old.words_cipher is not null and new.words_cipher is null) execute function access.erase_with_matter();
alter function access.erase_with_matter() owner to minqing_guard;
revoke all on function access.erase_with_matter() from public;
