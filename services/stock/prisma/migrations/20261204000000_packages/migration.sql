-- Packages of deliveries, as picking publishes them. The ledger knows nothing of them: who reads joins them.
create table packages (
  id uuid primary key,
  number text not null,
  -- Null where picking knows nothing of it but its number.
  sscc text,
  status text not null check (status in ('open', 'closed', 'shipped', 'cancelled')),
  -- The delivery.
  document_id uuid not null,
  document text not null,
  -- Where the delivery took place as the package was changed last: what the location scope looks at.
  places text[] not null,
  -- Of the event that said so. An older one changes nothing.
  sequence bigint not null
);
create index packages_by_sscc on packages (sscc);

create table package_lines (
  package_id uuid not null references packages (id),
  line integer not null check (line >= 1),
  -- The delivery, and the line of it.
  document_id uuid not null,
  document_line integer not null,
  sku text not null,
  lot text,
  -- In the base unit.
  quantity numeric(20, 6) not null check (quantity > 0),
  unit text not null,
  primary key (package_id, line)
);
create index package_lines_by_document on package_lines (document_id, document_line);
