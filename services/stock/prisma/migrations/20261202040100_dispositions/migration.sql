-- What is decided of goods that are here: another status, or scrap.
create table status_changes (
  id uuid primary key,
  number text not null unique,
  warehouse text not null,
  status text not null check (status in ('submitted', 'posted', 'rejected')),
  version integer not null,
  created_at timestamptz(6) not null,
  changed_at timestamptz(6) not null,
  locations text[] not null,
  reason text not null,
  note text,
  submitted_by text not null,
  problem text,
  position bigint,
  open boolean not null generated always as (status = 'submitted') stored
);
create index status_changes_created_at_id_idx on status_changes (created_at, id);
create index status_changes_number_order_idx on status_changes (number collate "C");
create index status_changes_open_created_at_idx on status_changes (created_at, id) where open;
-- What one person has posted lately stands against a limit.
create index status_changes_submitted_idx on status_changes (submitted_by, created_at);

create table status_change_lines (
  status_change_id uuid not null references status_changes (id),
  line integer not null,
  sku text not null,
  location text not null,
  lot text,
  status text not null,
  to_status text,
  quantity numeric(20, 6) not null check (quantity > 0),
  unit text not null,
  primary key (status_change_id, line)
);

create table scraps (
  id uuid primary key,
  number text not null unique,
  warehouse text not null,
  status text not null check (status in ('submitted', 'posted', 'rejected')),
  version integer not null,
  created_at timestamptz(6) not null,
  changed_at timestamptz(6) not null,
  locations text[] not null,
  reason text not null,
  note text,
  submitted_by text not null,
  problem text,
  position bigint,
  open boolean not null generated always as (status = 'submitted') stored
);
create index scraps_created_at_id_idx on scraps (created_at, id);
create index scraps_number_order_idx on scraps (number collate "C");
create index scraps_open_created_at_idx on scraps (created_at, id) where open;
create index scraps_submitted_idx on scraps (submitted_by, created_at);

create table scrap_lines (
  scrap_id uuid not null references scraps (id),
  line integer not null,
  sku text not null,
  location text not null,
  lot text,
  status text not null,
  to_status text,
  quantity numeric(20, 6) not null check (quantity > 0),
  unit text not null,
  primary key (scrap_id, line)
);
