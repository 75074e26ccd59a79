-- Who holds stock: the order that a delivery is for, as its system names it, and since when something is reserved for it. Null where a
-- version before wrote it: the next change of the delivery's demand says it.
ALTER TABLE needs
  ADD COLUMN order_source text,
  ADD COLUMN order_number text,
  ADD COLUMN reserved_since timestamptz;
CREATE INDEX needs_by_order ON needs (order_number, order_source) WHERE order_number IS NOT NULL;
