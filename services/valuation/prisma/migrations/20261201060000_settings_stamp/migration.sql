-- A new stamp with each change of accounts and cost methods, on the row that everybody locks before valuing: so that what was read
-- at the same stamp need not be read again for every batch.
alter table books add column settings_stamp uuid not null default gen_random_uuid();
create function change_settings_stamp() returns trigger language plpgsql as $$
begin
  update books set settings_stamp = gen_random_uuid();
  return null;
end
$$;
create trigger accounts_are_settings after insert or update or delete or truncate on accounts
  for each statement execute function change_settings_stamp();
create trigger cost_methods_are_settings after insert or update or delete or truncate on cost_methods
  for each statement execute function change_settings_stamp();
