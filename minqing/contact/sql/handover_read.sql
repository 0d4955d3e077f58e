-- What two people say when a grid changes hands is about the homes in it: whoever appoints there, and opens no files, sees the handovers he
-- began and that they were signed; neither the list nor the words.
drop policy read on public.contact_handover;
create policy read on public.contact_handover for select to minqing_app
  using ((select access.scope('people')) @> area_code or giver = (select access.proven('staff')::uuid) or taker = (select access.proven('staff')::uuid) or made_by = (select access.proven('staff')::uuid));
drop policy read on public.contact_handoveritem;
create policy read on public.contact_handoveritem for select to minqing_app
  using ((select access.scope('people')) @> area_code
         or exists (select from public.contact_handover h where h.id = handover_id and (h.giver = (select access.proven('staff')::uuid) or h.taker = (select access.proven('staff')::uuid))));
