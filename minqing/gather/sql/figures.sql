-- Numbers for people who manage areas and staff and see no files: how many households, how much is waiting. No row, no name.
--
-- Invariants: a number is given only for an area that lies whole inside one of the caller's own areas (rights areas,
-- figures, people or appoint); for every other area there is no line at all, not a zero; of a batch only who, where and when.

grant select on public.archives_proposal, public.gather_question to minqing_guard;

-- Areas whose numbers the caller may have.
create function access.figure_scope() returns access.codeset
language sql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ select access.scope('areas') + access.scope('figures') + access.scope('people') + access.scope('appoint') $$;

-- Households of each area one level below `parent`, with one pass over the range of the parent.
create function access.households_by_child(parent text, digits integer) returns table (code text, households integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  allowed access.codeset := access.figure_scope();
begin
  if households_by_child.parent is null or households_by_child.parent = '' or households_by_child.digits not in (6, 9, 12, 15, 17) then
    raise exception 'an area and the digits of the level below it are wanted' using errcode = 'invalid_parameter_value';
  end if;
  return query
    select c.code, c.n::integer
      from (select left(h.grid_code, households_by_child.digits) as code, count(*) as n
              from public.archives_household h
             where h.grid_code >= households_by_child.parent and h.grid_code < households_by_child.parent || ':'
               and h.state <> 'dissolved' and h.voided_at is null
             group by 1) c
     where allowed @> c.code::text
     order by c.code;
end $$;

-- What waits at a post when its holder goes: households, things due, questions for the village or the next visit.
create function access.waiting_at(code text) returns table (what text, n integer)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if waiting_at.code is null or waiting_at.code = '' or not access.figure_scope() @> waiting_at.code then
    raise exception 'no right to these figures' using errcode = 'insufficient_privilege';
  end if;
  return query
    select '户档'::text, count(*)::integer from public.archives_household h
     where h.grid_code >= waiting_at.code and h.grid_code < waiting_at.code || ':' and h.state <> 'dissolved' and h.voided_at is null
    union all
    select '待办', count(*)::integer from public.archives_proposal p
     where p.grid_code >= waiting_at.code and p.grid_code < waiting_at.code || ':' and p.state = 'open' and p.voided_at is null
    union all
    select '核对问题', count(*)::integer from public.gather_question q
     where q.grid_code >= waiting_at.code and q.grid_code < waiting_at.code || ':' and q.state <> 'answered' and q.owner <> 'department';
end $$;

-- Batches of somebody whose post ends that did not come to their end: number, area, day. What was in them is nobody's business here.
create function access.open_batches_of(who uuid, code text) returns table (batch uuid, area_code text, made_at timestamptz, state text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if open_batches_of.code is null or open_batches_of.code = '' or not access.may('appoint', open_batches_of.code) then
    raise exception 'no right to appoint there' using errcode = 'insufficient_privilege';
  end if;
  return query
    select b.id, b.area_code::text, b.made_at, b.state::text
      from public.gather_batch b
     where b.by = open_batches_of.who and b.state in ('waiting', 'running', 'failed')
       and b.area_code >= open_batches_of.code and b.area_code < open_batches_of.code || ':'
     order by b.made_at;
end $$;

alter function access.open_batches_of(uuid, text) owner to minqing_guard;
alter function access.figure_scope() owner to minqing_guard;
alter function access.households_by_child(text, integer) owner to minqing_guard;
alter function access.waiting_at(text) owner to minqing_guard;
revoke all on function access.open_batches_of(uuid, text), access.figure_scope(), access.households_by_child(text, integer), access.waiting_at(text) from public;
grant execute on function access.open_batches_of(uuid, text), access.households_by_child(text, integer), access.waiting_at(text) to minqing_app;
