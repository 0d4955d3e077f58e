-- Which entries speak of a person. `persons @> …` is not leakproof, so under the policy its index cannot be used and the reading
-- grows with the log; here it is, and only what the caller may read anyway (the condition of the policy `audited`) comes out.
create function access.entries_about(person uuid, since timestamptz, until timestamptz) returns setof uuid
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select e.id from public.access_auditentry e
   where e.persons @> array[entries_about.person] and e.at >= entries_about.since and e.at < entries_about.until
     and ((select access.scope('audit')) @> e.area_code or e.staff = (select access.proven('staff')::uuid))
$$;
alter function access.entries_about(uuid, timestamptz, timestamptz) owner to minqing_guard;
revoke all on function access.entries_about(uuid, timestamptz, timestamptz) from public;
grant execute on function access.entries_about(uuid, timestamptz, timestamptz) to minqing_app;
