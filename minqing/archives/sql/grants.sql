grant execute on function access.create_person(text, text, date, text, text, date), access.find_or_refer(bytea, smallint), access.register_identity(uuid, bytea, smallint),
  access.place(uuid, text, text, date), access.unplace(uuid, text, text, date), access.move_household(uuid, text, date), access.far_kin(uuid), access.move_area(text, text, date), access.households_in(text) to minqing_app;
