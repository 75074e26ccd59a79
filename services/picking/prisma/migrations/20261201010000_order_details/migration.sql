-- What a document's order says besides goods and quantities; null where that says nothing.
ALTER TABLE receipts ADD COLUMN details jsonb;
ALTER TABLE deliveries ADD COLUMN details jsonb;
