-- The ledger: one head, documents by position, moves for ever, balances, and who has a claim on them.
-- Moves, quants and reservations have no foreign keys: each would cost a look-up per row on the one path that must be fast, and
-- only the ledger writes here, from products and locations that it has just read and that are never deleted.

-- Its row is locked by every posting, so postings are serial.
create table ledger_head (
  company text primary key,
  position bigint not null default 0 check (position >= 0),
  -- Never goes back, so that the order of times is the order of positions.
  recorded_at timestamptz not null default 'epoch'
);

-- What became of each try of each document.
create table postings (
  document_id uuid not null,
  attempt integer not null check (attempt >= 1),
  -- Null: refused.
  position bigint unique check (position >= 1),
  kind text not null check (kind in ('receipt', 'delivery', 'transfer', 'adjustment', 'opening')),
  number text not null,
  warehouse text,
  recorded_at timestamptz not null,
  effective_at timestamptz not null,
  actor_id text,
  actor_name text,
  -- Code and sentence of the refusal.
  refused_code text,
  refused_detail text,
  primary key (document_id, attempt),
  check ((position is null) = (refused_code is not null))
);
-- A document is posted once. With the moves' key this makes (document, line) unique.
create unique index postings_posted_once on postings (document_id) where position is not null;
create index postings_by_number on postings (number);

create table moves (
  position bigint not null,
  line integer not null check (line >= 1),
  document_line integer,
  product_id uuid not null,
  lot_id uuid not null,
  status text not null,
  package_id uuid not null,
  quantity numeric(20, 6) not null check (quantity > 0),
  from_location_id uuid not null,
  to_location_id uuid not null,
  primary key (position, line),
  check (from_location_id <> to_location_id)
);
create index moves_by_product on moves (product_id, position);

-- What was posted stays as it was. A correction is a new document.
create function refuse_change_of_ledger() returns trigger language plpgsql as $$
begin
  raise exception 'The ledger is append-only: % of % is not possible.', lower(tg_op), tg_table_name
    using errcode = 'restrict_violation';
end
$$;
create trigger moves_are_for_ever before update or delete or truncate on moves
  for each statement execute function refuse_change_of_ledger();
create trigger postings_are_for_ever before update or delete or truncate on postings
  for each statement execute function refuse_change_of_ledger();

-- Balances. "No lot" and "no package" are the zero UUID, so that the key has no NULL.
create table quants (
  product_id uuid not null,
  lot_id uuid not null,
  location_id uuid not null,
  status text not null check (status in ('available', 'quarantine', 'damaged', 'blocked')),
  package_id uuid not null,
  -- Of its location, when this was written.
  internal boolean not null,
  may_be_negative boolean not null,
  quantity_on_hand numeric(20, 6) not null,
  quantity_reserved numeric(20, 6) not null,
  arrived_at timestamptz,
  -- Has it something to reserve? Changes rarely, so most updates touch no index.
  free boolean not null generated always as (internal and quantity_on_hand > quantity_reserved) stored,
  primary key (product_id, lot_id, location_id, status, package_id),
  constraint quants_reserved_is_there check (0 <= quantity_reserved and quantity_reserved <= greatest(quantity_on_hand, 0)),
  constraint quants_internal_not_negative check (not internal or may_be_negative or quantity_on_hand >= 0),
  constraint quants_virtual_not_reserved check (internal or quantity_reserved = 0)
) with (fillfactor = 70);
create index quants_free on quants (product_id) where free;
create index quants_by_location on quants (location_id);

-- What confirmed deliveries ask for.
create table needs (
  document_id uuid primary key,
  number text not null,
  warehouse text not null,
  revision integer not null check (revision >= 1),
  priority smallint not null,
  scheduled_date date,
  ordered_at timestamptz not null,
  allow_partial boolean not null,
  status text not null check (status in ('open', 'shipped', 'cancelled'))
);

create table need_lines (
  document_id uuid not null,
  line integer not null check (line >= 1),
  product_id uuid not null,
  quantity numeric(20, 6) not null check (quantity > 0),
  primary key (document_id, line)
);

-- Who waits for which product, in need order: the key is the queue.
create table waits (
  warehouse text not null,
  product_id uuid not null,
  priority smallint not null,
  -- Infinity where the order names none.
  scheduled_date date not null,
  ordered_at timestamptz not null,
  document_id uuid not null,
  -- Less of the product than this is of no use to it.
  least numeric(20, 6) not null check (least >= 0),
  primary key (warehouse, product_id, priority, scheduled_date, ordered_at, document_id)
);
create index waits_by_document on waits (document_id);

-- Claims of needs on quants.
create table reservations (
  document_id uuid not null,
  line integer not null,
  product_id uuid not null,
  lot_id uuid not null,
  location_id uuid not null,
  status text not null,
  package_id uuid not null,
  quantity numeric(20, 6) not null check (quantity > 0),
  primary key (document_id, line, lot_id, location_id, status, package_id)
);
create index reservations_by_quant on reservations (product_id, location_id);

-- The manager's choice of removal strategy; null means any.
create table removal_rules (
  warehouse text,
  category text,
  strategy text not null check (strategy in ('fifo', 'lifo', 'fefo', 'closest')),
  unique nulls not distinct (warehouse, category)
);

-- Gapless numbers of stock's own documents.
create table document_numbers (
  series text primary key,
  last bigint not null check (last >= 0)
);

-- A new stamp with each change of what the ledger reads but does not own, so that it need not read it again and again.
create table facts_stamp (
  only_one boolean primary key default true check (only_one),
  stamp uuid not null
);
insert into facts_stamp (stamp) values (gen_random_uuid());
create function change_facts_stamp() returns trigger language plpgsql as $$
begin
  update facts_stamp set stamp = gen_random_uuid();
  return null;
end
$$;
create trigger products_are_facts after insert or update or delete or truncate on products
  for each statement execute function change_facts_stamp();
create trigger units_are_facts after insert or update or delete or truncate on units
  for each statement execute function change_facts_stamp();
create trigger locations_are_facts after insert or update or delete or truncate on locations
  for each statement execute function change_facts_stamp();
create trigger removal_rules_are_facts after insert or update or delete or truncate on removal_rules
  for each statement execute function change_facts_stamp();
