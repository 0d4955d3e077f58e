-- As in own.sql. A consent that names no account compared as "unknown" with every account, and whoever knew its number took it back.
create or replace function access.withdraw_consent(consent uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  found public.access_consent;
begin
  select * into found from public.access_consent c where c.id = withdraw_consent.consent and c.withdrawn_at is null for update;
  if found.id is null or not (found.person_id = any (access.own_self()) or coalesce(found.account_id = access.claim('account')::uuid, false)
                              or access.claim('staff') is not null and access.may_identify(found.person_id)) then
    return false;
  end if;
  update public.access_consent c set withdrawn_at = clock_timestamp() where c.id = found.id;
  update public.access_subject s set ends_at = greatest(clock_timestamp(), s.starts_at) where s.consent_id = found.id and (s.ends_at is null or s.ends_at > clock_timestamp());
  if found.household_id is not null then
    perform access.share_household(found.household_id);
  end if;
  insert into public.access_auditentry (id, area_code, what, persons, purpose, origin, detail)
  values (gen_random_uuid(), coalesce(access.claim('area'), access.home_grid(found.person_id), ''), 'consent.withdraw', array[found.person_id], left(access.claim('purpose'), 40),
          left(access.claim('origin'), 80), jsonb_build_object('consent', found.id, 'account', access.claim('account')));
  return true;
end $$;
