-- A million matters for the benchmarks, with one home seat and one lead seat each: ten years of a county, three in a hundred open.
-- Run as the superuser with triggers off; words are no ciphertext, since lists never read them. `bench.matters` (setting) = how many.
set session_replication_role = replica;
with places as (
  select code, row_number() over (order by code) - 1 as n, count(*) over () as of from access_area where level = 'village' and closed_on is null and code like '330881%'
), made as (
  select gen_random_uuid() as id, i, p.code as village, case when i % 33 = 0 then (array['submitted', 'accepted', 'dispatched', 'processing', 'replied'])[1 + i / 33 % 5] else 'archived' end as state,
         now() - (case when i % 33 = 0 then random() * 20 else 20 + random() * 3600 end) * interval '1 day' as at
    from generate_series(1, coalesce(nullif(current_setting('bench.matters', true), '')::integer, 1000000)) i join places p on p.n = i % p.of
), m as (
  insert into service_matter (id, number, word_digest, kind, category, channel, urgency, restricted, confidential, anonymous, on_behalf, title, words_cipher, place_code, spot, state, home_desk, lead_desk, relation,
      submitted_at, clock_from, due_at, pauses, reminded, escalated, extended, no_return, returned_by, redo_count, outcome, reject_code, told_channel, solved, satisfied, shielded, barred, version)
  select id, lpad((9000000000 - i)::text, 10, '0'), '\x00', (array['help', 'help_up', 'question', 'complaint', 'dispute'])[1 + i % 5], (array['lamp', 'rubbish', 'water', 'noise', 'neighbour'])[1 + i % 5], 'duty',
         case when i % 500 = 0 then 'urgent' else 'normal' end, false, false, false, false, '第 ' || i || ' 件事', '\x00', village, '', state, village, village, '', at, at, at + interval '5 days', '[]', 0, 0, false, false, '{}', 0,
         '', '', '', '', '', '{}', '{}', 1 from made
  returning id, home_desk, state, kind, urgency, submitted_at, due_at, place_code
)
insert into service_seat (id, matter_id, desk_code, role, starts_at, restricted, barred, state, kind, urgent, submitted_at, due_at, place_code)
select gen_random_uuid(), m.id, m.home_desk, r.role, m.submitted_at, false, '{}', m.state, m.kind, m.urgency = 'urgent', m.submitted_at, m.due_at, m.place_code from m cross join (values ('home'), ('lead')) r(role);
analyze service_matter;
analyze service_seat;
