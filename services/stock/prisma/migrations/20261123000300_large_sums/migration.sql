-- One balance has a limit, which the ledger keeps. What has come from all vendors ever, or what a delivery asks for in
-- all its lines, is a sum of many, and no document may be stopped by it.
alter table quants drop column free;
alter table quants alter column quantity_on_hand type numeric(38, 6), alter column quantity_reserved type numeric(38, 6);
alter table quants add column free boolean not null
  generated always as (internal and quantity_on_hand > quantity_reserved) stored;
create index quants_free on quants (product_id) where free;
alter table waits alter column least type numeric(38, 6);
