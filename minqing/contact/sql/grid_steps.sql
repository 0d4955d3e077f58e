-- As of a placement (archives/sql/grid_steps.sql): the visits of fifty households were looked for among all visits of a village.
alter table public.contact_visit alter column grid_code set statistics 1000;
analyze public.contact_visit;
