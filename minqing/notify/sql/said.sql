-- What a message says, and to which number, is said once: whoever may move a message on does not rewrite it, and says himself that it was delivered.
create trigger said_stands before update of "values", values_cipher, phone_cipher, phone_tail, name, address, language on public.notify_message for each row
  when ((old."values", old.values_cipher, old.phone_cipher, old.phone_tail, old.name, old.address, old.language) is distinct from (new."values", new.values_cipher, new.phone_cipher, new.phone_tail, new.name, new.address, new.language))
  execute function access.said_stands();
create trigger own_word before update of delivered_by on public.notify_message for each row execute function access.own_name('delivered_by');
create trigger own_word before update of ended_by, ended_at on public.notify_mark for each row execute function access.own_name('ended_by', 'ended_at');
