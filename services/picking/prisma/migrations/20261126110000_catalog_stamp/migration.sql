-- A new stamp with each change of the copied products and units, so that what was read at the same stamp need not be read
-- again and again.
create table catalog_stamp (
  only_one boolean primary key default true check (only_one),
  stamp uuid not null
);
insert into catalog_stamp (stamp) values (gen_random_uuid());
create function change_catalog_stamp() returns trigger language plpgsql as $$
begin
  update catalog_stamp set stamp = gen_random_uuid();
  return null;
end
$$;
create trigger products_are_in_catalog after insert or update or delete or truncate on products
  for each statement execute function change_catalog_stamp();
create trigger units_are_in_catalog after insert or update or delete or truncate on units
  for each statement execute function change_catalog_stamp();
