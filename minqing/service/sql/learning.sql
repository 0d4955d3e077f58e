-- What the county's own matters say about which words mean what. Run by the nightly keeper alone.
--
-- Invariants: no text leaves: only pairs of characters that at least five matters of the county share, and the catalogue's own keywords
-- found in it; nothing confidential, restricted (so nothing about staff) is read; what is kept holds weights of pairs and no number of a matter.
create function access.said_of_sorts(county text, parting text, shared_by integer, most integer) returns table (category text, newest bigint, pairs text[], hits text[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if coalesce(access.proven('actor'), '') <> 'keeper' or length(said_of_sorts.county) <> 6 or said_of_sorts.shared_by < 5 then
    raise exception 'only the nightly keeper learns' using errcode = 'insufficient_privilege';
  end if;
  return query
    with said as materialized (
      select m.id, m.category, m.title, row_number() over (order by m.submitted_at desc) as newest
        from public.service_matter m
       where m.place_code >= said_of_sorts.county and m.place_code < said_of_sorts.county || ':' and m.category not in ('', 'other') and m.title <> ''
         and not m.restricted and not m.confidential and m.kind <> 'report' and m.state not in ('submitted', 'merged', 'withdrawn', 'rejected')
         and m.submitted_at > now() - interval '2 years'
       order by m.submitted_at desc limit said_of_sorts.most
    ), word as materialized (
      select distinct w as word from public.service_dispatchrule r cross join lateral unnest(r.keywords) w where r.area_code = said_of_sorts.county and r.ended_at is null
    ), pair as materialized (
      select distinct s.id, substr(part, i, 2) as pair
        from said s cross join lateral regexp_split_to_table(s.title, said_of_sorts.parting) part cross join lateral generate_series(1, length(part) - 1) i
    ), shared as (
      select p.pair from pair p group by p.pair having count(*) >= said_of_sorts.shared_by order by count(*) desc limit 20000
    ), of_matter as (
      select p.id, array_agg(p.pair order by p.pair) as pairs from pair p join shared using (pair) group by p.id
    )
    select s.category::text, s.newest, coalesce(o.pairs, '{}'), array(select k.word::text from word k where position(k.word in s.title) > 0)
      from said s left join of_matter o on o.id = s.id;
end $$;

create function access.keep_learnt(county text, texts integer, tried integer, right_words integer, right_history integer, used boolean, model jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(access.proven('actor'), '') <> 'keeper' or length(keep_learnt.county) <> 6 then
    raise exception 'only the nightly keeper learns' using errcode = 'insufficient_privilege';
  end if;
  insert into public.service_learnt (area_code, made_at, texts, tried, right_words, right_history, used, model)
  values (keep_learnt.county, clock_timestamp(), keep_learnt.texts, keep_learnt.tried, keep_learnt.right_words, keep_learnt.right_history, keep_learnt.used,
          case when keep_learnt.used then keep_learnt.model else '{}'::jsonb end)
  on conflict (area_code) do update set made_at = excluded.made_at, texts = excluded.texts, tried = excluded.tried, right_words = excluded.right_words,
    right_history = excluded.right_history, used = excluded.used, model = excluded.model;
end $$;

-- The catalogue's own words, for the keeper, who sees no row of it.
create function access.words_of_sorts(county text) returns table (category text, label text, kind text, keywords text[])
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select r.category::text, r.label::text, r.kind::text, r.keywords::text[] from public.service_dispatchrule r
   where r.area_code = words_of_sorts.county and r.ended_at is null and coalesce(access.proven('actor'), '') = 'keeper' order by r.category
$$;

-- Counties that have matters of the last two years, for the keeper.
create function access.learning_counties() returns setof text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select a.code from public.access_area a
   where a.level = 'county' and a.closed_on is null and coalesce(access.proven('actor'), '') = 'keeper'
     and exists (select from public.service_matter m where m.place_code >= a.code and m.place_code < a.code || ':' and m.submitted_at > now() - interval '2 years')
   order by a.code
$$;

alter table public.service_learnt enable row level security;
alter table public.service_learnt force row level security;
create policy guard on public.service_learnt to minqing_guard using (true) with check (true);
-- public within the service, like the catalogue it stands beside: it says nothing of anybody
create policy read on public.service_learnt for select to minqing_app using ((select access.proven('staff')) is not null);
grant select on public.service_learnt to minqing_app;
grant select, insert, update on public.service_learnt to minqing_guard;

alter function access.said_of_sorts(text, text, integer, integer) owner to minqing_guard;
alter function access.keep_learnt(text, integer, integer, integer, integer, boolean, jsonb) owner to minqing_guard;
alter function access.words_of_sorts(text) owner to minqing_guard;
alter function access.learning_counties() owner to minqing_guard;
revoke all on function access.said_of_sorts(text, text, integer, integer), access.keep_learnt(text, integer, integer, integer, integer, boolean, jsonb), access.words_of_sorts(text), access.learning_counties() from public;
grant execute on function access.said_of_sorts(text, text, integer, integer), access.keep_learnt(text, integer, integer, integer, integer, boolean, jsonb), access.words_of_sorts(text), access.learning_counties() to minqing_jobs;
