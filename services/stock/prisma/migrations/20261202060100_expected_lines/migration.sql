-- What is still to come by receipts that the ledger has not posted yet, as picking publishes it. A row of a receipt that is posted counts
-- no more: that is read from the postings, so that posting ends it in its own transaction and costs nothing.
create table expected_lines (
  document_id uuid not null,
  line integer not null check (line >= 1),
  number text not null,
  location text not null,
  sku text not null,
  -- In the base unit.
  quantity numeric(20, 6) not null check (quantity > 0),
  -- Null where the receipt has no order.
  source_system text,
  order_number text,
  expected_on date,
  -- Since when it is expected, by picking's clock.
  since timestamptz not null,
  -- When it was looked at last whether its receipt is posted: then it goes.
  looked_at timestamptz not null,
  primary key (document_id, line)
);
create index expected_lines_by_product on expected_lines (sku);
create index expected_lines_by_location on expected_lines (location);
create index expected_lines_by_look on expected_lines (looked_at);
