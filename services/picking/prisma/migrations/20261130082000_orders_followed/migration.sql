-- Lines that an order's documents follow while the ledger is asked and a later revision waits for its answer.
ALTER TABLE orders ADD COLUMN followed jsonb;

-- What an order asked for too late, line by line: less than had come or gone by then.
CREATE TABLE order_changes_too_late (
  order_id uuid NOT NULL,
  revision integer NOT NULL,
  line integer NOT NULL,
  sku text NOT NULL,
  unit text NOT NULL,
  wanted numeric(20, 6) NOT NULL,
  done numeric(20, 6) NOT NULL,
  at timestamptz(6) NOT NULL,
  PRIMARY KEY (order_id, revision, line, sku)
);
