-- Adjustments of a count sheet are found by it: what the ledger refused of one is an adjustment of its own.
create index adjustments_by_count on adjustments (count_id) where count_id is not null;

-- What was counted of a place: a lot and a status. Null where a sheet was done before this was kept: then all of the place counts.
alter table count_results add column lot_id uuid, add column status text;
