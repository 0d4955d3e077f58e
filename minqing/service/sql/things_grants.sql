-- Owners and grants of the functions of things.sql.
do $$
declare
  f record;
begin
  for f in select p.oid::regprocedure as name from pg_proc p
            where p.pronamespace = 'access'::regnamespace and p.prosecdef and p.proname in ('check_reversal', 'fields_for_errand', 'settle_errand', 'evening_villages', 'enter_evening',
              'policy_rules', 'offer_people', 'policy_matches', 'find_offers', 'sensitive_cases', 'add_sensitive_offers', 'offer_figures') loop
    execute format('alter function %s owner to minqing_guard', f.name);
    execute format('revoke all on function %s from public', f.name);
  end loop;
end $$;
grant execute on function access.fields_for_errand(uuid, text[]), access.offer_figures(text) to minqing_app;
grant execute on function access.evening_villages(), access.enter_evening(text), access.find_offers(text, date), access.sensitive_cases(text, date), access.add_sensitive_offers(text, date, jsonb) to minqing_jobs;
