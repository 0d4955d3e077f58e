-- Two files become one (archives/sql/same.sql): rows, questions and judgements of gathering follow.
grant select, update (person_id) on public.gather_statement to minqing_guard;
grant select, update (persons) on public.gather_question to minqing_guard;
grant select, update (right_person) on public.gather_judgement to minqing_guard;
grant select (id) on public.gather_statement to minqing_guard;
call access.moves_with_person('public.gather_statement', 'person_id');
call access.moves_with_person('public.gather_question', 'persons', true);
call access.moves_with_person('public.gather_judgement', 'right_person');
