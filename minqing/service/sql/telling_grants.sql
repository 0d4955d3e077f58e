alter function access.staff_at_desk(text) owner to minqing_guard;
alter function access.merged_into(uuid) owner to minqing_guard;
revoke all on function access.staff_at_desk(text), access.merged_into(uuid) from public;
grant execute on function access.staff_at_desk(text), access.merged_into(uuid) to minqing_jobs;
