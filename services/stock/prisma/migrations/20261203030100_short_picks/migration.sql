-- Where a delivery took less than it had reserved when it was shipped, by the ledger. Kept until counts have looked through that position.
create table short_picks (
  position bigint not null,
  product_id uuid not null,
  location_id uuid not null,
  lot_id uuid not null,
  status text not null,
  primary key (position, product_id, location_id, lot_id, status)
);
