-- Stock's own documents: their numbers, gapless per warehouse and type, and what happened to them, as picking keeps them.
create table numbers (
  warehouse text not null,
  type text not null,
  last bigint not null,
  primary key (warehouse, type)
);

create table history (
  id bigserial primary key,
  document_id uuid not null,
  at timestamptz(6) not null,
  actor_id text,
  actor_name text,
  what text not null,
  why text,
  mark text
);
create index history_document_id_id_idx on history (document_id, id);

-- Adjustments: what was counted, and what the ledger had there then.
create table adjustments (
  id uuid primary key,
  number text not null unique,
  warehouse text not null,
  status text not null check (status in ('draft', 'submitted', 'posted', 'rejected')),
  version integer not null,
  created_at timestamptz(6) not null,
  changed_at timestamptz(6) not null,
  locations text[] not null,
  reason text not null,
  note text,
  evidence text,
  blind boolean not null,
  -- The count that it came from.
  count_id uuid,
  problem text,
  created_by text not null,
  counted_by text[] not null,
  submitted_by text,
  submitted_at timestamptz(6),
  forced boolean not null,
  attempt integer not null,
  at_position bigint not null,
  position bigint,
  open boolean not null generated always as (status in ('draft', 'submitted')) stored
);
create index adjustments_created_at_id_idx on adjustments (created_at, id);
create index adjustments_number_order_idx on adjustments (number collate "C");
create index adjustments_open_created_at_idx on adjustments (created_at, id) where open;
-- What one person has submitted lately stands against a limit.
create index adjustments_submitted_idx on adjustments (submitted_by, submitted_at);

create table adjustment_lines (
  adjustment_id uuid not null references adjustments (id),
  line integer not null,
  sku text not null,
  location text not null,
  lot text,
  status text not null,
  unit text not null,
  expected numeric(20, 6) not null,
  counted numeric(20, 6) not null check (counted >= 0),
  at_position bigint not null,
  unit_cost numeric(22, 10),
  reason text,
  counted_by text not null,
  primary key (adjustment_id, line)
);

-- Why stock may be corrected: the manager's list.
create table adjustment_reasons (
  code text primary key,
  name text not null,
  active boolean not null,
  evidence_required boolean not null,
  place integer not null
);
insert into adjustment_reasons (code, name, active, evidence_required, place) values
  ('count', 'Count difference', true, false, 1),
  ('damage', 'Damaged', true, false, 2),
  ('loss', 'Lost or stolen', true, false, 3),
  ('found', 'Found', true, false, 4),
  ('error', 'Booked wrongly', true, false, 5);

-- What a group may correct without approval. A measure that is null is not looked at.
create table adjustment_limits (
  inventory_group text primary key,
  quantity numeric(20, 6),
  percent numeric(5, 2),
  value numeric(22, 4)
);
insert into adjustment_limits (inventory_group, quantity, percent, value) values
  ('user', 0, 0, 0), ('supervisor', 0, 0, 0), ('manager', 0, 0, 0);

-- Each list is replaced as a whole, and has a version.
create table adjustment_settings (
  name text primary key,
  version integer not null
);
insert into adjustment_settings (name, version) values ('reasons', 1), ('limits', 1);

-- The last unit cost that valuation told of each product, and where its entries were then.
create table last_unit_costs (
  sku text primary key,
  unit_cost numeric(22, 10) not null,
  position bigint not null
);
