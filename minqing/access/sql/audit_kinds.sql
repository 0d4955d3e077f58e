-- The auditor's board asks a week's log for a few kinds of entries. Without this the law was asked of every entry of the week first.
create index access_auditentry_what_at on public.access_auditentry (what, at);
