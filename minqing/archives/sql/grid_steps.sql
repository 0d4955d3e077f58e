-- A hundred steps for three million placements told the planner that a village has ten people: it then read all of them to look up one.
alter table public.archives_placement alter column grid_code set statistics 1000;
analyze public.archives_placement;
