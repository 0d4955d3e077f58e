-- Who may run what of the desk of matters.
do $$
declare
  f text;
begin
  foreach f in array array['seats_of(uuid)', 'matter_figures(text, timestamptz, timestamptz)', 'day_board(text, timestamptz, timestamptz, timestamptz)'] loop
    execute format('alter function access.%s owner to minqing_guard', f);
    execute format('revoke all on function access.%s from public', f);
  end loop;
end $$;
grant execute on function access.seats_of(uuid), access.matter_figures(text, timestamptz, timestamptz), access.day_board(text, timestamptz, timestamptz, timestamptz) to minqing_app;
