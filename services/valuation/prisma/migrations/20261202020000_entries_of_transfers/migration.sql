-- A document has one entry, but for a transfer, which is posted several times: of each place in the ledger at most one.
create unique index entries_original_at_position on entries (document_id, position) where original;
drop index entries_original;
