-- Has a manager set a group's limit? Until then it is zero for adjustments, which are all approved, and none for what nobody approves.
alter table adjustment_limits add column is_set boolean not null default false;
update adjustment_limits set is_set = true
where quantity is distinct from 0 or percent is distinct from 0 or value is distinct from 0;

-- Counts that were taken off a draft, or entered anew: who counted them does not scrap the same goods right after that.
create table dropped_counts (
  adjustment_id uuid not null references adjustments (id),
  sku text not null,
  location text not null,
  lot text,
  status text not null,
  dropped_at timestamptz(6) not null
);
create index dropped_counts_dropped_at_idx on dropped_counts (dropped_at);
-- The same of what was rejected lately, and of sheets that were cancelled.
create index adjustments_rejected_idx on adjustments (changed_at) where status = 'rejected';
create index count_sheets_cancelled_idx on count_sheets (changed_at) where status = 'cancelled';

-- Lines of adjustments by what they are about.
create index adjustment_lines_sku_idx on adjustment_lines (sku, location);
create index adjustment_lines_location_idx on adjustment_lines (location);
create index adjustment_lines_lot_idx on adjustment_lines (lot) where lot is not null;
