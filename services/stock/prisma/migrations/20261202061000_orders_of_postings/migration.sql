-- For which order a document was posted, and who its vendor or customer is, as its event says; null where it does not say, and before.
alter table postings
  add column order_source text,
  add column order_number text,
  add column partner_code text,
  add column partner_name text;
-- The order's line, where the document's event names it.
alter table moves add column order_line integer;
