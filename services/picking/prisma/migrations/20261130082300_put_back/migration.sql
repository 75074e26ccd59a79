-- Goods that were picked for a delivery and are not wanted any more are to be put back.
ALTER TABLE deliveries ADD COLUMN puts_back boolean NOT NULL DEFAULT false;
CREATE INDEX deliveries_puts_back_idx ON deliveries (scheduled_date, id) WHERE puts_back;

UPDATE deliveries d SET puts_back = true
WHERE d.open AND EXISTS (
  SELECT 1 FROM delivery_lines l WHERE l.delivery_id = d.id AND l.needed < (
    SELECT coalesce(sum((pick ->> 'picked')::numeric), 0) FROM jsonb_array_elements(l.picks) AS pick));
