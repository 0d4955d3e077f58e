grant execute on function access.create_person(text, text, date, text, text, date), access.find_or_refer(bytea, smallint), access.register_identity(uuid, bytea, smallint),
  access.place(uuid, text, text, date), access.unplace(uuid, text, text, date), access.move_household(uuid, text, date), access.far_kin(uuid), access.move_area(text, text, date), access.households_in(text) to minqing_app;
grant execute on function access.enter_batch(uuid, text, text) to minqing_gather;
grant execute on function access.enqueue(text, jsonb) to minqing_app;
grant execute on function access.enter_job(bigint, text) to minqing_jobs;
