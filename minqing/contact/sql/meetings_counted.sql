-- What was counted stays what was asked; what was taken down stays down; an objection begins without an answer; a sentence is its writer's.

create function access.agendaitem_row() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- yes and no exchanged after the count would turn it round
  if row(new.title, new.options, new.ballots, new.dropped_at) is distinct from row(old.title, old.options, old.ballots, old.dropped_at)
     and (exists (select from public.contact_votecount c where c.item_id = old.id) or exists (select from public.contact_resolution r where r.item_id = old.id)) then
    raise exception 'what was counted stays what was asked' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger agendaitem_row before update on public.contact_agendaitem for each row execute function access.agendaitem_row();
alter function access.agendaitem_row() owner to minqing_guard;
revoke all on function access.agendaitem_row() from public;

create policy stays_down on public.contact_publication as restrictive for update to minqing_app using ((select access.proven('staff')) is not null and withdrawn_at is null) with check ((select access.proven('staff')) is not null);
create policy unanswered on public.contact_objection as restrictive for insert to minqing_app with check ((select access.proven('staff')) is not null and answered_at is null and answered_by is null and answer_cipher is null);
create policy own_words on public.contact_finding as restrictive for insert to minqing_app with check (edited_by is null or edited_by = (select access.proven('staff')::uuid));
