-- What was picked or put for documents that the ledger has not posted yet, as picking publishes it. A row of a document that is posted
-- counts no more: that is read from the postings, so that posting ends it in its own transaction and costs nothing.
create table floor (
  document_id uuid not null,
  location text not null,
  sku text not null,
  -- Empty: none.
  lot text not null,
  kind text not null check (kind in ('receipt', 'delivery')),
  number text not null,
  picked numeric(20, 6) not null check (picked >= 0),
  put numeric(20, 6) not null check (put >= 0),
  -- When the document was changed, by picking's clock.
  changed_at timestamptz not null,
  -- When this was written, and in which transaction: what had seen the floor before that one has not seen this.
  heard_at timestamptz not null,
  heard_in xid8 not null default pg_current_xact_id(),
  primary key (document_id, location, sku, lot)
);
create index floor_by_place on floor (location, sku);
create index floor_by_age on floor (heard_at);
