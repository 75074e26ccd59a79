-- The one row whose lock makes valuing serial: where the log, the ledger and the journal have come to.
create table books (
  id smallint primary key check (id = 1),
  last_input bigint not null,
  last_position bigint not null,
  last_entry bigint not null,
  last_account int not null,
  -- The last number given in each year: {"2026": 123}
  entry_numbers jsonb not null,
  inventory_value numeric not null,
  parked_count int not null
);
insert into books values (1, 0, 0, 0, 8, '{}', 0, 0);

-- Everything that can change a value, in the one order in which it is valued. Never updated, never deleted.
create table inputs (
  number bigint primary key,
  kind text not null,
  -- The place in stock's ledger, where it is a document.
  position bigint unique,
  -- Has a line that crosses the border of owned stock: then an entry follows, or it is parked.
  crosses_border boolean not null,
  data json not null,
  actor jsonb,
  recorded_at timestamptz(3) not null,
  check ((kind = 'document') = (position is not null))
);
-- Read again only by a rebuild: kept in the row and not compressed, which would cost more than all the rest.
alter table inputs alter column data set storage external;
alter table inputs set (toast_tuple_target = 8160);

create table accounts (
  id int primary key,
  role text not null,
  code text not null,
  name text not null,
  -- The input that made it; null for those that a new company starts with.
  input bigint,
  current boolean not null
);
create unique index accounts_current on accounts (role) where current;
insert into accounts (id, role, code, name, current) values
  (1, 'inventory', '1400', 'Inventory', true),
  (2, 'grni', '2150', 'Goods received, not invoiced', true),
  (3, 'cogs', '5000', 'Cost of goods sold', true),
  (4, 'inventory-loss', '5810', 'Inventory loss', true),
  (5, 'inventory-gain', '4810', 'Inventory gain', true),
  (6, 'opening-balance', '3900', 'Opening balance', true),
  (7, 'purchase-price-variance', '5820', 'Purchase price variance', true),
  (8, 'expense', '6000', 'Expense', true);

create table cost_methods (
  category text primary key,
  method text not null check (method in ('fifo', 'average', 'standard')),
  version int not null,
  changed_at timestamptz(3) not null
);

create table cost_pools (
  product_id uuid primary key,
  sku text not null,
  category text not null,
  method text not null check (method in ('fifo', 'average', 'standard')),
  quantity numeric(26, 6) not null,
  value numeric not null,
  standard_cost numeric(24, 10),
  last_value numeric not null,
  last_quantity numeric(26, 6) not null,
  received numeric(26, 6) not null,
  consumed numeric(26, 6) not null,
  check (quantity <> 0 or value = 0),
  check (consumed <= received)
) with (fillfactor = 70);
create index cost_pools_sku on cost_pools (sku);
create index cost_pools_category on cost_pools (category);

-- Layers lie one behind the other on the line of all that ever came, so that what is open is one range of it.
create table cost_layers (
  product_id uuid not null,
  begins_at numeric(26, 6) not null,
  quantity numeric(26, 6) not null check (quantity > 0),
  value numeric not null,
  remaining_quantity numeric(26, 6) not null check (remaining_quantity between 0 and quantity),
  remaining_value numeric not null,
  move uuid,
  input bigint not null,
  primary key (product_id, begins_at),
  check (remaining_quantity <> 0 or remaining_value = 0)
) with (fillfactor = 80);

create table entries (
  id bigint primary key,
  number text not null unique,
  input bigint not null,
  valued_by bigint not null,
  original boolean not null,
  cause text not null,
  document_id uuid,
  document text,
  position bigint,
  after_position bigint not null,
  date date not null,
  effective_at timestamptz(3) not null,
  total numeric not null,
  check ((document_id is null) = (document is null) and (document_id is null) = (position is null)),
  check (not original or document_id is not null)
);
create unique index entries_original on entries (document_id) where original;
create index entries_document on entries (document) where document is not null;

-- So much from one account to another, for a move: balanced line by line.
create table entry_lines (
  entry bigint not null,
  line int not null,
  debit int not null,
  credit int not null check (credit <> debit),
  amount numeric not null check (amount >= 0),
  product_id uuid,
  sku text,
  quantity numeric(26, 6),
  move uuid,
  basis text,
  primary key (entry, line)
);

-- Documents that cannot be valued yet, and those that wait behind them.
create table parked_documents (
  input bigint primary key references inputs (number),
  reason text not null,
  detail text not null,
  lacking uuid[] not null,
  given jsonb,
  parked_at timestamptz(3) not null
);
