-- Of one base unit: kilograms, and cubic metres. Null where nobody said.
alter table products
  add column weight numeric(18, 9) check (weight > 0),
  add column volume numeric(18, 9) check (volume > 0);
