-- Differences of count sheets that stand no more, beside those of adjustments: neither who counted them nor who counted otherwise scraps the
-- same goods right after that. One row for each of them.
alter table dropped_counts alter column adjustment_id drop not null;
alter table dropped_counts
  add column count_sheet_id uuid references count_sheets (id),
  add column counted_by text,
  add constraint dropped_counts_of_one_document check (
    num_nonnulls(adjustment_id, count_sheet_id) = 1 and (count_sheet_id is null) = (counted_by is null));
